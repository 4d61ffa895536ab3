#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "vector_index/sparse/sparse_sealed_segment.h"

namespace sextant::vector_index {

// What: sparse rows in an array, for tests and benchmarks. Row i belongs to ordinal `first_ordinal` + i ·
// `ordinal_step`.
class SparseArrayRows : public RowSource {
 public:
  explicit SparseArrayRows(std::vector<SparseVector> rows) : rows_(std::move(rows)) {}

  uint32_t size() const override { return static_cast<uint32_t>(rows_.size()); }
  VectorRef row(uint32_t i, RowScratch*) const override { return row(i); }
  VectorRef row(uint32_t i) const { return RefOf(rows_[i]); }
  RowIdentity identity(uint32_t i) const override;

  uint32_t first_ordinal = 0;
  uint32_t ordinal_step = 1;

 private:
  std::vector<SparseVector> rows_;
};

// What random sparse vectors look like.
struct SparseShape {
  uint32_t vocabulary = 1000;  // indices are below it
  uint32_t terms = 20;         // drawn for each vector; repeats are dropped
  double skew = 1;             // of a Zipf distribution; 0: all indices are equally frequent
  double negative_share = 0;   // of values
  double empty_share = 0;      // of vectors
  bool equal_values = false;   // all 1, so that scores are often equal
  bool bm25 = false;           // values as BM25 gives them to documents of varying length
};
std::vector<SparseVector> RandomSparse(const SparseShape& shape, uint32_t count, uint32_t seed);

// The exact answer in f64, by merging every row with the query: rows that share an index, the best k, ties by row.
// `weight(index, value)` is the number that a stored value counts as; none: the value.
struct SparseTruth {
  std::vector<RowHit> hits;
  std::vector<double> scores;  // of the hits, before they were rounded
};
using WeightOf = std::function<float(uint32_t index, float value)>;
SparseTruth SparseBruteForce(const SparseArrayRows& rows, VectorRef query, uint32_t k,
                             const std::function<bool(uint32_t)>& accepts = nullptr, const WeightOf& weight = nullptr);

}  // namespace sextant::vector_index
