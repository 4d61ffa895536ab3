#include "vector_index/multi/multi_growing_segment.h"

#include <algorithm>

#include "base/check.h"
#include "vector_index/multi/max_sim.h"
#include "vector_index/multi/work_clock.h"
#include "vector_index/row_filter.h"
#include "vector_index/top_hits.h"

namespace sextant::vector_index {

struct MultiGrowingSegment::Chunk {
  Chunk() : liveness(kChunkRows) {}

  VectorRef row(uint32_t at) const { return {{values[at].get(), sizes[at]}, {}}; }

  std::unique_ptr<float[]> values[kChunkRows];
  uint32_t sizes[kChunkRows] = {};
  uint32_t ordinals[kChunkRows] = {};
  OperationNumber versions[kChunkRows] = {};
  PointId ids[kChunkRows];
  Liveness liveness;
};

MultiGrowingSegment::MultiGrowingSegment(const SegmentSpec& spec, uint64_t first_sequence, uint32_t max_rows)
    : spec_(spec),
      first_sequence_(first_sequence),
      max_rows_(max_rows),
      chunks_((uint64_t{max_rows} + kChunkRows - 1) / kChunkRows) {}

MultiGrowingSegment::~MultiGrowingSegment() = default;

bool MultiGrowingSegment::full() const {
  return rows_.load(std::memory_order_relaxed) == max_rows_;
}

uint32_t MultiGrowingSegment::Append(VectorRef row, const RowIdentity& identity) {
  const uint32_t number = rows_.load(std::memory_order_relaxed);
  SEXTANT_CHECK(number < max_rows_);
  SEXTANT_CHECK(row.size() > 0 && row.size() % spec_.dim == 0);
  std::unique_ptr<Chunk>& chunk = chunks_[number / kChunkRows];
  if (chunk == nullptr) chunk = std::make_unique<Chunk>();
  const uint32_t at = number % kChunkRows;
  chunk->values[at] = std::make_unique_for_overwrite<float[]>(row.size());
  std::copy(row.values.begin(), row.values.end(), chunk->values[at].get());
  chunk->sizes[at] = static_cast<uint32_t>(row.size());
  chunk->ordinals[at] = Index(identity.ordinal);
  chunk->versions[at] = identity.version;
  chunk->ids[at] = identity.id;
  value_bytes_.fetch_add(row.values.size_bytes(), std::memory_order_relaxed);
  rows_.store(number + 1, std::memory_order_release);
  return number;
}

void MultiGrowingSegment::Truncate(uint32_t rows) {
  const uint32_t before = rows_.load(std::memory_order_relaxed);
  SEXTANT_CHECK(rows <= before);
  uint64_t bytes = 0;
  for (uint32_t row = rows; row < before; ++row) {
    Chunk& chunk = *chunks_[row / kChunkRows];
    const uint32_t at = row % kChunkRows;
    chunk.liveness.Revive(at);
    bytes += chunk.row(at).values.size_bytes();
    chunk.values[at].reset();
    chunk.sizes[at] = 0;
  }
  value_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  rows_.store(rows, std::memory_order_release);
}

VectorRef MultiGrowingSegment::Row(uint32_t row) const {
  return chunks_[row / kChunkRows]->row(row % kChunkRows);
}

RowIdentity MultiGrowingSegment::identity(uint32_t row) const {
  const Chunk& chunk = *chunks_[row / kChunkRows];
  const uint32_t at = row % kChunkRows;
  return {.ordinal = Ordinal{chunk.ordinals[at]}, .version = chunk.versions[at], .id = chunk.ids[at]};
}

Ordinal MultiGrowingSegment::ordinal(uint32_t row) const {
  return Ordinal{chunks_[row / kChunkRows]->ordinals[row % kChunkRows]};
}

void MultiGrowingSegment::Retire(uint32_t row, OperationNumber op) {
  chunks_[row / kChunkRows]->liveness.Retire(row % kChunkRows, op);
}
bool MultiGrowingSegment::IsLive(uint32_t row, OperationNumber view) const {
  return chunks_[row / kChunkRows]->liveness.IsLive(row % kChunkRows, view);
}
OperationNumber MultiGrowingSegment::retired_at(uint32_t row) const {
  return chunks_[row / kChunkRows]->liveness.retired_at(row % kChunkRows);
}

uint64_t MultiGrowingSegment::memory_bytes() const {
  const uint64_t chunks = (uint64_t{rows()} + kChunkRows - 1) / kChunkRows;
  constexpr uint64_t kLivenessBytes = kChunkRows * sizeof(uint64_t) + kChunkRows / 8;
  return value_bytes() + chunks * (sizeof(Chunk) + kLivenessBytes) + chunks_.capacity() * sizeof(chunks_[0]);
}

Result<std::vector<RowHit>> MultiGrowingSegment::Search(const SearchRequest& request, uint32_t rows,
                                                        SearchStats* stats) const {
  ++stats->scans;
  TopHits top(std::min(request.k, rows));
  if (request.k == 0) return top.Take();
  MaxSim max_sim(spec_, request.query.values);
  WorkClock clock(request.deadline);
  const auto score = [&](uint32_t row, VectorRef values) -> Status {
    RETURN_IF_ERROR(clock.Spend(max_sim.query_rows() * values.size()));
    top.Offer(max_sim.Similarity(values.values), row);
    ++stats->rows_scored;
    return OkStatus();
  };
  RETURN_IF_ERROR(VisitRows(request, rows, score));
  return top.Take();
}

Status MultiGrowingSegment::VisitRows(const SearchRequest& request, uint32_t rows, RowVisitor visit) const {
  for (uint32_t first = 0; first < rows; first += kChunkRows) {
    RETURN_IF_ERROR(request.deadline.Check());
    const Chunk& chunk = *chunks_[first / kChunkRows];
    const RowFilter filter(request, chunk.liveness, chunk.ordinals);
    const bool all = filter.AcceptsAll();
    const uint32_t count = std::min(kChunkRows, rows - first);
    for (uint32_t i = 0; i < count; ++i)
      if (all || filter.Accepts(i)) RETURN_IF_ERROR(visit(first + i, chunk.row(i)));
  }
  return OkStatus();
}

}  // namespace sextant::vector_index
