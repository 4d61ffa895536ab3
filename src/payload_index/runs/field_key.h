#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <type_traits>

#include "payload_index/payload_check.h"
#include "payload_index/runs/column.h"
#include "types/values/datetime.h"
#include "types/values/geo_cells.h"

namespace sextant::payload_index {

// How an index reads a payload: the elements of its field, and the keys under which it holds them.

// How the keys of a field type are kept.
template <FieldType type>
using KeyOfType = std::conditional_t<
    type == FieldType::kKeyword || type == FieldType::kText, std::string,
    std::conditional_t<
        type == FieldType::kInteger || type == FieldType::kDatetime, int64_t,
        std::conditional_t<type == FieldType::kFloat, double,
                           std::conditional_t<type == FieldType::kBool, uint8_t,
                                              std::conditional_t<type == FieldType::kUuid, UuidKey, GeoKey>>>>>;

// Calls `run(std::integral_constant<FieldType, type>())`.
template <typename Run>
auto WithType(FieldType type, Run&& run) {
  switch (type) {
    case FieldType::kKeyword: break;
    case FieldType::kInteger: return run(std::integral_constant<FieldType, FieldType::kInteger>());
    case FieldType::kFloat: return run(std::integral_constant<FieldType, FieldType::kFloat>());
    case FieldType::kBool: return run(std::integral_constant<FieldType, FieldType::kBool>());
    case FieldType::kGeo: return run(std::integral_constant<FieldType, FieldType::kGeo>());
    case FieldType::kDatetime: return run(std::integral_constant<FieldType, FieldType::kDatetime>());
    case FieldType::kUuid: return run(std::integral_constant<FieldType, FieldType::kUuid>());
    case FieldType::kText: return run(std::integral_constant<FieldType, FieldType::kText>());
  }
  return run(std::integral_constant<FieldType, FieldType::kKeyword>());
}

// The integer that a number stands for.
template <typename Value>
std::optional<int64_t> WholeNumber(Value element) {
  const Json::Kind kind = KindOf(element);
  if (kind == Json::Kind::kInt) return IntOf(element);
  if (kind != Json::Kind::kDouble) return std::nullopt;
  const double value = NumberOf(element);
  constexpr double kTwo63 = 9223372036854775808.0;
  if (value == std::trunc(value) && value >= -kTwo63 && value < kTwo63) return static_cast<int64_t>(value);
  return std::nullopt;
}

// The key under which an index of this type holds an element, if it does.
template <FieldType type, typename Value>
std::optional<typename KeyList<KeyOfType<type>>::View> KeyOf(Value element) {
  const Json::Kind kind = KindOf(element);
  if constexpr (type == FieldType::kInteger) {
    return WholeNumber(element);
  } else if constexpr (type == FieldType::kFloat) {
    if (IsNumber(element)) return NumberOf(element) + 0.0;  // one zero: -0.0 + 0.0 is 0.0
  } else if constexpr (type == FieldType::kBool) {
    if (kind == Json::Kind::kBool) return BoolOf(element) ? 1 : 0;
  } else if constexpr (type == FieldType::kGeo) {
    if (const auto point = GeoPointOf(element)) return GeoKey{GeoCellOf(*point), *point};
  } else if (kind == Json::Kind::kString) {
    if constexpr (type == FieldType::kKeyword) return StringOf(element);
    if constexpr (type == FieldType::kDatetime) return ParseDatetime(StringOf(element));
    if constexpr (type == FieldType::kUuid) return UuidKeyOf(StringOf(element));
  }
  return std::nullopt;
}

// What an index knows of a whole field.
struct FieldFlags {
  bool not_empty = false;   // a value is neither null nor []
  bool holds_null = false;  // a value is null or an array that holds a null
};

// Calls `visit(element)` for every element that an index of this field looks at: the values at the path, arrays one
// level expanded.
template <typename Value, typename Visitor>
FieldFlags VisitElements(Value root, const PayloadPath& path, Visitor&& visit) {
  FieldFlags flags;
  const auto visit_on = [&](Value element) {
    visit(element);
    return false;
  };
  AnyValueAt(root, path.steps(), false, [&](Value value) {
    flags.not_empty |= !IsEmptyValue(value);
    flags.holds_null |= IsOrHoldsNull(value);
    if (KindOf(value) == Json::Kind::kArray)
      AnyElementOf(value, visit_on);
    else
      visit(value);
    return false;
  });
  return flags;
}

}  // namespace sextant::payload_index
