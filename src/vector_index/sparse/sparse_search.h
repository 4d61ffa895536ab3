#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "types/vector_value.h"
#include "vector_index/segment.h"

// Searches of sparse vectors: for the largest dot products. Only rows that share at least one index with the query are
// hits, whatever their score. The similarity of a hit is the dot product, summed in f64 and rounded once to f32.
namespace sextant::vector_index {

// A copy of a lent vector.
inline SparseVector CopyOf(VectorRef row) {
  return {.indices = {row.indices.begin(), row.indices.end()}, .values = {row.values.begin(), row.values.end()}};
}

// How often the indices of a query occur, for its IDF; summed over segments.
struct DocumentFrequencies {
  uint64_t rows = 0;             // counted rows, empty vectors among them
  uint64_t empty_rows = 0;       // those without any index
  std::vector<uint64_t> counts;  // for each index asked for: rows that hold it

  void Add(const DocumentFrequencies& other) {
    rows += other.rows;
    empty_rows += other.empty_rows;
    if (counts.size() < other.counts.size()) counts.resize(other.counts.size());
    for (size_t i = 0; i < other.counts.size(); ++i) counts[i] += other.counts[i];
  }
};

}  // namespace sextant::vector_index
