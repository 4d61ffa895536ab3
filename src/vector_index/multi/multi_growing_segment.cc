#include "vector_index/multi/multi_growing_segment.h"

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "vector_index/multi/max_sim.h"
#include "vector_index/multi/work_clock.h"
#include "vector_index/top_hits.h"

namespace sextant::vector_index {

struct MultiGrowingSegment::MultiChunk final : Chunk {
  explicit MultiChunk(std::atomic<uint64_t>* of_segment) : value_bytes(of_segment) {}
  VectorRef Row(uint32_t at) const override { return {{values[at].get(), sizes[at]}, {}}; }
  void Forget(uint32_t at) override {
    value_bytes->fetch_sub(Row(at).values.size_bytes(), std::memory_order_relaxed);
    values[at].reset();
    sizes[at] = 0;
  }

  std::unique_ptr<float[]> values[kChunkRows];
  uint32_t sizes[kChunkRows] = {};
  std::atomic<uint64_t>* value_bytes;
};

MultiGrowingSegment::MultiGrowingSegment(const SegmentSpec& spec, uint64_t first_sequence, uint32_t max_rows)
    : ChunkedRows(first_sequence, max_rows), spec_(spec) {}

uint32_t MultiGrowingSegment::Append(VectorRef row, const RowIdentity& identity) {
  SEXTANT_CHECK(row.size() > 0 && row.size() % spec_.dim == 0);
  std::unique_ptr<Chunk>& next = NextChunk();
  if (next == nullptr) next = std::make_unique<MultiChunk>(&value_bytes_);
  auto& chunk = static_cast<MultiChunk&>(*next);
  const uint32_t at = next_place();
  chunk.values[at] = std::make_unique_for_overwrite<float[]>(row.size());
  std::copy(row.values.begin(), row.values.end(), chunk.values[at].get());
  chunk.sizes[at] = static_cast<uint32_t>(row.size());
  value_bytes_.fetch_add(row.values.size_bytes(), std::memory_order_relaxed);
  return Publish(identity);
}

uint64_t MultiGrowingSegment::memory_bytes() const {
  return value_bytes() + ChunkBytes(sizeof(MultiChunk));
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

}  // namespace sextant::vector_index
