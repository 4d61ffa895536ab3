#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/status.h"
#include "vector_index/chunked_rows.h"
#include "vector_index/sparse/sparse_search.h"

namespace sextant::vector_index {

// What: the newest sparse vectors of a name, in chunks of memory. A full chunk has an inverted index, and so has each
// full block of rows of the last one; the rows after them are scored one by one. Threads, Ownership: see GrowingRows.
class SparseGrowingSegment final : public ChunkedRows {
 public:
  static constexpr uint32_t kBlockRows = 128;

  explicit SparseGrowingSegment(uint64_t first_sequence, uint32_t max_rows = 4u << 20);

  uint32_t Append(VectorRef row, const RowIdentity& identity) override;
  uint64_t value_bytes() const override { return memory_.values.load(std::memory_order_relaxed); }
  uint64_t memory_bytes() const override;
  Result<std::vector<RowHit>> Search(const SearchRequest& request, uint32_t rows, SearchStats* stats) const override;
  // Counts live accepted rows among the first `rows`, and those that hold each of the query's indices.
  Result<DocumentFrequencies> CountDocuments(const SearchRequest& request, uint32_t rows) const;

 private:
  struct SparseChunk;
  struct Memory {  // counters
    std::atomic<uint64_t> values{0}, indexes{0};
  };
  Memory memory_;
};

}  // namespace sextant::vector_index
