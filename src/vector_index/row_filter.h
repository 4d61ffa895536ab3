#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/kernels.h"
#include "types/ordinal_set.h"
#include "vector_index/liveness.h"
#include "vector_index/search_request.h"

namespace sextant::vector_index {

// Row i of `count` that are spread over `rows`: one of each of as many equal ranges, at an offset without a pattern of
// its own. Precondition: i < count <= rows.
inline uint32_t SpreadRow(uint32_t i, uint32_t count, uint32_t rows) {
  const uint64_t low = uint64_t{rows} * i / count, high = uint64_t{rows} * (i + 1) / count;
  return static_cast<uint32_t>(low + i * 0x9E3779B97F4A7C15ull % (high - low));
}

// What: which rows one search may return: alive in its view and, if it has an accept set, in that. Borrows all.
// Threads: immutable.
class RowFilter {
 public:
  RowFilter(const SearchRequest& request, const Liveness& liveness, const uint32_t* ordinals)
      : view_(request.view), accept_(request.accept), liveness_(liveness), ordinals_(ordinals) {}

  bool AcceptsAll() const { return accept_ == nullptr && liveness_.retired_count() == 0; }
  bool Accepts(uint32_t row) const {
    return (accept_ == nullptr || accept_->Contains(Ordinal{ordinals_[row]})) && liveness_.IsLive(row, view_);
  }
  // Writes the accepted of `count` rows from `first` on to `out` [count]; returns how many they are.
  size_t Select(uint32_t first, uint32_t count, uint32_t* out) const {
    if (accept_ != nullptr && accept_->is_dense() && liveness_.retired_count() == 0) {
      const std::span<const uint64_t> words = accept_->words();
      return kernels::Kernels().select_members(ordinals_ + first, count, {words.data(), words.size()}, first, out);
    }
    size_t selected = 0;
    for (uint32_t row = first; row < first + count; ++row) {
      out[selected] = row;
      selected += Accepts(row) ? 1 : 0;
    }
    return selected;
  }
  // The same of any rows.
  size_t SelectOf(std::span<const uint32_t> rows, uint32_t* out) const {
    size_t selected = 0;
    for (const uint32_t row : rows) {
      out[selected] = row;
      selected += Accepts(row) ? 1 : 0;
    }
    return selected;
  }
  void Prefetch(uint32_t row) const {
    if (accept_ != nullptr) __builtin_prefetch(ordinals_ + row);
  }

 private:
  OperationNumber view_;
  const OrdinalSet* accept_;
  const Liveness& liveness_;
  const uint32_t* ordinals_;
};

}  // namespace sextant::vector_index
