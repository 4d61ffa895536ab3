#include "vector_index/sparse/sparse_sealed_segment.h"

#include <algorithm>

#include "vector_index/best_hits.h"
#include "vector_index/row_filter.h"
#include "vector_index/row_table.h"
#include "vector_index/sparse/posting_search.h"
#include "vector_index/sparse/row_scorer.h"

namespace sextant::vector_index {
namespace {

// Rows or postings handled between two looks at the clock.
constexpr uint32_t kStepsPerDeadlineCheck = 4096;
// Reaching a row by its ordinal costs about as much as adding so many postings, besides its elements.
constexpr uint64_t kRowCost = 64;

}  // namespace

struct SparseSealedSegment::Impl {
  Impl(SparseSegmentFiles opened, const SegmentPlacement& placement);

  // Brings what will be read into memory where touching it could fail or stall for long.
  Status PopulateRow(uint32_t row) const;
  Status PopulatePostings(const PostingEntry& entry) const;
  // The entry of an index; null: no row holds it.
  const PostingEntry* FindEntry(uint32_t index) const;
  // Whether reading the accepted rows one by one is cheaper than reading `postings` postings.
  bool FewAccepted(const OrdinalSet* accept, uint64_t postings) const;
  // Calls visit(row) for every live row of the accept set; stops with its error.
  template <typename Visitor>
  Status ForEachAccepted(const SearchRequest& limits, Visitor&& visit) const;

  RowScorer ScorerOf(VectorRef query) const;
  PostingList ListOf(const PostingEntry& entry, float query_weight) const;
  Result<std::vector<RowHit>> SearchRows(const SearchRequest& request, SearchStats* stats) const;
  Result<std::vector<RowHit>> Search(const SearchRequest& request, SearchStats* stats) const;
  Status Visit(const SearchRequest& request, RowVisitor visit) const;
  Result<DocumentFrequencies> CountInRows(const SearchRequest& request) const;
  Status CountRows(const SearchRequest& request, const RowFilter& filter, DocumentFrequencies* found) const;
  Result<DocumentFrequencies> Count(const SearchRequest& request) const;

  SparseSegmentFiles files;
  SegmentSpec spec;
  bool rows_may_fault, postings_may_fault;
  std::vector<uint32_t> ordinals;  // a copy in memory: filters ask for them at random
  RowTable rows_of;
  Liveness liveness;
};

SparseSealedSegment::Impl::Impl(SparseSegmentFiles opened, const SegmentPlacement& placement)
    : files(std::move(opened)),
      spec{.kind = VectorKind::kSparse,
           .datatype = static_cast<Datatype>(files.header.datatype),
           .distance = Distance::kDot},
      rows_may_fault(placement.rows == storage::Placement::kMapped && !files.file(SparseFile::kRows).file().pinned()),
      postings_may_fault(placement.codes == storage::Placement::kMapped &&
                         !files.file(SparseFile::kPostings).file().pinned()),
      ordinals(files.identities.ordinals, files.identities.ordinals + files.header.rows),
      rows_of(ordinals.data(), files.identities.rows_by_ordinal, files.header.rows),
      liveness(files.header.rows) {
  if (rows_may_fault) files.file(SparseFile::kRows).file().AdviseRandom();
}

Status SparseSealedSegment::Impl::PopulateRow(uint32_t row) const {
  if (!rows_may_fault) return OkStatus();
  const storage::FileBytes& bytes = files.file(SparseFile::kRows).file();
  const uint64_t first = files.row_offsets[row], size = files.row_offsets[row + 1] - first;
  if (size == 0) return OkStatus();
  RETURN_IF_ERROR(bytes.Populate(first * sizeof(uint32_t), size * sizeof(uint32_t)));
  return bytes.Populate(files.header.elements * sizeof(uint32_t) + first * sizeof(float), size * sizeof(float));
}

Status SparseSealedSegment::Impl::PopulatePostings(const PostingEntry& entry) const {
  if (!postings_may_fault) return OkStatus();
  const storage::FileBytes& bytes = files.file(SparseFile::kPostings).file();
  const size_t width = WeightBytes(spec.datatype);
  if (entry.column != kNoColumn)
    RETURN_IF_ERROR(
        bytes.Populate(files.columns_offset() + uint64_t{entry.column} * files.header.rows, files.header.rows));
  RETURN_IF_ERROR(bytes.Populate(entry.first_posting * sizeof(uint32_t), entry.count * sizeof(uint32_t)));
  return bytes.Populate(files.header.elements * sizeof(uint32_t) + entry.first_posting * width, entry.count * width);
}

const PostingEntry* SparseSealedSegment::Impl::FindEntry(uint32_t index) const {
  const auto found = std::lower_bound(files.entries.begin(), files.entries.end(), index,
                                      [](const PostingEntry& entry, uint32_t value) { return entry.index < value; });
  return found != files.entries.end() && found->index == index ? &*found : nullptr;
}

bool SparseSealedSegment::Impl::FewAccepted(const OrdinalSet* accept, uint64_t postings) const {
  return accept != nullptr && accept->size() * (kRowCost + files.header.elements / files.header.rows) < postings;
}

template <typename Visitor>
Status SparseSealedSegment::Impl::ForEachAccepted(const SearchRequest& limits, Visitor&& visit) const {
  Status status = limits.deadline.Check();
  uint32_t seen = 0;
  limits.accept->ForEach([&](Ordinal ordinal) {
    if (++seen % kStepsPerDeadlineCheck == 0) status = limits.deadline.Check();
    const std::optional<uint32_t> found = rows_of.Find(ordinal);
    if (status.ok() && found && liveness.IsLive(*found, limits.view)) {
      status = PopulateRow(*found);
      if (status.ok()) visit(*found);
    }
    return status.ok();
  });
  return status;
}

RowScorer SparseSealedSegment::Impl::ScorerOf(VectorRef query) const {
  RowScorer scorer(query);
  if (spec.datatype != Datatype::kFloat32) {
    std::vector<WeightCodec> codecs;
    for (const uint32_t index : query.indices) {
      const PostingEntry* const entry = FindEntry(index);
      const WeightBounds weights = entry == nullptr ? WeightBounds{} : entry->weights;
      codecs.emplace_back(spec.datatype, weights.min, weights.max);
    }
    scorer.SetCodecs(std::move(codecs));
  }
  return scorer;
}

Result<std::vector<RowHit>> SparseSealedSegment::Impl::SearchRows(const SearchRequest& request,
                                                                  SearchStats* stats) const {
  const RowScorer scorer = ScorerOf(request.query);
  BestHits best(std::min(request.k, files.header.rows));
  RETURN_IF_ERROR(ForEachAccepted(request, [&](uint32_t row) {
    ++stats->rows_scored;
    if (const std::optional<double> score = scorer.Score(files.row(row))) best.Offer(*score, row);
  }));
  return best.Take();
}

PostingList SparseSealedSegment::Impl::ListOf(const PostingEntry& entry, float query_weight) const {
  const WeightCodec codec(spec.datatype, entry.weights.min, entry.weights.max);
  const size_t width = WeightBytes(spec.datatype);
  return {.query_weight = query_weight,
          .codec = codec,
          .rows = files.posting_rows + entry.first_posting,
          .weights = files.weights() + entry.first_posting * width,
          .weight_bytes = width,
          .count = entry.count,
          // Storing a weight keeps the order.
          .weight_bounds = {codec.Round(entry.weights.min), codec.Round(entry.weights.max)},
          .column = entry.column == kNoColumn
                        ? nullptr
                        : files.file(SparseFile::kPostings).content().data() + files.columns_offset() +
                              uint64_t{entry.column} * files.header.rows};
}

Result<std::vector<RowHit>> SparseSealedSegment::Impl::Search(const SearchRequest& request, SearchStats* stats) const {
  ++stats->scans;
  PostingQuery query{.lists = {}, .rows = files.header.rows};
  std::vector<const PostingEntry*> entries;
  uint64_t postings = 0;
  for (size_t i = 0; i < request.query.size(); ++i) {
    const PostingEntry* const entry = FindEntry(request.query.indices[i]);
    if (entry == nullptr) continue;
    query.lists.push_back(ListOf(*entry, request.query.values[i]));
    entries.push_back(entry);
    postings += entry->count;
  }
  if (request.k == 0 || query.lists.empty()) return std::vector<RowHit>();
  if (FewAccepted(request.accept, postings)) return SearchRows(request, stats);
  for (const PostingEntry* entry : entries) RETURN_IF_ERROR(PopulatePostings(*entry));
  const RowFilter filter(request, liveness, ordinals.data());
  const RowScorer scorer = ScorerOf(request.query);
  query.row_elements =
      static_cast<double>(files.header.elements) / query.rows + static_cast<double>(request.query.size());
  query.scorer = rows_may_fault ? nullptr : &scorer;
  query.files = rows_may_fault ? nullptr : &files;
  return SearchPostings(query, request, filter, stats);
}

Status SparseSealedSegment::Impl::Visit(const SearchRequest& request, RowVisitor visit) const {
  const RowFilter filter(request, liveness, ordinals.data());
  for (uint32_t row = 0; row < files.header.rows; ++row) {
    if (row % kStepsPerDeadlineCheck == 0) RETURN_IF_ERROR(request.deadline.Check());
    if (!filter.Accepts(row)) continue;
    RETURN_IF_ERROR(PopulateRow(row));
    RETURN_IF_ERROR(visit(row, files.row(row)));
  }
  return OkStatus();
}

Result<DocumentFrequencies> SparseSealedSegment::Impl::CountInRows(const SearchRequest& request) const {
  DocumentFrequencies found;
  found.counts.resize(request.query.indices.size());
  RETURN_IF_ERROR(ForEachAccepted(request, [&](uint32_t row) {
    const VectorRef elements = files.row(row);
    ++found.rows;
    found.empty_rows += elements.size() == 0 ? 1 : 0;
    ForEachShared(request.query.indices, elements.indices, [&](size_t i, size_t) { ++found.counts[i]; });
  }));
  return found;
}

// The rows alone, without their indices.
Status SparseSealedSegment::Impl::CountRows(const SearchRequest& request, const RowFilter& filter,
                                            DocumentFrequencies* found) const {
  if (filter.AcceptsAll()) {
    found->rows = files.header.rows;
    found->empty_rows = files.header.empty_rows;
    return OkStatus();
  }
  for (uint32_t row = 0; row < files.header.rows; ++row) {
    if (row % kStepsPerDeadlineCheck == 0) RETURN_IF_ERROR(request.deadline.Check());
    if (!filter.Accepts(row)) continue;
    ++found->rows;
    found->empty_rows += files.row_offsets[row] == files.row_offsets[row + 1] ? 1 : 0;
  }
  return OkStatus();
}

Result<DocumentFrequencies> SparseSealedSegment::Impl::Count(const SearchRequest& request) const {
  std::vector<const PostingEntry*> entries;
  uint64_t steps = files.header.rows;
  for (const uint32_t index : request.query.indices) {
    entries.push_back(FindEntry(index));
    if (entries.back() != nullptr) steps += entries.back()->count;
  }
  if (FewAccepted(request.accept, steps)) return CountInRows(request);
  DocumentFrequencies found;
  found.counts.resize(request.query.indices.size());
  const RowFilter filter(request, liveness, ordinals.data());
  RETURN_IF_ERROR(CountRows(request, filter, &found));
  const bool all = filter.AcceptsAll();
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i] == nullptr) continue;
    found.counts[i] = all ? entries[i]->count : 0;
    if (all) continue;
    RETURN_IF_ERROR(PopulatePostings(*entries[i]));
    const uint32_t* const rows = files.posting_rows + entries[i]->first_posting;
    for (uint32_t at = 0; at < entries[i]->count; ++at) {
      if (at % kStepsPerDeadlineCheck == 0) RETURN_IF_ERROR(request.deadline.Check());
      found.counts[i] += filter.Accepts(rows[at]) ? 1 : 0;
    }
  }
  return found;
}

SparseSealedSegment::SparseSealedSegment(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SparseSealedSegment::~SparseSealedSegment() = default;

Result<std::shared_ptr<SparseSealedSegment>> SparseSealedSegment::Open(storage::FileSystem* fs,
                                                                       const std::string& directory,
                                                                       const SegmentPlacement& placement) {
  ASSIGN_OR_RETURN(SparseSegmentFiles files, OpenSparseSegmentFiles(fs, directory, placement));
  return std::shared_ptr<SparseSealedSegment>(
      new SparseSealedSegment(std::make_unique<Impl>(std::move(files), placement)));
}

const SegmentSpec& SparseSealedSegment::spec() const {
  return impl_->spec;
}
uint32_t SparseSealedSegment::rows() const {
  return impl_->files.header.rows;
}
VectorRef SparseSealedSegment::Row(uint32_t row, RowScratch*) const {
  return impl_->files.row(row);
}
RowIdentity SparseSealedSegment::identity(uint32_t row) const {
  return impl_->files.identities.identity(row);
}
Ordinal SparseSealedSegment::ordinal(uint32_t row) const {
  return Ordinal{impl_->ordinals[row]};
}
std::optional<uint32_t> SparseSealedSegment::RowOf(Ordinal ordinal) const {
  return impl_->rows_of.Find(ordinal);
}

void SparseSealedSegment::Retire(uint32_t row, OperationNumber op) {
  impl_->liveness.Retire(row, op);
}
const Liveness& SparseSealedSegment::liveness() const {
  return impl_->liveness;
}

Result<std::vector<RowHit>> SparseSealedSegment::SearchExact(const SearchRequest& request, SearchStats* stats) const {
  return impl_->Search(request, stats);
}
Result<std::vector<RowHit>> SparseSealedSegment::SearchGraph(const SearchRequest& request, SearchStats* stats) const {
  return impl_->Search(request, stats);
}
Result<std::vector<RowHit>> SparseSealedSegment::SearchScan(const SearchRequest& request, SearchStats* stats) const {
  return impl_->Search(request, stats);
}
Status SparseSealedSegment::VisitRows(const SearchRequest& request, RowVisitor visit) const {
  return impl_->Visit(request, visit);
}
Result<DocumentFrequencies> SparseSealedSegment::CountDocuments(const SearchRequest& request) const {
  return impl_->Count(request);
}

uint64_t SparseSealedSegment::value_bytes() const {
  return impl_->files.header.elements * (sizeof(uint32_t) + sizeof(float));
}

uint64_t SparseSealedSegment::disk_bytes() const {
  uint64_t bytes = sizeof(SparseHeader);
  for (const auto& file : impl_->files.files) bytes += file->file().bytes().size();
  return bytes;
}

uint64_t SparseSealedSegment::resident_bytes() const {
  uint64_t bytes = impl_->ordinals.size() * sizeof(uint32_t) + impl_->rows_of.memory_bytes() +
                   uint64_t{rows()} * sizeof(uint64_t) + rows() / 8;
  for (const auto& file : impl_->files.files)
    if (file->file().pinned()) bytes += file->file().bytes().size();
  return bytes;
}

}  // namespace sextant::vector_index
