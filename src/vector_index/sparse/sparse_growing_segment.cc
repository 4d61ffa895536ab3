#include "vector_index/sparse/sparse_growing_segment.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/check.h"
#include "kernels/kernels.h"
#include "vector_index/row_filter.h"
#include "vector_index/sparse/best_hits.h"
#include "vector_index/sparse/chunk_postings.h"
#include "vector_index/sparse/row_scorer.h"

namespace sextant::vector_index {
namespace {

// A row's elements: its indices, then its values.
struct Elements {
  std::unique_ptr<uint32_t[]> words;
  uint32_t count = 0;

  VectorRef row() const { return {{reinterpret_cast<const float*>(words.get() + count), count}, {words.get(), count}}; }
};

}  // namespace

struct SparseGrowingSegment::Chunk {
  Chunk() : liveness(kChunkRows) {}

  Elements elements[kChunkRows];
  // The rows up to `rows` of the chunk, in stretches that have an inverted index and single ones after them.
  template <typename OfStretch, typename OfRow>
  void ForEachPart(uint32_t rows, OfStretch&& of_stretch, OfRow&& of_row) const;

  // Each is set before rows_ reaches its end. Read only by those whose prefix holds all of it: for them it does not
  // change, because a published row is never taken back.
  std::unique_ptr<const ChunkPostings> postings;
  std::unique_ptr<const ChunkPostings> blocks[kChunkRows / kBlockRows];
  uint32_t ordinals[kChunkRows] = {};
  OperationNumber versions[kChunkRows] = {};
  PointId ids[kChunkRows];
  Liveness liveness;
};

template <typename OfStretch, typename OfRow>
void SparseGrowingSegment::Chunk::ForEachPart(uint32_t rows, OfStretch&& of_stretch, OfRow&& of_row) const {
  if (rows == kChunkRows) return of_stretch(*postings, 0, kChunkRows);
  uint32_t row = 0;
  for (; row + kBlockRows <= rows; row += kBlockRows) of_stretch(*blocks[row / kBlockRows], row, kBlockRows);
  for (; row < rows; ++row) of_row(row);
}

SparseGrowingSegment::SparseGrowingSegment(uint64_t first_sequence, uint32_t max_rows)
    : first_sequence_(first_sequence),
      max_rows_(max_rows),
      chunks_((uint64_t{max_rows} + kChunkRows - 1) / kChunkRows) {}

SparseGrowingSegment::~SparseGrowingSegment() = default;

bool SparseGrowingSegment::full() const {
  return rows_.load(std::memory_order_relaxed) == max_rows_;
}

uint32_t SparseGrowingSegment::Append(VectorRef row, const RowIdentity& identity) {
  const uint32_t number = rows_.load(std::memory_order_relaxed);
  SEXTANT_CHECK(number < max_rows_);
  SEXTANT_CHECK(row.indices.size() == row.values.size());
  std::unique_ptr<Chunk>& chunk = chunks_[number / kChunkRows];
  if (chunk == nullptr) chunk = std::make_unique<Chunk>();
  const uint32_t at = number % kChunkRows;
  Elements elements{std::make_unique_for_overwrite<uint32_t[]>(2 * row.size()), static_cast<uint32_t>(row.size())};
  std::copy(row.indices.begin(), row.indices.end(), elements.words.get());
  if (row.size() > 0) std::memcpy(elements.words.get() + row.size(), row.values.data(), row.size() * sizeof(float));
  uint64_t bytes = 2 * row.size() * sizeof(uint32_t);
  value_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  chunk->elements[at] = std::move(elements);
  chunk->ordinals[at] = Index(identity.ordinal);
  chunk->versions[at] = identity.version;
  chunk->ids[at] = identity.id;
  const auto index = [&](uint32_t first) {
    std::vector<VectorRef> rows;
    for (uint32_t i = first; i <= at; ++i) rows.push_back(chunk->elements[i].row());
    auto made = std::make_unique<const ChunkPostings>(rows);
    bytes += made->memory_bytes();
    return made;
  };
  if (at + 1 == kChunkRows)
    chunk->postings = index(0);
  else if ((at + 1) % kBlockRows == 0)
    chunk->blocks[at / kBlockRows] = index(at + 1 - kBlockRows);
  element_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  rows_.store(number + 1, std::memory_order_release);
  return number;
}

void SparseGrowingSegment::Truncate(uint32_t rows) {
  const uint32_t before = rows_.load(std::memory_order_relaxed);
  SEXTANT_CHECK(rows <= before);
  uint64_t bytes = 0;
  for (uint32_t row = rows; row < before; ++row) {
    Chunk& chunk = *chunks_[row / kChunkRows];
    const uint32_t at = row % kChunkRows;
    chunk.liveness.Revive(at);
    const uint64_t row_bytes = 2 * uint64_t{chunk.elements[at].count} * sizeof(uint32_t);
    value_bytes_.fetch_sub(row_bytes, std::memory_order_relaxed);
    bytes += row_bytes;
    chunk.elements[at] = {};
    for (auto* const index : {&chunk.postings, &chunk.blocks[at / kBlockRows]}) {
      const bool ends_here = index == &chunk.postings ? at + 1 == kChunkRows : (at + 1) % kBlockRows == 0;
      if (!ends_here || *index == nullptr) continue;
      bytes += (*index)->memory_bytes();
      index->reset();
    }
  }
  element_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  rows_.store(rows, std::memory_order_release);
}

VectorRef SparseGrowingSegment::Row(uint32_t row) const {
  return chunks_[row / kChunkRows]->elements[row % kChunkRows].row();
}

RowIdentity SparseGrowingSegment::identity(uint32_t row) const {
  const Chunk& chunk = *chunks_[row / kChunkRows];
  const uint32_t at = row % kChunkRows;
  return {.ordinal = Ordinal{chunk.ordinals[at]}, .version = chunk.versions[at], .id = chunk.ids[at]};
}

Ordinal SparseGrowingSegment::ordinal(uint32_t row) const {
  return Ordinal{chunks_[row / kChunkRows]->ordinals[row % kChunkRows]};
}

void SparseGrowingSegment::Retire(uint32_t row, OperationNumber op) {
  chunks_[row / kChunkRows]->liveness.Retire(row % kChunkRows, op);
}
bool SparseGrowingSegment::IsLive(uint32_t row, OperationNumber view) const {
  return chunks_[row / kChunkRows]->liveness.IsLive(row % kChunkRows, view);
}
OperationNumber SparseGrowingSegment::retired_at(uint32_t row) const {
  return chunks_[row / kChunkRows]->liveness.retired_at(row % kChunkRows);
}

uint64_t SparseGrowingSegment::value_bytes() const {
  return value_bytes_.load(std::memory_order_relaxed);
}

uint64_t SparseGrowingSegment::memory_bytes() const {
  const uint64_t chunks = (uint64_t{rows()} + kChunkRows - 1) / kChunkRows;
  constexpr uint64_t kLivenessBytes = kChunkRows * sizeof(uint64_t) + kChunkRows / 8;
  return element_bytes_.load(std::memory_order_relaxed) + chunks * (sizeof(Chunk) + kLivenessBytes) +
         chunks_.capacity() * sizeof(chunks_[0]);
}

Result<std::vector<RowHit>> SparseGrowingSegment::Search(const SearchRequest& request, uint32_t rows,
                                                         SearchStats* stats) const {
  ++stats->scans;
  BestHits best(std::min(request.k, rows));
  if (request.k == 0 || request.query.size() == 0) return best.Take();
  const kernels::KernelTable& kernels = kernels::Kernels();
  const RowScorer scorer(request.query);
  double scores[kChunkRows];
  uint32_t picked[kChunkRows];
  for (uint32_t first = 0; first < rows; first += kChunkRows) {
    RETURN_IF_ERROR(request.deadline.Check());
    const Chunk& chunk = *chunks_[first / kChunkRows];
    const RowFilter filter(request, chunk.liveness, chunk.ordinals);
    const bool all = filter.AcceptsAll();
    const uint32_t count = std::min(kChunkRows, rows - first);
    const auto search_stretch = [&](const ChunkPostings& postings, uint32_t start, uint32_t size) {
      std::fill_n(scores, size, kernels::kUntouched);
      for (size_t i = 0; i < request.query.size(); ++i) {
        const ChunkPostings::List list = postings.Find(request.query.indices[i]);
        kernels.add_postings({list.rows.data(), list.weights.data(), list.rows.size(), 0}, request.query.values[i],
                             scores);
      }
      const size_t above = kernels.select_above(scores, size, best.floor(), picked);
      for (size_t i = 0; i < above; ++i)
        if (all || filter.Accepts(start + picked[i])) best.Offer(scores[picked[i]], first + start + picked[i]);
      stats->rows_scored += above;
    };
    chunk.ForEachPart(count, search_stretch, [&](uint32_t i) {
      if (!all && !filter.Accepts(i)) return;
      ++stats->rows_scored;
      if (const std::optional<double> score = scorer.Score(chunk.elements[i].row())) best.Offer(*score, first + i);
    });
  }
  return best.Take();
}

Result<DocumentFrequencies> SparseGrowingSegment::CountDocuments(const SearchRequest& request, uint32_t rows) const {
  DocumentFrequencies found;
  found.counts.resize(request.query.indices.size());
  for (uint32_t first = 0; first < rows; first += kChunkRows) {
    RETURN_IF_ERROR(request.deadline.Check());
    const Chunk& chunk = *chunks_[first / kChunkRows];
    const RowFilter filter(request, chunk.liveness, chunk.ordinals);
    const bool all = filter.AcceptsAll();
    const uint32_t count = std::min(kChunkRows, rows - first);
    const auto count_stretch = [&](const ChunkPostings& postings, uint32_t start, uint32_t size) {
      found.rows += all ? size : 0;
      found.empty_rows += all ? postings.empty_rows() : 0;
      for (uint32_t i = start; i < start + size && !all; ++i) {
        if (!filter.Accepts(i)) continue;
        ++found.rows;
        found.empty_rows += chunk.elements[i].count == 0 ? 1 : 0;
      }
      for (size_t j = 0; j < request.query.indices.size(); ++j) {
        const std::span<const uint32_t> holders = postings.Find(request.query.indices[j]).rows;
        const auto accepted = [&](uint32_t row) { return filter.Accepts(start + row); };
        found.counts[j] +=
            all ? holders.size() : static_cast<uint64_t>(std::count_if(holders.begin(), holders.end(), accepted));
      }
    };
    chunk.ForEachPart(count, count_stretch, [&](uint32_t i) {
      if (!all && !filter.Accepts(i)) return;
      ++found.rows;
      found.empty_rows += chunk.elements[i].count == 0 ? 1 : 0;
      ForEachShared(request.query.indices, chunk.elements[i].row().indices,
                    [&](size_t j, size_t) { ++found.counts[j]; });
    });
  }
  return found;
}

Status SparseGrowingSegment::VisitRows(const SearchRequest& request, uint32_t rows, RowVisitor visit) const {
  for (uint32_t first = 0; first < rows; first += kChunkRows) {
    RETURN_IF_ERROR(request.deadline.Check());
    const Chunk& chunk = *chunks_[first / kChunkRows];
    const RowFilter filter(request, chunk.liveness, chunk.ordinals);
    const uint32_t count = std::min(kChunkRows, rows - first);
    for (uint32_t i = 0; i < count; ++i)
      if (filter.Accepts(i)) RETURN_IF_ERROR(visit(first + i, chunk.elements[i].row()));
  }
  return OkStatus();
}

}  // namespace sextant::vector_index
