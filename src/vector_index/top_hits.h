#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "vector_index/search_request.h"

namespace sextant::vector_index {

// Nearer first; equal ones by row, so that answers are stable.
inline bool IsBetter(const RowHit& a, const RowHit& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
}

// What: the best `count` of many hits offered in any order. Constant time an offer for any count: the buffer holds
// twice as many and is cut by selection when it is full.
// Threads: one.
class TopHits {
 public:
  explicit TopHits(size_t count) : count_(count) {}

  // Similarities that overflowed to "not a number" rank last.
  void Offer(float similarity, uint32_t row) {
    if (similarity != similarity) similarity = -std::numeric_limits<float>::infinity();
    if (similarity < floor_ || count_ == 0) return;
    hits_.push_back({similarity, row});
    if (hits_.size() >= 2 * count_ + kSlack) Cut();
  }

  // The hits, best first.
  std::vector<RowHit> Take() {
    if (hits_.size() > count_) Cut();
    std::sort(hits_.begin(), hits_.end(), IsBetter);
    return std::move(hits_);
  }

 private:
  static constexpr size_t kSlack = 64;

  void Cut() {
    const auto last = hits_.begin() + static_cast<ptrdiff_t>(count_ - 1);
    std::nth_element(hits_.begin(), last, hits_.end(), IsBetter);
    floor_ = last->similarity;
    hits_.resize(count_);
  }

  size_t count_;
  float floor_ = -std::numeric_limits<float>::infinity();  // what a hit must reach to matter
  std::vector<RowHit> hits_;
};

}  // namespace sextant::vector_index
