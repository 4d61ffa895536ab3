#include "vector_index/dense/dense_growing_segment.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "vector_index/row_distance.h"
#include "vector_index/row_filter.h"
#include "vector_index/top_hits.h"

namespace sextant::vector_index {

struct DenseGrowingSegment::Chunk {
  // Memory is not touched before rows are written: an almost empty chunk of long vectors costs what it holds.
  explicit Chunk(uint32_t dim)
      : rows(std::make_unique_for_overwrite<float[]>(size_t{kChunkRows} * dim)), liveness(kChunkRows) {}

  std::unique_ptr<float[]> rows;
  uint32_t ordinals[kChunkRows] = {};
  OperationNumber versions[kChunkRows] = {};
  PointId ids[kChunkRows];
  Liveness liveness;
};

DenseGrowingSegment::DenseGrowingSegment(const SegmentSpec& spec, uint64_t first_sequence, uint32_t max_rows)
    : dim_(spec.dim),
      distance_(spec.distance, spec.datatype),
      first_sequence_(first_sequence),
      max_rows_(max_rows),
      chunks_((uint64_t{max_rows} + kChunkRows - 1) / kChunkRows) {}

DenseGrowingSegment::~DenseGrowingSegment() = default;

bool DenseGrowingSegment::full() const {
  return rows_.load(std::memory_order_relaxed) == max_rows_;
}

uint32_t DenseGrowingSegment::Append(VectorRef row, const RowIdentity& identity) {
  const uint32_t number = rows_.load(std::memory_order_relaxed);
  SEXTANT_CHECK(number < max_rows_);
  SEXTANT_CHECK(row.size() == dim_);
  std::unique_ptr<Chunk>& chunk = chunks_[number / kChunkRows];
  if (chunk == nullptr) chunk = std::make_unique<Chunk>(dim_);
  const uint32_t at = number % kChunkRows;
  std::memcpy(chunk->rows.get() + size_t{at} * dim_, row.values.data(), dim_ * sizeof(float));
  chunk->ordinals[at] = Index(identity.ordinal);
  chunk->versions[at] = identity.version;
  chunk->ids[at] = identity.id;
  rows_.store(number + 1, std::memory_order_release);
  return number;
}

void DenseGrowingSegment::Truncate(uint32_t rows) {
  const uint32_t before = rows_.load(std::memory_order_relaxed);
  SEXTANT_CHECK(rows <= before);
  for (uint32_t row = rows; row < before; ++row) chunks_[row / kChunkRows]->liveness.Revive(row % kChunkRows);
  rows_.store(rows, std::memory_order_release);
}

VectorRef DenseGrowingSegment::Row(uint32_t row) const {
  return {{chunks_[row / kChunkRows]->rows.get() + size_t{row % kChunkRows} * dim_, dim_}, {}};
}

RowIdentity DenseGrowingSegment::identity(uint32_t row) const {
  const Chunk& chunk = *chunks_[row / kChunkRows];
  const uint32_t at = row % kChunkRows;
  return {.ordinal = Ordinal{chunk.ordinals[at]}, .version = chunk.versions[at], .id = chunk.ids[at]};
}

Ordinal DenseGrowingSegment::ordinal(uint32_t row) const {
  return Ordinal{chunks_[row / kChunkRows]->ordinals[row % kChunkRows]};
}

void DenseGrowingSegment::Retire(uint32_t row, OperationNumber op) {
  chunks_[row / kChunkRows]->liveness.Retire(row % kChunkRows, op);
}
bool DenseGrowingSegment::IsLive(uint32_t row, OperationNumber view) const {
  return chunks_[row / kChunkRows]->liveness.IsLive(row % kChunkRows, view);
}
OperationNumber DenseGrowingSegment::retired_at(uint32_t row) const {
  return chunks_[row / kChunkRows]->liveness.retired_at(row % kChunkRows);
}

uint64_t DenseGrowingSegment::value_bytes() const {
  return uint64_t{rows()} * dim_ * sizeof(float);
}

uint64_t DenseGrowingSegment::memory_bytes() const {
  const uint64_t rows = rows_.load(std::memory_order_acquire);
  const uint64_t chunks = (rows + kChunkRows - 1) / kChunkRows;
  constexpr uint64_t kLivenessBytes = kChunkRows * sizeof(uint64_t) + kChunkRows / 8;
  return value_bytes() + chunks * (sizeof(Chunk) + kLivenessBytes) + chunks_.capacity() * sizeof(chunks_[0]);
}

Result<std::vector<RowHit>> DenseGrowingSegment::Search(const SearchRequest& request, uint32_t rows,
                                                        SearchStats* stats) const {
  ++stats->scans;
  TopHits top(std::min(request.k, rows));
  for (uint32_t first = 0; first < rows; first += kChunkRows) {
    RETURN_IF_ERROR(request.deadline.Check());
    const Chunk& chunk = *chunks_[first / kChunkRows];
    const RowFilter filter(request, chunk.liveness, chunk.ordinals);
    const bool all = filter.AcceptsAll();
    const uint32_t count = std::min(kChunkRows, rows - first);
    for (uint32_t i = 0; i < count; ++i) {
      if (!all && !filter.Accepts(i)) continue;
      top.Offer(distance_.Similarity(request.query.values.data(), chunk.rows.get() + size_t{i} * dim_, dim_),
                first + i);
      ++stats->rows_scored;
    }
  }
  return top.Take();
}

Status DenseGrowingSegment::VisitRows(const SearchRequest& request, uint32_t rows, RowVisitor visit) const {
  for (uint32_t first = 0; first < rows; first += kChunkRows) {
    RETURN_IF_ERROR(request.deadline.Check());
    const Chunk& chunk = *chunks_[first / kChunkRows];
    const RowFilter filter(request, chunk.liveness, chunk.ordinals);
    const uint32_t count = std::min(kChunkRows, rows - first);
    for (uint32_t i = 0; i < count; ++i)
      if (filter.Accepts(i)) RETURN_IF_ERROR(visit(first + i, Row(first + i)));
  }
  return OkStatus();
}

}  // namespace sextant::vector_index
