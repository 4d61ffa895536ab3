#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace sextant::vector_index {

struct Candidate {
  float similarity;
  uint32_t row;  // in a pool, the top bit says that it was expanded; see CandidatePool
};

// What: the best candidates of a walk, sorted, best first, at most `capacity`; each is expanded once. A sorted array
// beats heaps here: most offers fail the comparison with the last entry, and the others move few bytes.
// Rows are below 2^31.
// Threads: one.
class CandidatePool {
 public:
  void Reset(size_t capacity) {
    capacity_ = capacity;
    size_ = 0;
    cursor_ = 0;
    if (entries_.size() < capacity + 1) entries_.resize(capacity + 1);
  }

  bool full() const { return size_ == capacity_; }
  size_t size() const { return size_; }
  float worst() const { return entries_[size_ - 1].similarity; }
  uint32_t row(size_t i) const { return entries_[i].row & ~kExpanded; }
  float similarity(size_t i) const { return entries_[i].similarity; }

  // False when it is not among the best (or not a number). Precondition: not offered before.
  bool Insert(float similarity, uint32_t row) {
    if (full() ? !(similarity > worst()) : similarity != similarity) return false;
    Candidate* const begin = entries_.data();
    Candidate* const end = begin + size_;
    Candidate* const at = Position(begin, similarity);
    std::memmove(at + 1, at, static_cast<size_t>(end - at) * sizeof(Candidate));
    *at = {similarity, row};
    if (size_ < capacity_) ++size_;
    cursor_ = std::min(cursor_, static_cast<size_t>(at - begin));
    return true;
  }

  // The best row that was not expanded yet, now marked; false when there is none.
  bool TakeNext(uint32_t* row) {
    while (cursor_ < size_ && (entries_[cursor_].row & kExpanded) != 0) ++cursor_;
    if (cursor_ == size_) return false;
    *row = entries_[cursor_].row;
    entries_[cursor_].row |= kExpanded;
    ++cursor_;
    return true;
  }
  // A guess at what TakeNext returns next, for prefetching; false when there is none.
  bool PeekNext(uint32_t* row) const {
    if (cursor_ >= size_) return false;
    *row = entries_[cursor_].row & ~kExpanded;
    return true;
  }

 private:
  // The first entry worse than `similarity`. Written so that no step branches: the comparisons are unpredictable.
  Candidate* Position(Candidate* base, float similarity) const {
    size_t length = size_;
    while (length > 1) {
      const size_t half = length / 2;
      base += base[half - 1].similarity >= similarity ? half : 0;
      length -= half;
    }
    return base + (length == 1 && base->similarity >= similarity ? 1 : 0);
  }

  static constexpr uint32_t kExpanded = 1U << 31;

  std::vector<Candidate> entries_;  // one more than the capacity: room to shift the worst out
  size_t capacity_ = 0;
  size_t size_ = 0;
  size_t cursor_ = 0;  // every entry before it is expanded
};

}  // namespace sextant::vector_index
