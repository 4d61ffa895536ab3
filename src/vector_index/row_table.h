#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "types/ordinal.h"

namespace sextant::vector_index {

// What: ordinal → row. A table when the ordinals are dense, else binary search in the sorted column of the file.
// Threads: immutable. Ownership: borrows both columns. Precondition: rows >= 1.
class RowTable {
 public:
  RowTable() = default;
  RowTable(const uint32_t* ordinals, const uint32_t* rows_by_ordinal, uint32_t rows)
      : ordinals_(ordinals), rows_by_ordinal_(rows_by_ordinal), rows_(rows) {
    first_ = ordinals[rows_by_ordinal[0]];
    const uint64_t range = uint64_t{ordinals[rows_by_ordinal[rows - 1]]} - first_ + 1;
    if (range > uint64_t{4} * rows) return;
    table_.assign(range, kNone);
    for (uint32_t row = 0; row < rows; ++row) table_[ordinals[row] - first_] = row;
  }

  std::optional<uint32_t> Find(Ordinal ordinal) const {
    const uint32_t row = Lookup(Index(ordinal));
    return row == kNone ? std::nullopt : std::optional(row);
  }
  // Asks for what Find will look at.
  void Prefetch(Ordinal ordinal) const {
    const uint32_t place = Index(ordinal) - first_;
    if (place < table_.size()) __builtin_prefetch(table_.data() + place);
  }
  uint64_t memory_bytes() const { return table_.capacity() * sizeof(uint32_t); }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  uint32_t Lookup(uint32_t ordinal) const {
    if (!table_.empty()) {
      if (ordinal < first_ || ordinal - first_ >= table_.size()) return kNone;
      return table_[ordinal - first_];
    }
    const uint32_t* const end = rows_by_ordinal_ + rows_;
    const uint32_t* const found = std::lower_bound(
        rows_by_ordinal_, end, ordinal, [&](uint32_t row, uint32_t value) { return ordinals_[row] < value; });
    return found != end && ordinals_[*found] == ordinal ? *found : kNone;
  }

  const uint32_t* ordinals_ = nullptr;
  const uint32_t* rows_by_ordinal_ = nullptr;
  uint32_t rows_ = 0;
  uint32_t first_ = 0;
  std::vector<uint32_t> table_;
};

}  // namespace sextant::vector_index
