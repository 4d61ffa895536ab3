#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

namespace sextant::vector_index {

// What: which rows one walk has met. A byte a row holds the number of the walk that met it last, so that starting a
// walk clears nothing but every 255th time, and the table stays small enough for the cache.
// Threads: one walk at a time.
class VisitedSet {
 public:
  // Forgets everything; rows are below `rows`.
  void Begin(size_t rows) {
    if (marks_.size() < rows) marks_.resize(rows);
    if (++epoch_ == 0) {
      std::memset(marks_.data(), 0, marks_.size());
      epoch_ = 1;
    }
  }
  // True when `row` was not met before; it is now.
  bool Insert(uint32_t row) {
    uint8_t* const mark = marks_.data() + row;
    const bool fresh = *mark != epoch_;
    *mark = epoch_;
    return fresh;
  }
  bool Contains(uint32_t row) const { return marks_.data()[row] == epoch_; }
  size_t memory_bytes() const { return marks_.capacity(); }

 private:
  std::vector<uint8_t> marks_;
  uint8_t epoch_ = 0;
};

}  // namespace sextant::vector_index
