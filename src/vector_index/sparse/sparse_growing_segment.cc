#include "vector_index/sparse/sparse_growing_segment.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/check.h"
#include "kernels/kernels.h"
#include "vector_index/best_hits.h"
#include "vector_index/row_filter.h"
#include "vector_index/sparse/chunk_postings.h"
#include "vector_index/sparse/row_scorer.h"

namespace sextant::vector_index {

struct SparseGrowingSegment::SparseChunk final : Chunk {
  explicit SparseChunk(Memory* of_segment) : memory(of_segment) {}

  uint64_t row_bytes(uint32_t at) const { return 2 * uint64_t{counts[at]} * sizeof(uint32_t); }
  VectorRef Row(uint32_t at) const override {
    const uint32_t count = counts[at];
    return {{reinterpret_cast<const float*>(words[at].get() + count), count}, {words[at].get(), count}};
  }
  void Forget(uint32_t at) override {
    memory->values.fetch_sub(row_bytes(at), std::memory_order_relaxed);
    words[at].reset();
    counts[at] = 0;
    if (at + 1 == kChunkRows) DropIndex(&postings);
    if ((at + 1) % kBlockRows == 0) DropIndex(&blocks[at / kBlockRows]);
  }

  // The inverted index of the rows from `first` to `last`.
  std::unique_ptr<const ChunkPostings> MakeIndex(uint32_t first, uint32_t last) const {
    std::vector<VectorRef> rows;
    for (uint32_t at = first; at <= last; ++at) rows.push_back(Row(at));
    auto made = std::make_unique<const ChunkPostings>(rows);
    memory->indexes.fetch_add(made->memory_bytes(), std::memory_order_relaxed);
    return made;
  }
  void DropIndex(std::unique_ptr<const ChunkPostings>* index) {
    if (*index == nullptr) return;
    memory->indexes.fetch_sub((*index)->memory_bytes(), std::memory_order_relaxed);
    index->reset();
  }

  // The rows up to `rows` of the chunk, in stretches that have an inverted index and single ones after them.
  template <typename OfStretch, typename OfRow>
  void ForEachPart(uint32_t rows, OfStretch&& of_stretch, OfRow&& of_row) const {
    if (rows == kChunkRows) return of_stretch(*postings, 0, kChunkRows);
    uint32_t row = 0;
    for (; row + kBlockRows <= rows; row += kBlockRows) of_stretch(*blocks[row / kBlockRows], row, kBlockRows);
    for (; row < rows; ++row) of_row(row);
  }

  std::unique_ptr<uint32_t[]> words[kChunkRows];  // of a row: its indices, then its values
  uint32_t counts[kChunkRows] = {};
  // Each is set before rows() reaches its end. Read only by those whose prefix holds all of it: for them it does not
  // change, because a published row is never taken back.
  std::unique_ptr<const ChunkPostings> postings;
  std::unique_ptr<const ChunkPostings> blocks[kChunkRows / kBlockRows];
  Memory* memory;
};

SparseGrowingSegment::SparseGrowingSegment(uint64_t first_sequence, uint32_t max_rows)
    : ChunkedRows(first_sequence, max_rows) {}

uint32_t SparseGrowingSegment::Append(VectorRef row, const RowIdentity& identity) {
  SEXTANT_CHECK(row.indices.size() == row.values.size());
  std::unique_ptr<Chunk>& next = NextChunk();
  if (next == nullptr) next = std::make_unique<SparseChunk>(&memory_);
  auto& chunk = static_cast<SparseChunk&>(*next);
  const uint32_t at = next_place();
  chunk.words[at] = std::make_unique_for_overwrite<uint32_t[]>(2 * row.size());
  chunk.counts[at] = static_cast<uint32_t>(row.size());
  std::copy(row.indices.begin(), row.indices.end(), chunk.words[at].get());
  if (row.size() > 0) std::memcpy(chunk.words[at].get() + row.size(), row.values.data(), row.values.size_bytes());
  memory_.values.fetch_add(chunk.row_bytes(at), std::memory_order_relaxed);
  if (at + 1 == kChunkRows)
    chunk.postings = chunk.MakeIndex(0, at);
  else if ((at + 1) % kBlockRows == 0)
    chunk.blocks[at / kBlockRows] = chunk.MakeIndex(at + 1 - kBlockRows, at);
  return Publish(identity);
}

uint64_t SparseGrowingSegment::memory_bytes() const {
  return value_bytes() + memory_.indexes.load(std::memory_order_relaxed) + ChunkBytes(sizeof(SparseChunk));
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
    const auto& rows_here = static_cast<const SparseChunk&>(chunk(first));
    const RowFilter filter(request, rows_here.liveness, rows_here.ordinals);
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
    rows_here.ForEachPart(count, search_stretch, [&](uint32_t i) {
      if (!all && !filter.Accepts(i)) return;
      ++stats->rows_scored;
      if (const std::optional<double> score = scorer.Score(rows_here.Row(i))) best.Offer(*score, first + i);
    });
  }
  return best.Take();
}

Result<DocumentFrequencies> SparseGrowingSegment::CountDocuments(const SearchRequest& request, uint32_t rows) const {
  DocumentFrequencies found;
  found.counts.resize(request.query.indices.size());
  for (uint32_t first = 0; first < rows; first += kChunkRows) {
    RETURN_IF_ERROR(request.deadline.Check());
    const auto& rows_here = static_cast<const SparseChunk&>(chunk(first));
    const RowFilter filter(request, rows_here.liveness, rows_here.ordinals);
    const bool all = filter.AcceptsAll();
    const uint32_t count = std::min(kChunkRows, rows - first);
    const auto count_stretch = [&](const ChunkPostings& postings, uint32_t start, uint32_t size) {
      found.rows += all ? size : 0;
      found.empty_rows += all ? postings.empty_rows() : 0;
      for (uint32_t i = start; i < start + size && !all; ++i) {
        if (!filter.Accepts(i)) continue;
        ++found.rows;
        found.empty_rows += rows_here.counts[i] == 0 ? 1 : 0;
      }
      for (size_t j = 0; j < request.query.indices.size(); ++j) {
        const std::span<const uint32_t> holders = postings.Find(request.query.indices[j]).rows;
        const auto accepted = [&](uint32_t row) { return filter.Accepts(start + row); };
        found.counts[j] +=
            all ? holders.size() : static_cast<uint64_t>(std::count_if(holders.begin(), holders.end(), accepted));
      }
    };
    rows_here.ForEachPart(count, count_stretch, [&](uint32_t i) {
      if (!all && !filter.Accepts(i)) return;
      ++found.rows;
      found.empty_rows += rows_here.counts[i] == 0 ? 1 : 0;
      ForEachShared(request.query.indices, rows_here.Row(i).indices, [&](size_t j, size_t) { ++found.counts[j]; });
    });
  }
  return found;
}

}  // namespace sextant::vector_index
