#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
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
  // Whether so many ordinals up to `last` are kept as a bitset.
  static bool IsDense(size_t count, uint32_t last) { return count * kSparsest > size_t{last} + 1; }
  // `sorted` is ascending without duplicates.
  static OrdinalSet FromSorted(std::vector<uint32_t> sorted) {
    OrdinalSet set;
    set.size_ = sorted.size();
    if (!sorted.empty() && IsDense(sorted.size(), sorted.back())) {
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
    if (words.empty() || IsDense(set.size_, static_cast<uint32_t>(words.size() * 64 - 1))) {
      set.words_ = std::move(words);
      return set;
    }
    set.sorted_.reserve(set.size_);
    for (size_t w = 0; w < words.size(); ++w)
      for (uint64_t word = words[w]; word != 0; word &= word - 1)
        set.sorted_.push_back(static_cast<uint32_t>(w * 64 + static_cast<size_t>(__builtin_ctzll(word))));
    return set;
  }

  // The ordinals that both hold.
  static OrdinalSet Intersection(const OrdinalSet& a, const OrdinalSet& b) {
    if (a.is_dense() && b.is_dense()) {
      std::vector<uint64_t> words(std::min(a.words_.size(), b.words_.size()));
      for (size_t i = 0; i < words.size(); ++i) words[i] = a.words_[i] & b.words_[i];
      return FromWords(std::move(words));
    }
    const auto& [few, many] = a.is_dense() || (!b.is_dense() && b.size() < a.size()) ? std::tie(b, a) : std::tie(a, b);
    std::vector<uint32_t> shared;
    for (const uint32_t value : few.sorted_)
      if (many.Contains(Ordinal{value})) shared.push_back(value);
    return FromSorted(std::move(shared));
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  bool Contains(Ordinal ordinal) const {
    const uint32_t value = Index(ordinal);
    if (is_dense()) return value / 64 < words_.size() && (words_[value / 64] >> (value % 64) & 1) != 0;
    return std::binary_search(sorted_.begin(), sorted_.end(), value);
  }
  bool is_dense() const { return !words_.empty(); }
  // Of a dense set: bit i says whether ordinal i is in; nothing beyond is.
  std::span<const uint64_t> words() const { return words_; }

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
  // A bitset of one in so many takes four times the bytes of the array, and a tenth of the time to ask.
  static constexpr size_t kSparsest = 128;

  std::vector<uint32_t> sorted_;  // one of the two is empty
  std::vector<uint64_t> words_;
  size_t size_ = 0;
};

}  // namespace sextant
