#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "vector_index/sparse/sparse_search.h"
#include "vector_index/sparse/weight_codec.h"

namespace sextant::vector_index {

// As ForEachShared, where `a` is not the longer one.
template <typename Visitor>
void ForEachSharedWithLonger(std::span<const uint32_t> a, std::span<const uint32_t> b, Visitor&& visit) {
  constexpr size_t kLeap = 32;  // so much longer: searched instead of merged
  size_t j = 0;
  const bool leap = b.size() > kLeap * a.size();
  for (size_t i = 0; i < a.size() && j < b.size(); ++i) {
    if (leap) {
      j = static_cast<size_t>(std::lower_bound(b.begin() + static_cast<ptrdiff_t>(j), b.end(), a[i]) - b.begin());
    } else {
      while (j < b.size() && b[j] < a[i]) ++j;
    }
    if (j < b.size() && b[j] == a[i]) visit(i, j);
  }
}

// Calls visit(i, j) for every i, j with a[i] == b[j], ascending. Both are ascending without repeats.
template <typename Visitor>
void ForEachShared(std::span<const uint32_t> a, std::span<const uint32_t> b, Visitor&& visit) {
  if (a.size() <= b.size()) {
    ForEachSharedWithLonger(a, b, visit);
  } else {
    ForEachSharedWithLonger(b, a, [&](size_t j, size_t i) { visit(i, j); });
  }
}

// What: scores single rows against one query. Borrows the query.
// Threads: immutable after the codecs are set.
class RowScorer {
 public:
  explicit RowScorer(VectorRef query) : query_(query) {}
  // Weights count as the numbers that their stored form stands for; one codec for each index of the query.
  void SetCodecs(std::vector<WeightCodec> codecs) { codecs_ = std::move(codecs); }

  // Nothing for a row that shares no index.
  std::optional<double> Score(VectorRef row) const {
    if (codecs_.empty() && query_.size() <= kFewIndices)
      return kernels_.sparse_dot({query_.indices.data(), query_.values.data(), query_.size()},
                                 {row.indices.data(), row.values.data(), row.size()});
    double sum = 0;
    bool shared = false;
    ForEachShared(query_.indices, row.indices, [&](size_t i, size_t j) {
      const float weight = codecs_.empty() ? row.values[j] : codecs_[i].Round(row.values[j]);
      sum += static_cast<double>(query_.values[i]) * static_cast<double>(weight);
      shared = true;
    });
    return shared ? std::optional(sum) : std::nullopt;
  }

 private:
  // So few indices are compared with all of a row.
  static constexpr size_t kFewIndices = 48;

  const kernels::KernelTable& kernels_ = kernels::Kernels();
  VectorRef query_;
  std::vector<WeightCodec> codecs_;  // none: weights as they are
};

}  // namespace sextant::vector_index
