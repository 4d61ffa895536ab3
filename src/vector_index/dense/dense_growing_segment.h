#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/status.h"
#include "vector_index/chunked_rows.h"
#include "vector_index/dense/bounded_codes.h"
#include "vector_index/row_distance.h"

namespace sextant::vector_index {

// What: the newest dense vectors of a name, as f32, in chunks of memory; where the distance allows it with int8 codes,
// whose bounds keep most rows out of exact scans.
// Threads, Ownership: see GrowingRows.
class DenseGrowingSegment final : public ChunkedRows {
 public:
  DenseGrowingSegment(const SegmentSpec& spec, uint64_t first_sequence, uint32_t max_rows = 4u << 20);

  uint32_t Append(VectorRef row, const RowIdentity& identity) override;
  uint64_t value_bytes() const override;
  uint64_t memory_bytes() const override;
  Result<std::vector<RowHit>> Search(const SearchRequest& request, uint32_t rows, SearchStats* stats) const override;

 private:
  struct DenseChunk;
  struct Scan;
  uint32_t dim_;
  RowDistance distance_;
  std::optional<BoundedCodes> codes_;
};

}  // namespace sextant::vector_index
