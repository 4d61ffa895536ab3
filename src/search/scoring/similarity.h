#pragma once

#include "types/config.h"
#include "types/vector_value.h"
#include "vector_index/row_distance.h"

namespace sextant::search {

// What: the raw similarity of two stored vectors of one name: larger is nearer for every distance (Euclid −d²,
// Manhattan −d).
// Threads: a value.
class RawSimilarity {
 public:
  explicit RawSimilarity(Distance distance) : kind_(distance), distance_(distance) {}

  // Precondition: dense vectors of one size.
  float operator()(const VectorValue& a, const VectorValue& b) const {
    const auto& left = std::get<DenseVector>(a);
    return distance_.Similarity(left.data(), std::get<DenseVector>(b).data(), left.size());
  }

  // The raw similarity behind a hit's score.
  float OfScore(float score) const {
    switch (kind_) {
      case Distance::kEuclid: return -score * score;
      case Distance::kManhattan: return -score;
      default: return score;
    }
  }

 private:
  Distance kind_;
  vector_index::RowDistance distance_;
};

}  // namespace sextant::search
