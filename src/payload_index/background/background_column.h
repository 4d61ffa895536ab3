#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "types/config.h"
#include "types/filter.h"
#include "types/payload_path.h"

namespace sextant::payload_index {

// A background column: what payloads hold at a path, for conditions of one kind on a field that no index serves. It
// decides as payloads do, so that nobody can tell it from them but by time. No client asks for one or sees one.
struct BackgroundColumn {
  PayloadPath path;
  FieldType type = FieldType::kKeyword;  // keyword, integer, float, bool, datetime or geo
  friend bool operator==(const BackgroundColumn&, const BackgroundColumn&) = default;

  std::string ToString() const;  // `path` (type)
};

// The type of the column that decides a predicate; nothing for predicates that only payloads decide.
std::optional<FieldType> ColumnTypeFor(const Predicate& predicate);

// How much of a column there is.
struct ColumnState {
  BackgroundColumn column;
  size_t filled_points = 0;  // living ones; the others are decided by their payloads
  size_t memory_bytes = 0;
};

}  // namespace sextant::payload_index
