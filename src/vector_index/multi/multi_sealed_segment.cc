#include "vector_index/multi/multi_sealed_segment.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "vector_index/dense/row_values.h"
#include "vector_index/multi/max_sim.h"
#include "vector_index/multi/multi_segment_files.h"
#include "vector_index/multi/token_index.h"
#include "vector_index/multi/work_clock.h"
#include "vector_index/row_filter.h"
#include "vector_index/row_table.h"
#include "vector_index/top_hits.h"

namespace sextant::vector_index {
namespace {

// Rows visited between two looks at the clock.
constexpr uint32_t kRowsPerDeadlineCheck = 1024;
// A filter is tested row by row when it accepts at least this share of the segment, else looked up row by row.
constexpr uint32_t kLookUpShare = 8;
// Bytes brought into memory at once when the rows are mapped.
constexpr uint64_t kPopulateBytes = uint64_t{1} << 20;

// Candidates are scored until so many times more were than up to the last one that belongs to the best k.
constexpr uint32_t kPatience = 4;

SegmentSpec SpecOf(const MultiHeader& header) {
  return {.kind = VectorKind::kMulti,
          .datatype = static_cast<Datatype>(header.datatype),
          .dim = header.dim,
          .distance = static_cast<Distance>(header.distance),
          .m = header.m,
          .ef_construct = header.ef_construct,
          .build_graph = header.degree > 0};
}

}  // namespace

struct MultiSealedSegment::Impl {
  Impl(MultiSegmentFiles opened, storage::Placement rows_placement);

  size_t token_bytes() const { return spec.dim * ValueBytes(spec.datatype); }
  VectorRef Row(uint32_t row, RowScratch* scratch) const {
    const size_t count = (files.offsets[row + 1] - files.offsets[row]) * spec.dim;
    return {{LoadValues(spec.datatype, files.values + files.offsets[row] * token_bytes(), count, scratch), count}, {}};
  }
  // Brings rows into memory where touching them could fail or stall for long: all from `first` that lie, in part, in
  // the next `bytes` bytes. Returns the row after them.
  Result<uint32_t> PopulateRows(uint32_t first, uint64_t bytes) const;

  // Calls visit(row, values) for every accepted row; stops with its error. In no promised order.
  Status Visit(const SearchRequest& request, RowVisitor visit) const;
  Result<std::vector<RowHit>> Exact(const SearchRequest& request, SearchStats* stats) const;
  Result<std::vector<RowHit>> Walk(const SearchRequest& request, SearchStats* stats) const;
  enum class Effort { kOneRound, kAll };
  // Scores the first of `candidates`, which stand in the order of their bounds, until the best k are likely found among
  // them. Nothing where they are not, by one round or all, or where there are fewer than k.
  Result<std::optional<std::vector<RowHit>>> Rescore(const SearchRequest& request, const BoundedRows& candidates,
                                                     Effort effort, SearchStats* stats) const;

  MultiSegmentFiles files;
  SegmentSpec spec;
  bool rows_may_fault;
  std::vector<uint32_t> ordinals;  // a copy in memory: filters ask for them at random
  RowTable rows_of;
  Liveness liveness;
  std::unique_ptr<TokenIndex> tokens;  // null without a graph
};

MultiSealedSegment::Impl::Impl(MultiSegmentFiles opened, storage::Placement rows_placement)
    : files(std::move(opened)),
      spec(SpecOf(files.header)),
      rows_may_fault(rows_placement == storage::Placement::kMapped && !files.file(MultiFile::kRows)->file().pinned()),
      ordinals(files.identities.ordinals, files.identities.ordinals + files.header.rows),
      rows_of(ordinals.data(), files.identities.rows_by_ordinal, files.header.rows),
      liveness(files.header.rows) {
  if (files.has_graph()) tokens = std::make_unique<TokenIndex>(files, spec);
}

Result<uint32_t> MultiSealedSegment::Impl::PopulateRows(uint32_t first, uint64_t bytes) const {
  const uint64_t begin = files.offsets[first] * token_bytes();
  const auto after =
      std::lower_bound(files.offsets.begin() + first + 1, files.offsets.end() - 1, (begin + bytes) / token_bytes());
  if (rows_may_fault)
    RETURN_IF_ERROR(files.file(MultiFile::kRows)->file().Populate(begin, *after * token_bytes() - begin));
  return static_cast<uint32_t>(after - files.offsets.begin());
}

Status MultiSealedSegment::Impl::Visit(const SearchRequest& request, RowVisitor visit) const {
  RowScratch scratch;
  uint32_t seen = 0, populated = 0;  // rows before `populated` are in memory, when rows are visited in order
  const auto step = [&](uint32_t row, uint64_t bytes) -> Status {
    if (seen++ % kRowsPerDeadlineCheck == 0) RETURN_IF_ERROR(request.deadline.Check());
    if (bytes == 0 || row >= populated) {
      ASSIGN_OR_RETURN(populated, PopulateRows(row, bytes));
    }
    return visit(row, Row(row, &scratch));
  };
  if (request.accept != nullptr && request.accept->size() < files.header.rows / kLookUpShare) {
    Status status;
    request.accept->ForEach([&](Ordinal ordinal) {
      const std::optional<uint32_t> row = rows_of.Find(ordinal);
      if (row && liveness.IsLive(*row, request.view)) status = step(*row, 0);
      return status.ok();
    });
    return status;
  }
  const RowFilter filter(request, liveness, ordinals.data());
  const bool all = filter.AcceptsAll();
  for (uint32_t row = 0; row < files.header.rows; ++row)
    if (all || filter.Accepts(row)) RETURN_IF_ERROR(step(row, kPopulateBytes));
  return OkStatus();
}

Result<std::vector<RowHit>> MultiSealedSegment::Impl::Exact(const SearchRequest& request, SearchStats* stats) const {
  ++stats->scans;
  TopHits top(std::min(request.k, files.header.rows));
  if (request.k == 0) return top.Take();
  MaxSim max_sim(spec, request.query.values);
  WorkClock clock(request.deadline);
  const auto score = [&](uint32_t row, VectorRef values) -> Status {
    RETURN_IF_ERROR(clock.Spend(max_sim.query_rows() * values.size()));
    top.Offer(max_sim.Similarity(values.values), row);
    ++stats->rows_scored;
    return OkStatus();
  };
  RETURN_IF_ERROR(Visit(request, score));
  return top.Take();
}

Result<std::vector<RowHit>> MultiSealedSegment::Impl::Walk(const SearchRequest& request, SearchStats* stats) const {
  if (request.k == 0) return std::vector<RowHit>();
  for (size_t width = std::max(request.ef, request.k);; width *= 2) {
    ASSIGN_OR_RETURN(const std::optional<BoundedRows> candidates, tokens->FindRows(request, width, stats));
    if (!candidates) return Exact(request, stats);
    ASSIGN_OR_RETURN(std::optional<std::vector<RowHit>> hits, Rescore(request, *candidates, Effort::kOneRound, stats));
    // Bounds may not tell the best rows from others: no row of the query finds them alone. Where few rows have all the
    // tokens found, more tokens are looked for instead.
    if (!hits && request.query.values.size() > spec.dim && candidates->rows.size() >= width) {
      ASSIGN_OR_RETURN(std::optional<BoundedRows> nearer, tokens->WalkRows(request, width, *candidates, stats));
      ASSIGN_OR_RETURN(hits, Rescore(request, nearer ? *nearer : *candidates, Effort::kAll, stats));
    }
    if (!hits) continue;
    ++stats->graph_searches;
    return *std::move(hits);
  }
}

Result<std::optional<std::vector<RowHit>>> MultiSealedSegment::Impl::Rescore(const SearchRequest& request,
                                                                             const BoundedRows& candidates,
                                                                             Effort effort, SearchStats* stats) const {
  const size_t k = std::min(request.k, files.header.rows);
  if (candidates.rows.size() < k) return std::optional<std::vector<RowHit>>();
  MaxSim max_sim(spec, request.query.values);
  WorkClock clock(request.deadline);
  RowScratch scratch;
  std::vector<RowHit> hits;  // `row` is the rank among the candidates
  float error = 0;           // codes err, so bounds may be too low: by no more than they were so far
  bool settled = false;
  for (size_t end = std::max<size_t>(2 * k, k + 16); !settled && hits.size() < candidates.rows.size();) {
    end = std::min(end, candidates.rows.size());
    for (auto rank = static_cast<uint32_t>(hits.size()); rank < end; ++rank) {
      const auto [bound, row] = candidates.rows[rank];
      RETURN_IF_ERROR(PopulateRows(row, 0).status());
      const VectorRef values = Row(row, &scratch);
      RETURN_IF_ERROR(clock.Spend(max_sim.query_rows() * values.size()));
      float exact = max_sim.Similarity(values.values);
      if (exact != exact) exact = -INFINITY;
      error = std::max(error, exact - bound);
      hits.push_back({exact, rank});
    }
    const auto best_end = hits.begin() + static_cast<ptrdiff_t>(k);
    std::nth_element(hits.begin(), best_end - 1, hits.end(), IsBetter);
    const float kth = (best_end - 1)->similarity;
    uint32_t deepest = 0;
    for (auto hit = hits.begin(); hit != best_end; ++hit) deepest = std::max(deepest, hit->row + 1);
    const size_t patient_end = size_t{kPatience} * deepest;
    // Nothing further down can be among the best k, or nothing has been for long.
    const float next = end < candidates.rows.size() ? candidates.rows[end].similarity : candidates.rest;
    settled = next + error < kth || end >= patient_end;
    if (effort == Effort::kOneRound) break;
    end = std::min(patient_end, end + end / 2);
  }
  stats->rows_rescored += hits.size();
  if (!settled) return std::optional<std::vector<RowHit>>();
  for (RowHit& hit : hits) hit.row = candidates.rows[hit.row].row;
  std::partial_sort(hits.begin(), hits.begin() + static_cast<ptrdiff_t>(k), hits.end(), IsBetter);
  hits.resize(k);
  return std::optional(std::move(hits));
}

MultiSealedSegment::MultiSealedSegment(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MultiSealedSegment::~MultiSealedSegment() = default;

Result<std::shared_ptr<MultiSealedSegment>> MultiSealedSegment::Open(storage::FileSystem* fs,
                                                                     const std::string& directory,
                                                                     const SegmentPlacement& placement) {
  ASSIGN_OR_RETURN(MultiSegmentFiles files, OpenMultiSegmentFiles(fs, directory, placement));
  auto impl = std::make_unique<Impl>(std::move(files), placement.rows);
  return std::shared_ptr<MultiSealedSegment>(new MultiSealedSegment(std::move(impl)));
}

const SegmentSpec& MultiSealedSegment::spec() const {
  return impl_->spec;
}
uint32_t MultiSealedSegment::rows() const {
  return impl_->files.header.rows;
}
bool MultiSealedSegment::has_graph() const {
  return impl_->tokens != nullptr;
}
VectorRef MultiSealedSegment::Row(uint32_t row, RowScratch* scratch) const {
  return impl_->Row(row, scratch);
}
RowIdentity MultiSealedSegment::identity(uint32_t row) const {
  return impl_->files.identities.identity(row);
}
Ordinal MultiSealedSegment::ordinal(uint32_t row) const {
  return Ordinal{impl_->ordinals[row]};
}
std::optional<uint32_t> MultiSealedSegment::RowOf(Ordinal ordinal) const {
  return impl_->rows_of.Find(ordinal);
}

void MultiSealedSegment::Retire(uint32_t row, OperationNumber op) {
  impl_->liveness.Retire(row, op);
  if (impl_->tokens != nullptr) impl_->tokens->Retire(row, op);
}
const Liveness& MultiSealedSegment::liveness() const {
  return impl_->liveness;
}

Result<std::vector<RowHit>> MultiSealedSegment::SearchGraph(const SearchRequest& request, SearchStats* stats) const {
  return impl_->Walk(request, stats);
}
Result<std::vector<RowHit>> MultiSealedSegment::SearchScan(const SearchRequest& request, SearchStats* stats) const {
  return impl_->Exact(request, stats);
}
Result<std::vector<RowHit>> MultiSealedSegment::SearchExact(const SearchRequest& request, SearchStats* stats) const {
  return impl_->Exact(request, stats);
}
Status MultiSealedSegment::VisitRows(const SearchRequest& request, RowVisitor visit) const {
  return impl_->Visit(request, visit);
}

uint64_t MultiSealedSegment::value_bytes() const {
  return impl_->files.header.tokens * impl_->token_bytes();
}
uint64_t MultiSealedSegment::disk_bytes() const {
  uint64_t bytes = sizeof(MultiHeader) + impl_->files.center.size() * sizeof(float);
  for (const auto& file : impl_->files.files) bytes += file == nullptr ? 0 : file->file().bytes().size();
  return bytes;
}
uint64_t MultiSealedSegment::resident_bytes() const {
  uint64_t bytes = impl_->ordinals.size() * sizeof(uint32_t) + impl_->rows_of.memory_bytes() +
                   uint64_t{rows()} * sizeof(uint64_t) + rows() / 8;
  if (impl_->tokens != nullptr) bytes += impl_->tokens->memory_bytes();
  for (const auto& file : impl_->files.files)
    if (file != nullptr && file->file().pinned()) bytes += file->file().bytes().size();
  return bytes;
}

}  // namespace sextant::vector_index
