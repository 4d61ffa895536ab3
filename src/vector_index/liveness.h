#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "types/ordinal.h"

namespace sextant::vector_index {

// What: which rows of a segment or chunk are alive at which operation number. A row is alive at v if it was not
// retired by an operation <= v; readers of an older view still see it.
// Threads: Retire by the shard's writer only, before it publishes the view of `op`; IsLive by any thread.
class Liveness {
 public:
  explicit Liveness(uint32_t rows)
      : rows_(rows),
        touched_(new std::atomic<uint64_t>[(rows + 63) / 64]()),
        retired_at_(new std::atomic<uint64_t>[rows]) {
    for (uint32_t i = 0; i < rows; ++i) retired_at_[i].store(kNever, std::memory_order_relaxed);
  }

  void Retire(uint32_t row, OperationNumber op) {
    if (retired_at_[row].load(std::memory_order_relaxed) != kNever) return;
    // The view of `op` is published after this with a release store; readers load that view with acquire, so they see
    // both stores. Readers of older views may see either value: both say "alive" to them.
    retired_at_[row].store(op, std::memory_order_relaxed);
    touched_[row / 64].fetch_or(uint64_t{1} << (row % 64), std::memory_order_relaxed);
    retired_.fetch_add(1, std::memory_order_relaxed);
  }

  // Undoes the retirement of a row that no view has named yet.
  void Revive(uint32_t row) {
    if (retired_at_[row].load(std::memory_order_relaxed) == kNever) return;
    retired_at_[row].store(kNever, std::memory_order_relaxed);
    touched_[row / 64].fetch_and(~(uint64_t{1} << (row % 64)), std::memory_order_relaxed);
    retired_.fetch_sub(1, std::memory_order_relaxed);
  }

  bool IsLive(uint32_t row, OperationNumber view) const {
    if ((touched_[row / 64].load(std::memory_order_relaxed) >> (row % 64) & 1) == 0) return true;
    return retired_at_[row].load(std::memory_order_relaxed) > view;
  }

  OperationNumber retired_at(uint32_t row) const { return retired_at_[row].load(std::memory_order_relaxed); }
  uint32_t retired_count() const { return retired_.load(std::memory_order_relaxed); }
  uint32_t rows() const { return rows_; }

 private:
  uint32_t rows_;
  std::unique_ptr<std::atomic<uint64_t>[]> touched_;     // bit: retired_at_ is not kNever
  std::unique_ptr<std::atomic<uint64_t>[]> retired_at_;  // per row
  std::atomic<uint32_t> retired_{0};
};

}  // namespace sextant::vector_index
