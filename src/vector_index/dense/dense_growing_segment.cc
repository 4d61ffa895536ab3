#include "vector_index/dense/dense_growing_segment.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/check.h"
#include "vector_index/row_filter.h"
#include "vector_index/top_hits.h"

namespace sextant::vector_index {

struct DenseGrowingSegment::DenseChunk final : Chunk {
  // Memory is not touched before rows are written: an almost empty chunk of long vectors costs what it holds.
  explicit DenseChunk(uint32_t dimensions)
      : dim(dimensions), values(std::make_unique_for_overwrite<float[]>(size_t{kChunkRows} * dimensions)) {}
  float* row(uint32_t at) const { return values.get() + size_t{at} * dim; }
  VectorRef Row(uint32_t at) const override { return {{row(at), dim}, {}}; }
  void Forget(uint32_t) override {}

  uint32_t dim;
  std::unique_ptr<float[]> values;
};

DenseGrowingSegment::DenseGrowingSegment(const SegmentSpec& spec, uint64_t first_sequence, uint32_t max_rows)
    : ChunkedRows(first_sequence, max_rows), dim_(spec.dim), distance_(spec.distance, spec.datatype) {}

uint32_t DenseGrowingSegment::Append(VectorRef row, const RowIdentity& identity) {
  SEXTANT_CHECK(row.size() == dim_);
  std::unique_ptr<Chunk>& chunk = NextChunk();
  if (chunk == nullptr) chunk = std::make_unique<DenseChunk>(dim_);
  std::memcpy(static_cast<DenseChunk&>(*chunk).row(next_place()), row.values.data(), row.values.size_bytes());
  return Publish(identity);
}

uint64_t DenseGrowingSegment::value_bytes() const {
  return uint64_t{rows()} * dim_ * sizeof(float);
}

uint64_t DenseGrowingSegment::memory_bytes() const {
  return value_bytes() + ChunkBytes(sizeof(DenseChunk));
}

Result<std::vector<RowHit>> DenseGrowingSegment::Search(const SearchRequest& request, uint32_t rows,
                                                        SearchStats* stats) const {
  ++stats->scans;
  TopHits top(std::min(request.k, rows));
  for (uint32_t first = 0; first < rows; first += kChunkRows) {
    RETURN_IF_ERROR(request.deadline.Check());
    const auto& rows_here = static_cast<const DenseChunk&>(chunk(first));
    const RowFilter filter(request, rows_here.liveness, rows_here.ordinals);
    const bool all = filter.AcceptsAll();
    const uint32_t count = std::min(kChunkRows, rows - first);
    for (uint32_t i = 0; i < count; ++i) {
      if (!all && !filter.Accepts(i)) continue;
      top.Offer(distance_.Similarity(request.query.values.data(), rows_here.row(i), dim_), first + i);
      ++stats->rows_scored;
    }
  }
  return top.Take();
}

}  // namespace sextant::vector_index
