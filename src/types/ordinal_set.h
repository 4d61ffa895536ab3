#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "types/ordinal.h"

namespace sextant {

// What: an immutable set of ordinals, the form in which a filter reaches the vector index. Small sets are a sorted
// array, larger ones a bitset, so that both the size of an answer and its membership test stay proportional.
// Threads: immutable; any thread.
class OrdinalSet {
 public:
  OrdinalSet() = default;
  // `sorted` is ascending without duplicates.
  static OrdinalSet FromSorted(std::vector<uint32_t> sorted) {
    OrdinalSet set;
    set.size_ = sorted.size();
    if (!sorted.empty() && sorted.size() * 32 > static_cast<size_t>(sorted.back()) + 1) {
      set.words_.resize(sorted.back() / 64 + 1);
      for (uint32_t value : sorted) set.words_[value / 64] |= uint64_t{1} << (value % 64);
    } else {
      set.sorted_ = std::move(sorted);
    }
    return set;
  }
  // Bit i of `words` says whether ordinal i is in.
  static OrdinalSet FromWords(std::vector<uint64_t> words) {
    OrdinalSet set;
    for (uint64_t word : words) set.size_ += static_cast<size_t>(__builtin_popcountll(word));
    set.words_ = std::move(words);
    return set;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  bool Contains(Ordinal ordinal) const {
    const uint32_t value = Index(ordinal);
    if (!words_.empty()) return value / 64 < words_.size() && (words_[value / 64] >> (value % 64) & 1) != 0;
    return std::binary_search(sorted_.begin(), sorted_.end(), value);
  }

  // Calls `visit(Ordinal)` in ascending order; stops early when it returns false.
  template <typename Visitor>
  void ForEach(Visitor&& visit) const {
    for (uint32_t value : sorted_)
      if (!visit(Ordinal{value})) return;
    for (size_t w = 0; w < words_.size(); ++w)
      for (uint64_t word = words_[w]; word != 0; word &= word - 1)
        if (!visit(Ordinal{static_cast<uint32_t>(w * 64 + static_cast<size_t>(__builtin_ctzll(word)))})) return;
  }

  size_t memory_bytes() const { return words_.capacity() * 8 + sorted_.capacity() * 4; }

 private:
  std::vector<uint32_t> sorted_;  // one of the two is empty
  std::vector<uint64_t> words_;
  size_t size_ = 0;
};

}  // namespace sextant
