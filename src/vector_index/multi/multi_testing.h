#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "vector_index/segment.h"

namespace sextant::vector_index {

// What: multivectors in an array, for tests and benchmarks. Row i belongs to ordinal `first_ordinal` + i ·
// `ordinal_step`.
class MultiArrayRows : public RowSource {
 public:
  MultiArrayRows(uint32_t dim, std::vector<std::vector<float>> rows) : dim_(dim), rows_(std::move(rows)) {}

  uint32_t size() const override { return static_cast<uint32_t>(rows_.size()); }
  VectorRef row(uint32_t i, RowScratch*) const override { return row(i); }
  VectorRef row(uint32_t i) const { return {rows_[i], {}}; }
  RowIdentity identity(uint32_t i) const override;

  uint32_t dim() const { return dim_; }
  uint64_t tokens() const;
  std::vector<std::vector<float>>& values() { return rows_; }

  uint32_t first_ordinal = 0;
  uint32_t ordinal_step = 1;

 private:
  uint32_t dim_;
  std::vector<std::vector<float>> rows_;
};

// Cuts [tokens, dim] into multivectors of 1 to `most_tokens` consecutive tokens, as many as there are.
std::vector<std::vector<float>> CutIntoRows(uint32_t dim, std::span<const float> tokens, uint32_t most_tokens,
                                            uint32_t seed);

// Multivectors as late-interaction models make them: each has a topic of its own, its tokens lie around that and around
// centres that all share. Normalised for Cosine.
struct MultiShape {
  uint32_t dim = 32;
  uint32_t most_tokens = 8;
  uint32_t clusters = 50;
  Distance distance = Distance::kCosine;
};
std::vector<std::vector<float>> RandomMulti(const MultiShape& shape, uint32_t count, uint32_t seed);

// Σ over query rows of the best similarity to a stored row, in f64.
double TrueMaxSim(Distance distance, uint32_t dim, std::span<const float> query, std::span<const float> stored);
// Similarities of the k best rows that `accepts`, best first.
std::vector<float> MultiBruteForce(const MultiArrayRows& rows, Distance distance, std::span<const float> query,
                                   uint32_t k, const std::function<bool(uint32_t)>& accepts = nullptr);

}  // namespace sextant::vector_index
