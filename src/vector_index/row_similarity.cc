#include "vector_index/row_similarity.h"

#include <algorithm>
#include <limits>

#include "vector_index/sparse/row_scorer.h"

namespace sextant::vector_index {

float RowSimilarity::operator()(VectorRef a, VectorRef b) const {
  switch (kind_) {
    case VectorKind::kDense: return distance_.Similarity(a.values.data(), b.values.data(), dim_);
    case VectorKind::kMulti: return OfMulti(a, b);
    case VectorKind::kSparse: return OfSparse(a, b);
  }
  return 0;
}

float RowSimilarity::OfMulti(VectorRef a, VectorRef b) const {
  float sum = 0;
  for (size_t i = 0; i + dim_ <= a.size(); i += dim_) {
    float best = -std::numeric_limits<float>::infinity();
    for (size_t j = 0; j + dim_ <= b.size(); j += dim_)
      best = std::max(best, distance_.Similarity(a.values.data() + i, b.values.data() + j, dim_));
    sum += best;
  }
  return sum;
}

float RowSimilarity::OfSparse(VectorRef a, VectorRef b) {
  return static_cast<float>(RowScorer(a).Score(b).value_or(0));
}

}  // namespace sextant::vector_index
