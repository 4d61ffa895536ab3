#include "vector_index/dense/dense_sealed_segment.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "runtime/scoped_timer.h"
#include "vector_index/dense/dense_segment_files.h"
#include "vector_index/dense/filtered_plan.h"
#include "vector_index/dense/row_values.h"
#include "vector_index/graph/filtered_walk.h"
#include "vector_index/graph/graph_walk.h"
#include "vector_index/row_distance.h"
#include "vector_index/row_table.h"
#include "vector_index/top_hits.h"

namespace sextant::vector_index {
namespace {

// Rows scored between two looks at the clock while scanning.
constexpr uint32_t kRowsPerDeadlineCheck = 1024;
// Rows that a scan of codes scores as one batch.
constexpr size_t kScanBatch = 64;
// A scan finds every match and a walk most of them, so a scan may cost this much more.
constexpr double kScanPreference = 1.5;
// A scan finds every match: nothing is to be lost to codes that err more than those of the first rows did.
constexpr float kScanMargin = 2;
// Where the filter is against the query a walk needs many more candidates, so a scan may cost this much more again.
constexpr double kAgainstQueryFactor = 10;
// Fewer matches are scanned without a look at what else might be done.
constexpr size_t kFewMatches = 2000;
// A filtered walk sees fewer ways to each row, which costs recall; this many more candidates give it back.
constexpr double kFilteredWalkWidth = 1.5;
// A filter is tested row by row when it accepts at least this share of the segment, else looked up row by row.
constexpr uint32_t kLookUpShare = 8;
constexpr size_t kLookedUpAtOnce = 128;
// Walks keep their candidates in a sorted array, which is made for sizes below this.
constexpr uint32_t kMostWalkCandidates = 16384;
// Rows brought into memory at once when the rows are mapped.
constexpr size_t kTouchedBytes = size_t{1} << 20;
// Scattered rows asked of the disk at once: as many as keep a fast one busy.
constexpr size_t kRowsReadAtOnce = 64;
// Rows in memory are known some way ahead of their turn and asked for a few rows ahead, up to so many bytes of each.
constexpr size_t kRowsKnownAhead = 256;
// Rows in memory are read from so many places at once: the hardware fetches several streams ahead better than one.
constexpr uint32_t kStreams = 4;
constexpr size_t kRowsAskedAhead = 4;
constexpr size_t kMostPrefetchedBytes = 2048;
// Pass rate from which a plain walk with a few more candidates beats a filtered one.
constexpr double kPlainWalkRate = 0.8;

}  // namespace

struct DenseSealedSegment::Impl {
  Impl(SegmentFiles opened, storage::Placement rows_placement);

  size_t row_bytes() const { return size_t{spec.dim} * ValueBytes(spec.datatype); }
  const uint8_t* stored_row(uint32_t row) const { return files.rows + row * row_bytes(); }
  // The row as f32: where it lies, or in `scratch`.
  const float* Load(uint32_t row, RowScratch* scratch) const {
    return LoadValues(spec.datatype, stored_row(row), spec.dim, scratch);
  }

  // Calls visit(row) for every accepted row; stops with its error. Where many rows are accepted they are visited in
  // order, in `streams` parts of the segment by turns.
  template <typename Visitor>
  Status ForEachAccepted(const SearchRequest& request, Visitor&& visit, uint32_t streams = 1) const;

  // The same with the values of each row: visit(row, values).
  template <typename Visitor>
  Status ReadAccepted(const SearchRequest& request, Visitor&& visit) const;
  // The same of rows in memory, each asked for a few rows ahead.
  template <typename Visitor>
  Status ReadFromMemory(const SearchRequest& request, Visitor&& read) const;
  // The same where few rows, here and there, are accepted and may have to be read from the disk; read(row).
  template <typename Visitor>
  Status ReadScattered(const SearchRequest& request, Visitor&& read) const;

  CodeQuery Encode(const float* query, WalkScratch* walk) const;
  // The best k of `pool`, as the request wants them scored.
  // `margin`: rows are rescored as long as codes that err so many times as much as they did would let them belong to
  // the best.
  Result<std::vector<RowHit>> BestOf(const SearchRequest& request, const CandidatePool& pool, float margin,
                                     SearchStats* stats) const;
  // The same by their exact similarities.
  Result<std::vector<RowHit>> Rescore(const SearchRequest& request, const CandidatePool& pool, float margin,
                                      SearchStats* stats) const;
  // Asks for a row of which the values are in memory.
  void PrefetchRow(uint32_t row) const {
    const size_t bytes = std::min(row_bytes(), kMostPrefetchedBytes);
    for (size_t byte = 0; byte < bytes; byte += 64) __builtin_prefetch(stored_row(row) + byte);
  }
  // Whether rows must be touched before they are read: they may have to come from the disk, or to be verified.
  bool rows_need_touch() const { return rows_may_fault || !files.rows_file().verified(); }
  // Starts reading rows that TouchRows will bring into memory.
  void ReadRowsAhead(uint32_t first, uint32_t count) const;
  // Brings rows into memory and verifies them, where that is needed.
  Status TouchRows(uint32_t first, uint32_t count) const;

  // A search under a filter, its query coded; borrows all.
  struct FilteredQuery {
    const SearchRequest& request;
    const RowFilter& filter;
    CodeQuery query;
    uint32_t ef = 0;
  };
  // The best rows that pass are in scratch->results afterwards; *complete says whether these are enough.
  Status SearchFiltered(const SearchRequest& request, uint32_t ef, WalkScratch* scratch, SearchStats* stats,
                        bool* complete) const;
  // The same without clusters.
  Status WalkFiltered(const FilteredQuery& query, WalkScratch* scratch, SearchStats* stats, bool* complete) const;
  // The matches among the candidates of a walk with `walk_ef` of them.
  Status WalkPast(const FilteredQuery& query, uint32_t walk_ef, WalkScratch* scratch, SearchStats* stats) const;
  Result<std::vector<RowHit>> Scan(const SearchRequest& request, SearchStats* stats) const;
  Result<std::vector<RowHit>> Exact(const SearchRequest& request, SearchStats* stats) const;
  Result<std::vector<RowHit>> Walk(const SearchRequest& request, SearchStats* stats) const;

  SegmentFiles files;
  SegmentSpec spec;
  bool rows_may_fault;
  std::unique_ptr<quantizer::Codec> codec;
  CodeRows codes;
  GraphLinks links;
  std::optional<RecallCurve> recall;
  RowClusters clusters;  // none: count() 0
  std::optional<ProbeCurve> probes;
  std::vector<uint32_t> ordinals;  // a copy in memory: filters ask for them at random
  RowTable rows_of;
  Liveness liveness;
  RowDistance distance;
  mutable ScratchPool scratch_pool;
};

DenseSealedSegment::Impl::Impl(SegmentFiles opened, storage::Placement rows_placement)
    : files(std::move(opened)),
      spec{.kind = VectorKind::kDense,
           .datatype = static_cast<Datatype>(files.header.datatype),
           .dim = files.header.dim,
           .distance = static_cast<Distance>(files.header.distance),
           .m = files.header.m,
           .ef_construct = files.header.ef_construct,
           .build_graph = files.header.degree > 0,
           .codes = CodeChoiceOf(files.header)},
      rows_may_fault(rows_placement == storage::Placement::kMapped && !files.rows_file().file().pinned()),
      codec(quantizer::MakeCodec({.format = static_cast<CodeFormat>(files.header.code_format),
                                  .distance = spec.distance,
                                  .dim = spec.dim,
                                  .step = files.header.step,
                                  .center = files.center})),
      codes{.codes = files.codes,
            .stride = codec->code_stride(),
            .rows = files.header.rows,
            .terms = files.terms,
            .lifts = nullptr,
            .kernel = codec->kernel()},
      links(files.links, files.header.degree),
      clusters{.starts = files.cluster_starts,
               .members = files.cluster_members,
               .centers = {.codes = files.center_codes.data(),
                           .stride = codec->code_stride(),
                           .rows = files.header.cluster_count,
                           .terms = files.center_terms.data(),
                           .lifts = nullptr,
                           .kernel = codec->kernel()}},
      ordinals(files.identities.ordinals, files.identities.ordinals + files.header.rows),
      rows_of(ordinals.data(), files.identities.rows_by_ordinal, files.header.rows),
      liveness(files.header.rows),
      distance(spec.distance, spec.datatype) {
  if (rows_may_fault) files.rows_file().file().AdviseRandom();
  if (!files.recall.empty()) recall.emplace(files.recall);
  if (!files.probes.empty()) probes.emplace(files.probes);
}

void DenseSealedSegment::Impl::ReadRowsAhead(uint32_t first, uint32_t count) const {
  if (rows_need_touch()) files.rows_file().ReadAhead(first * row_bytes(), count * row_bytes());
}

Status DenseSealedSegment::Impl::TouchRows(uint32_t first, uint32_t count) const {
  return rows_need_touch() ? files.rows_file().Touch(first * row_bytes(), count * row_bytes()) : OkStatus();
}

template <typename Visitor>
Status DenseSealedSegment::Impl::ForEachAccepted(const SearchRequest& request, Visitor&& visit,
                                                 uint32_t streams) const {
  const RowFilter filter(request, liveness, ordinals.data());
  uint32_t seen = 0;
  Status status;
  const auto step = [&](uint32_t row) {
    status = ++seen % kRowsPerDeadlineCheck == 0 ? request.deadline.Check() : OkStatus();
    if (status.ok()) status = visit(row);
    return status.ok();
  };
  if (request.accept != nullptr && request.accept->size() < codes.rows / kLookUpShare) {
    // Looked up several at a time, so that their misses overlap.
    std::array<Ordinal, kLookedUpAtOnce> waiting;
    size_t count = 0;
    const auto look_up = [&] {
      for (size_t i = 0; i < count; ++i) {
        const std::optional<uint32_t> row = rows_of.Find(waiting[i]);
        if (row && liveness.IsLive(*row, request.view) && !step(*row)) return false;
      }
      count = 0;
      return true;
    };
    request.accept->ForEach([&](Ordinal ordinal) {
      rows_of.Prefetch(ordinal);
      waiting[count++] = ordinal;
      return count < waiting.size() || look_up();
    });
    if (status.ok()) look_up();
    return status;
  }
  const bool all = filter.AcceptsAll();
  const uint32_t stream_rows = codes.rows / streams, in_streams = streams * stream_rows;
  for (uint32_t first = 0; first < stream_rows; ++first)
    for (uint32_t row = first; row < in_streams; row += stream_rows)
      if ((all || filter.Accepts(row)) && !step(row)) return status;
  for (uint32_t row = in_streams; row < codes.rows; ++row)
    if ((all || filter.Accepts(row)) && !step(row)) return status;
  return status;
}

CodeQuery DenseSealedSegment::Impl::Encode(const float* query, WalkScratch* walk) const {
  walk->query_code.resize(codec->query_stride());
  walk->floats.resize(spec.dim);
  RowScratch normalized;
  const quantizer::QueryTerms terms =
      codec->EncodeQuery(ComparableValues(spec, query, &normalized), walk->query_code.data(), walk->floats.data());
  return {walk->query_code.data(), terms, 0};
}

Result<std::vector<RowHit>> DenseSealedSegment::Impl::BestOf(const SearchRequest& request, const CandidatePool& pool,
                                                             float margin, SearchStats* stats) const {
  if (request.rescore) return Rescore(request, pool, margin, stats);
  std::vector<RowHit> hits(std::min<size_t>(request.k, pool.size()));
  for (size_t i = 0; i < hits.size(); ++i) hits[i] = {pool.similarity(i), pool.row(i)};
  return hits;
}

Result<std::vector<RowHit>> DenseSealedSegment::Impl::Rescore(const SearchRequest& request, const CandidatePool& pool,
                                                              float margin, SearchStats* stats) const {
  const ScopedTimer timer(request.trace != nullptr ? &request.trace->rescoring_seconds : nullptr);
  // Codes err: at least twice k candidates are rescored, then as many more as could still belong to the best k if
  // codes err by no more than they did so far.
  const size_t first = std::min(pool.size(), std::max<size_t>(2 * size_t{request.k}, request.k + 16));
  constexpr size_t kStep = 8;
  RowScratch scratch;
  std::vector<RowHit> hits;
  hits.reserve(first + kStep);
  float error = 0;
  const auto rescore = [&](size_t begin, size_t end) -> Status {
    for (size_t i = begin; i < end; ++i) rows_need_touch() ? ReadRowsAhead(pool.row(i), 1) : PrefetchRow(pool.row(i));
    for (size_t i = begin; i < end; ++i) {
      RETURN_IF_ERROR(TouchRows(pool.row(i), 1));
      float exact = distance.Similarity(request.query.values.data(), Load(pool.row(i), &scratch), spec.dim);
      if (exact != exact) exact = -INFINITY;
      error = std::max(error, std::fabs(exact - pool.similarity(i)));
      hits.push_back({exact, pool.row(i)});
    }
    return OkStatus();
  };
  RETURN_IF_ERROR(rescore(0, first));
  const size_t k = std::min<size_t>(request.k, hits.size());
  while (hits.size() < pool.size() && k > 0) {
    std::nth_element(hits.begin(), hits.begin() + static_cast<ptrdiff_t>(k - 1), hits.end(), IsBetter);
    if (pool.similarity(hits.size()) + margin * error < hits[k - 1].similarity) break;
    RETURN_IF_ERROR(rescore(hits.size(), std::min(pool.size(), hits.size() + kStep)));
  }
  stats->rows_rescored += hits.size();
  std::partial_sort(hits.begin(), hits.begin() + static_cast<ptrdiff_t>(k), hits.end(), IsBetter);
  hits.resize(k);
  return hits;
}

Result<std::vector<RowHit>> DenseSealedSegment::Impl::Scan(const SearchRequest& request, SearchStats* stats) const {
  const uint64_t kept = std::max<uint64_t>(request.ef, uint64_t{4} * request.k);
  if (kept > kMostWalkCandidates || request.k == 0) return Exact(request, stats);
  ++stats->scans;
  ScratchPool::Lease lease = scratch_pool.Borrow();
  lease->ReserveBatch(kScanBatch);
  lease->results.Reset(std::min<size_t>(kept, codes.rows));
  const CodeQuery query = Encode(request.query.values.data(), &*lease);
  size_t count = 0;
  RETURN_IF_ERROR(ForEachAccepted(request, [&](uint32_t row) {
    lease->batch[count++] = row;
    PrefetchRowCode(codes, row);
    if (count < kScanBatch) return OkStatus();
    ScoreBatchInto(codes, query, count, &*lease, &lease->results);
    stats->rows_scored += count;
    count = 0;
    return OkStatus();
  }));
  ScoreBatchInto(codes, query, count, &*lease, &lease->results);
  stats->rows_scored += count;
  return BestOf(request, lease->results, kScanMargin, stats);
}

template <typename Visitor>
Status DenseSealedSegment::Impl::ReadAccepted(const SearchRequest& request, Visitor&& visit) const {
  RowScratch scratch;
  const auto read = [&](uint32_t row) { return visit(row, VectorRef{{Load(row, &scratch), spec.dim}, {}}); };
  if (!rows_need_touch()) return ReadFromMemory(request, read);
  if (request.accept != nullptr && request.accept->size() < codes.rows / kLookUpShare)
    return ReadScattered(request, read);
  const uint32_t stretch = static_cast<uint32_t>(std::max<size_t>(1, kTouchedBytes / row_bytes()));
  uint32_t populated = 0;  // rows before it are in memory; rows are visited in order
  return ForEachAccepted(request, [&](uint32_t row) -> Status {
    if (row >= populated) {
      RETURN_IF_ERROR(TouchRows(row, stretch));
      ReadRowsAhead(row + stretch, stretch);
      populated = row + stretch;
    }
    return read(row);
  });
}

template <typename Visitor>
Status DenseSealedSegment::Impl::ReadFromMemory(const SearchRequest& request, Visitor&& read) const {
  std::array<uint32_t, kRowsKnownAhead> rows;
  size_t count = 0;
  const auto read_all = [&]() -> Status {
    for (size_t i = 0; i < std::min(kRowsAskedAhead, count); ++i) PrefetchRow(rows[i]);
    for (size_t i = 0; i < count; ++i) {
      if (i + kRowsAskedAhead < count) PrefetchRow(rows[i + kRowsAskedAhead]);
      RETURN_IF_ERROR(read(rows[i]));
    }
    count = 0;
    return OkStatus();
  };
  const auto add = [&](uint32_t row) {
    rows[count++] = row;
    return count == rows.size() ? read_all() : OkStatus();
  };
  RETURN_IF_ERROR(ForEachAccepted(request, add, kStreams));
  return read_all();
}

template <typename Visitor>
Status DenseSealedSegment::Impl::ReadScattered(const SearchRequest& request, Visitor&& read) const {
  std::vector<uint32_t> waiting;
  const auto read_waiting = [&]() -> Status {
    for (const uint32_t row : waiting) ReadRowsAhead(row, 1);
    for (const uint32_t row : waiting) {
      RETURN_IF_ERROR(TouchRows(row, 1));
      RETURN_IF_ERROR(read(row));
    }
    waiting.clear();
    return OkStatus();
  };
  RETURN_IF_ERROR(ForEachAccepted(request, [&](uint32_t row) {
    waiting.push_back(row);
    return waiting.size() < kRowsReadAtOnce ? OkStatus() : read_waiting();
  }));
  return read_waiting();
}

Result<std::vector<RowHit>> DenseSealedSegment::Impl::Exact(const SearchRequest& request, SearchStats* stats) const {
  ++stats->scans;
  TopHits top(std::min(request.k, codes.rows));
  RETURN_IF_ERROR(ReadAccepted(request, [&](uint32_t row, VectorRef values) {
    top.Offer(distance.Similarity(request.query.values.data(), values.values.data(), spec.dim), row);
    ++stats->rows_scored;
    return OkStatus();
  }));
  return top.Take();
}

Status DenseSealedSegment::Impl::SearchFiltered(const SearchRequest& request, uint32_t ef, WalkScratch* scratch,
                                                SearchStats* stats, bool* complete) const {
  const RowFilter filter(request, liveness, ordinals.data());
  *complete = false;
  if (request.accept != nullptr && request.accept->size() < kFewMatches) return OkStatus();
  const FilteredQuery query{
      .request = request, .filter = filter, .query = Encode(request.query.values.data(), scratch), .ef = ef};
  if (!recall || !probes) return WalkFiltered(query, scratch, stats, complete);
  const PassSample passes = SamplePasses(filter, clusters, request);
  if (request.trace != nullptr) request.trace->sampled_pass_rate = passes.rate;
  const FilteredPlan plan = PlanFilteredSearch({.rows = codes.rows,
                                                .k = request.k,
                                                .ef = ef,
                                                .passes = passes,
                                                .walks = *recall,
                                                .probes = *probes,
                                                .clusters = clusters});
  if (plan.way == FilteredWay::kWalk) {
    RETURN_IF_ERROR(WalkPast(query, plan.walk_ef, scratch, stats));
    *complete =
        scratch->results.size() >= request.k &&
        (scratch->results.full() || !IsAgainstQuery(scratch->results.size(), scratch->pool.size(), passes.rate));
    if (*complete) ++stats->graph_searches;
  }
  const FilteredWay left = plan.way == FilteredWay::kWalk ? plan.after_walk : plan.way;
  if (*complete || left == FilteredWay::kScan) return OkStatus();
  scratch->results.Reset(std::min<size_t>(std::max<uint64_t>(ef, uint64_t{4} * request.k), codes.rows));
  ASSIGN_OR_RETURN(*complete,
                   ProbeClusters({clusters, codes, query.query, filter, *probes, plan.probe}, request, scratch, stats));
  if (*complete) ++stats->probes;
  return OkStatus();
}

Status DenseSealedSegment::Impl::WalkPast(const FilteredQuery& query, uint32_t walk_ef, WalkScratch* scratch,
                                          SearchStats* stats) const {
  const WalkTask task{codes, query.query, files.entries, walk_ef, &query.request.deadline};
  RETURN_IF_ERROR(WalkGraph(links, task, scratch, stats));
  scratch->results.Reset(query.ef);
  const CandidatePool& met = scratch->pool;
  for (size_t i = 0; i < met.size() && !scratch->results.full(); ++i)
    if (query.filter.Accepts(met.row(i))) scratch->results.Insert(met.similarity(i), met.row(i));
  return OkStatus();
}

Status DenseSealedSegment::Impl::WalkFiltered(const FilteredQuery& query, WalkScratch* scratch, SearchStats* stats,
                                              bool* complete) const {
  const SearchRequest& request = query.request;
  const auto width = static_cast<size_t>(query.ef * kFilteredWalkWidth);
  const double cheapest_walk = FilteredWalkCost(1, width, links.slots());
  if (request.accept != nullptr && static_cast<double>(request.accept->size()) < cheapest_walk) return OkStatus();
  const FilterSample sample = SampleFilter(query.filter, codes, query.query, scratch);
  if (request.trace != nullptr) request.trace->sampled_pass_rate = sample.pass_rate;
  // Bounded from above by what the accept set holds in all of the shard.
  double matches = sample.pass_rate * codes.rows;
  if (request.accept != nullptr) matches = std::min(matches, static_cast<double>(request.accept->size()));
  const double walk_cost = FilteredWalkCost(sample.pass_rate, width, links.slots());
  const double preference = kScanPreference * (sample.IsAgainstQuery() ? kAgainstQueryFactor : 1);
  if (matches < preference * walk_cost) return OkStatus();

  if (sample.pass_rate >= kPlainWalkRate) {
    RETURN_IF_ERROR(WalkPast(query, static_cast<uint32_t>(std::ceil(query.ef / sample.pass_rate)), scratch, stats));
    // Where the filter is against the query, the plain walk ends among rejected rows.
    *complete = scratch->results.size() >= std::min<size_t>(query.ef, std::max<size_t>(request.k, query.ef / 2));
  }
  if (!*complete) {
    scratch->results.Reset(width);
    bool gave_up = false;
    FilteredWalk filtered({links, codes, files.entries}, query.filter, scratch);
    RETURN_IF_ERROR(filtered.Run(query.query, sample, request, stats, &gave_up));
    *complete = !gave_up && scratch->results.size() >= request.k;
  }
  if (*complete) ++stats->graph_searches;
  return OkStatus();
}

Result<std::vector<RowHit>> DenseSealedSegment::Impl::Walk(const SearchRequest& request, SearchStats* stats) const {
  const uint32_t ef = std::min(std::max(request.ef, request.k), codes.rows);
  if (request.k == 0) return std::vector<RowHit>();
  if (ef > kMostWalkCandidates) return Exact(request, stats);
  ScratchPool::Lease lease = scratch_pool.Borrow();
  const RowFilter filter(request, liveness, ordinals.data());
  bool complete = false;
  const CandidatePool* found = &lease->pool;
  if (filter.AcceptsAll()) {
    const CodeQuery query = Encode(request.query.values.data(), &*lease);
    RETURN_IF_ERROR(WalkGraph(links, {codes, query, files.entries, ef, &request.deadline}, &*lease, stats));
    complete = lease->pool.size() >= std::min(request.k, codes.rows);
  } else {
    RETURN_IF_ERROR(SearchFiltered(request, ef, &*lease, stats, &complete));
    found = &lease->results;
  }
  // Too few matches, a filter that cuts the graph apart, similarities that overflow: a scan answers them all.
  if (!complete) return Scan(request, stats);
  if (filter.AcceptsAll()) ++stats->graph_searches;
  return BestOf(request, *found, 1, stats);
}

DenseSealedSegment::DenseSealedSegment(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DenseSealedSegment::~DenseSealedSegment() = default;

Result<std::shared_ptr<DenseSealedSegment>> DenseSealedSegment::Open(storage::FileSystem* fs,
                                                                     const std::string& directory,
                                                                     const SegmentPlacement& placement) {
  ASSIGN_OR_RETURN(SegmentFiles files, OpenSegmentFiles(fs, directory, placement));
  return std::shared_ptr<DenseSealedSegment>(
      new DenseSealedSegment(std::make_unique<Impl>(std::move(files), placement.rows)));
}

const GraphLinks& DenseSealedSegment::links() const {
  return impl_->links;
}
const SegmentSpec& DenseSealedSegment::spec() const {
  return impl_->spec;
}
uint32_t DenseSealedSegment::rows() const {
  return impl_->codes.rows;
}
bool DenseSealedSegment::has_graph() const {
  return impl_->spec.build_graph;
}
const RecallCurve* DenseSealedSegment::recall_curve() const {
  return impl_->recall ? &*impl_->recall : nullptr;
}
Result<bool> DenseSealedSegment::VerifyMore(uint64_t most_bytes) const {
  return impl_->files.rows_file().VerifyMore(most_bytes);
}
Status DenseSealedSegment::TouchRow(uint32_t row) const {
  return impl_->TouchRows(row, 1);
}
VectorRef DenseSealedSegment::Row(uint32_t row, RowScratch* scratch) const {
  return {{impl_->Load(row, scratch), impl_->spec.dim}, {}};
}
Ordinal DenseSealedSegment::ordinal(uint32_t row) const {
  return Ordinal{impl_->ordinals[row]};
}

RowIdentity DenseSealedSegment::identity(uint32_t row) const {
  return impl_->files.identities.identity(row);
}

std::optional<uint32_t> DenseSealedSegment::RowOf(Ordinal ordinal) const {
  return impl_->rows_of.Find(ordinal);
}

void DenseSealedSegment::Retire(uint32_t row, OperationNumber op) {
  impl_->liveness.Retire(row, op);
}
const Liveness& DenseSealedSegment::liveness() const {
  return impl_->liveness;
}

Result<std::vector<RowHit>> DenseSealedSegment::SearchGraph(const SearchRequest& request, SearchStats* stats) const {
  return impl_->Walk(request, stats);
}
Result<std::vector<RowHit>> DenseSealedSegment::SearchExact(const SearchRequest& request, SearchStats* stats) const {
  return impl_->Exact(request, stats);
}
Result<std::vector<RowHit>> DenseSealedSegment::SearchScan(const SearchRequest& request, SearchStats* stats) const {
  return impl_->Scan(request, stats);
}
Status DenseSealedSegment::VisitRows(const SearchRequest& request, RowVisitor visit) const {
  return impl_->ReadAccepted(request, visit);
}

uint64_t DenseSealedSegment::value_bytes() const {
  return uint64_t{rows()} * impl_->row_bytes();
}

uint64_t DenseSealedSegment::disk_bytes() const {
  uint64_t bytes = sizeof(SegmentHeader) + impl_->files.center.size() * sizeof(float);
  for (const auto& file : impl_->files.files) bytes += file == nullptr ? 0 : file->file().bytes().size();
  return bytes;
}

uint64_t DenseSealedSegment::resident_bytes() const {
  uint64_t bytes = impl_->ordinals.size() * sizeof(uint32_t) + impl_->rows_of.memory_bytes() +
                   uint64_t{rows()} * sizeof(uint64_t) + rows() / 8;
  for (const auto& file : impl_->files.files)
    if (file != nullptr && file->file().pinned()) bytes += file->file().bytes().size();
  return bytes;
}

}  // namespace sextant::vector_index
