#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "vector_index/chunked_rows.h"

namespace sextant::vector_index {

// What: the newest multivectors of one named vector, each in memory of its own, listed in append-only chunks. See
// GrowingRows.
class MultiGrowingSegment final : public ChunkedRows {
 public:
  MultiGrowingSegment(const SegmentSpec& spec, uint64_t first_sequence, uint32_t max_rows = 4u << 20);

  // Precondition besides GrowingRows': at least one row of the multivector.
  uint32_t Append(VectorRef row, const RowIdentity& identity) override;
  uint64_t value_bytes() const override { return value_bytes_.load(std::memory_order_relaxed); }
  uint64_t memory_bytes() const override;
  Result<std::vector<RowHit>> Search(const SearchRequest& request, uint32_t rows, SearchStats* stats) const override;

 private:
  struct MultiChunk;

  SegmentSpec spec_;
  std::atomic<uint64_t> value_bytes_{0};  // a counter
};

}  // namespace sextant::vector_index
