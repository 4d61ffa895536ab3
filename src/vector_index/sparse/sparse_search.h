#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/deadline.h"
#include "types/ordinal.h"
#include "types/ordinal_set.h"
#include "types/vector_value.h"
#include "vector_index/sealed_segment.h"
#include "vector_index/search_request.h"

namespace sextant::vector_index {

// What: one sparse vector, lent: ascending indices without repeats, and a value for each.
struct SparseRow {
  SparseRow() = default;
  SparseRow(std::span<const uint32_t> row_indices, std::span<const float> row_values)
      : indices(row_indices), values(row_values) {}
  explicit SparseRow(const SparseVector& vector) : indices(vector.indices), values(vector.values) {}

  size_t size() const { return indices.size(); }
  SparseVector Copy() const {
    return {.indices = {indices.begin(), indices.end()}, .values = {values.begin(), values.end()}};
  }

  std::span<const uint32_t> indices;
  std::span<const float> values;
};

// Where the rows of a new sparse segment come from. Threads, Ownership: as RowSource.
class SparseRowSource {
 public:
  virtual ~SparseRowSource() = default;
  virtual uint32_t size() const = 0;
  virtual SparseRow row(uint32_t i) const = 0;
  virtual RowIdentity identity(uint32_t i) const = 0;
};

// One search for the largest dot products in one segment. Only rows that share at least one index with the query are
// hits, whatever their score. The similarity of a hit is the dot product, summed in f64 and rounded once to f32.
struct SparseSearchRequest {
  SparseRow query;  // borrowed for the call
  uint32_t k = 10;
  OperationNumber view = kNever - 1;   // rows must be alive at this number
  const OrdinalSet* accept = nullptr;  // rows' ordinals must be in; nullptr accepts all
  Deadline deadline{};

  // The same limits in the form that RowFilter takes.
  SearchRequest Limits() const { return {.k = k, .view = view, .accept = accept, .deadline = deadline}; }
};

// Which rows DocumentFrequencies counts.
struct SparseCountRequest {
  std::span<const uint32_t> indices;  // ascending, without repeats; borrowed for the call
  OperationNumber view = kNever - 1;
  const OrdinalSet* accept = nullptr;
  Deadline deadline{};

  SearchRequest Limits() const { return {.view = view, .accept = accept, .deadline = deadline}; }
};

// How often indices occur, for the IDF of a query; summed over segments.
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
