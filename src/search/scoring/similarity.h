#pragma once

#include "types/config.h"
#include "types/vector_value.h"
#include "vector_index/row_similarity.h"

namespace sextant::search {

// What: the raw similarity of two stored vectors of one name: larger is nearer for every distance (Euclid −d²,
// Manhattan −d).
// Threads: a value.
class RawSimilarity {
 public:
  explicit RawSimilarity(const VectorParams& params) : kind_(params.distance), similarity_(params) {}

  // Precondition: vectors as they are stored.
  float operator()(const VectorValue& a, const VectorValue& b) const { return similarity_(RefOf(a), RefOf(b)); }

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
  vector_index::RowSimilarity similarity_;
};

}  // namespace sextant::search
