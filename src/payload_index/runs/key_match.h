#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>

#include "payload_index/runs/column.h"

namespace sextant::payload_index {

// How keys of an index compare with the values and bounds of conditions.

// Exact comparison of an integer with a real bound. A NaN bound is neither above nor below anything.
inline bool LessThan(int64_t value, double bound) {
  constexpr double kTwo63 = 9223372036854775808.0;
  if (!(bound > -kTwo63)) return false;
  return bound >= kTwo63 || value < static_cast<int64_t>(std::ceil(bound));
}
inline bool GreaterThan(int64_t value, double bound) {
  constexpr double kTwo63 = 9223372036854775808.0;
  if (!(bound < kTwo63)) return false;
  return bound < -kTwo63 || value > static_cast<int64_t>(std::floor(bound));
}
inline bool LessThan(int64_t value, int64_t bound) {
  return value < bound;
}
inline bool GreaterThan(int64_t value, int64_t bound) {
  return value > bound;
}
inline bool LessThan(double value, double bound) {
  return value < bound;
}
inline bool GreaterThan(double value, double bound) {
  return value > bound;
}

inline bool HasNan(const Range& range) {
  const auto nan = [](const std::optional<double>& bound) { return bound && std::isnan(*bound); };
  return nan(range.lt) || nan(range.gt) || nan(range.lte) || nan(range.gte);
}

// The key that equals a value of a match, if keys of this kind can.
template <typename Key, typename T>
std::optional<typename KeyList<Key>::View> KeyEqualTo(const T& value) {
  using View = typename KeyList<Key>::View;
  if constexpr (std::is_same_v<Key, UuidKey> && std::is_same_v<T, std::string>) return UuidKeyOf(value);
  if constexpr (std::is_same_v<Key, uint8_t> && std::is_same_v<T, bool>) return View{value ? uint8_t{1} : uint8_t{0}};
  if constexpr (std::is_same_v<Key, T>) return View(value);
  return std::nullopt;
}

// Whether a predicate of one kind accepts a key. False for kinds that no index with such keys serves.
template <typename Key, typename Kind>
bool AcceptsKeyBy(const Kind& predicate, typename KeyList<Key>::View key) {
  const auto equals = [&](const auto& value) { return KeyEqualTo<Key>(value) == key; };
  [[maybe_unused]] const auto within = [&](const auto& bounds) {
    return (!bounds.lt || LessThan(key, *bounds.lt)) && (!bounds.gt || GreaterThan(key, *bounds.gt)) &&
           (!bounds.lte || !GreaterThan(key, *bounds.lte)) && (!bounds.gte || !LessThan(key, *bounds.gte));
  };
  constexpr bool kNumeric = std::is_same_v<Key, int64_t> || std::is_same_v<Key, double>;
  if constexpr (std::is_same_v<Kind, MatchValue>) {
    return std::visit(equals, predicate.value);
  } else if constexpr (std::is_same_v<Kind, MatchAny> || std::is_same_v<Kind, MatchExcept>) {
    const bool listed =
        std::visit([&](const auto& list) { return std::any_of(list.begin(), list.end(), equals); }, predicate.values);
    return listed != std::is_same_v<Kind, MatchExcept>;
  } else if constexpr (std::is_same_v<Kind, MatchPrefix> && std::is_same_v<Key, std::string>) {
    return key.starts_with(predicate.prefix);
  } else if constexpr (std::is_same_v<Kind, Range> && kNumeric) {
    return !HasNan(predicate) && within(predicate);
  } else if constexpr (std::is_same_v<Kind, DatetimeRange> && std::is_same_v<Key, int64_t>) {
    return within(predicate);
  } else if constexpr (std::is_same_v<Key, GeoKey> &&
                       (std::is_same_v<Kind, GeoBoundingBox> || std::is_same_v<Kind, GeoRadius> ||
                        std::is_same_v<Kind, GeoPolygon>)) {
    return Contains(predicate, key.point);
  } else {
    return false;
  }
}

template <typename Key>
bool AcceptsKey(const Predicate& predicate, typename KeyList<Key>::View key) {
  return std::visit([&]<typename Kind>(const Kind& kind) { return AcceptsKeyBy<Key>(kind, key); }, predicate);
}

}  // namespace sextant::payload_index
