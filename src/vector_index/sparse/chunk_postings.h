#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vector_index/sparse/sparse_search.h"

namespace sextant::vector_index {

// What: the inverted index of one chunk of rows. Rows are numbered within the chunk.
// Threads: immutable.
class ChunkPostings {
 public:
  // The postings of one index: `rows` ascending, and the weight of each.
  struct List {
    std::span<const uint32_t> rows;
    std::span<const float> weights;
  };

  explicit ChunkPostings(const std::vector<VectorRef>& rows);

  // Empty when no row holds the index.
  List Find(uint32_t index) const;
  uint32_t empty_rows() const { return empty_rows_; }
  uint64_t memory_bytes() const;

 private:
  std::vector<uint32_t> indices_;  // ascending
  std::vector<uint32_t> first_;    // [indices + 1]: where the postings of each begin
  std::vector<uint32_t> rows_;
  std::vector<float> weights_;
  uint32_t empty_rows_ = 0;
};

}  // namespace sextant::vector_index
