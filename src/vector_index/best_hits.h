#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "vector_index/search_request.h"
#include "vector_index/top_hits.h"

namespace sextant::vector_index {

// What: the best `count` of many hits offered in any order, as TopHits, but its floor is exact at any moment, for
// searches that skip what cannot reach it.
// Threads: one.
class BestHits {
 public:
  explicit BestHits(size_t count) : count_(count) {}

  // Similarities that are not a number rank last.
  void Offer(double score, uint32_t row) {
    auto similarity = static_cast<float>(score);
    if (similarity != similarity) similarity = -std::numeric_limits<float>::infinity();
    const RowHit hit{similarity, row};
    if (hits_.size() == count_) {
      if (count_ == 0 || !IsBetter(hit, hits_.front())) return;
      ReplaceWorst(hit);
    } else {
      hits_.push_back(hit);
      std::push_heap(hits_.begin(), hits_.end(), [](const RowHit& a, const RowHit& b) { return IsBetter(a, b); });
    }
  }

  size_t count() const { return count_; }
  // A score that is not above it cannot change the answer if its row is larger than all offered so far.
  double floor() const {
    return hits_.size() < count_ || hits_.empty() ? -std::numeric_limits<double>::infinity()
                                                  : static_cast<double>(hits_.front().similarity);
  }

  // The hits, best first.
  std::vector<RowHit> Take() {
    std::sort(hits_.begin(), hits_.end(), IsBetter);
    return std::move(hits_);
  }

 private:
  // One pass down, where taking one out and putting one in would be two.
  void ReplaceWorst(const RowHit& hit) {
    size_t place = 0;
    for (size_t child = 1; child < hits_.size(); child = 2 * place + 1) {
      if (child + 1 < hits_.size() && IsBetter(hits_[child], hits_[child + 1])) ++child;
      if (!IsBetter(hit, hits_[child])) break;
      hits_[place] = hits_[child];
      place = child;
    }
    hits_[place] = hit;
  }

  size_t count_;
  std::vector<RowHit> hits_;  // a heap, the worst first
};

}  // namespace sextant::vector_index
