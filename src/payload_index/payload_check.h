#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "payload_index/json_value.h"
#include "payload_index/substring.h"
#include "types/filter.h"
#include "types/payload_path.h"
#include "types/values/datetime.h"
#include "types/values/geo.h"

namespace sextant::payload_index {

// The meaning of conditions on a payload that no index serves: the semantics of record. `Value` is one of the two in
// json_value.h.

// Whether `pred(value)` holds for any value at the path below `node`; the leaf array is not expanded. With `each`,
// the elements of the arrays at the path are the values instead.
template <typename Value, typename Pred>
bool AnyValueAt(Value node, std::span<const PayloadPath::Step> steps, bool each, Pred&& pred) {
  using Kind = PayloadPath::Step::Kind;
  const Json::Kind node_kind = KindOf(node);
  if (steps.empty()) {
    if (!each) return pred(node);
    return node_kind == Json::Kind::kArray && AnyElementOf(node, pred);
  }
  const PayloadPath::Step& step = steps.front();
  const auto rest = steps.subspan(1);
  if (step.kind == Kind::kKey) {
    if (node_kind != Json::Kind::kObject) return false;
    const auto child = MemberOf(node, step.key);
    return child.has_value() && AnyValueAt(*child, rest, each, pred);
  }
  if (node_kind != Json::Kind::kArray) return false;
  if (step.kind == Kind::kIndex) {
    const auto child = ElementOf(node, step.index);
    return child.has_value() && AnyValueAt(*child, rest, each, pred);
  }
  return AnyElementOf(node, [&](Value child) { return AnyValueAt(child, rest, each, pred); });
}

template <typename Value>
bool IsEmptyValue(Value v) {
  const Json::Kind kind = KindOf(v);
  return kind == Json::Kind::kNull || (kind == Json::Kind::kArray && CountOf(v) == 0);
}

template <typename Value>
bool IsNullValue(Value v) {
  return KindOf(v) == Json::Kind::kNull;
}

template <typename Value>
bool IsOrHoldsNull(Value v) {
  if (KindOf(v) == Json::Kind::kArray) return AnyElementOf(v, [](Value element) { return IsNullValue(element); });
  return IsNullValue(v);
}

template <typename Value>
bool IsNumber(Value v) {
  const Json::Kind kind = KindOf(v);
  return kind >= Json::Kind::kInt && kind <= Json::Kind::kDouble;
}

template <typename Bounds, typename Number>
bool Within(const Bounds& bounds, Number value) {
  return (!bounds.lt || value < *bounds.lt) && (!bounds.gt || value > *bounds.gt) &&
         (!bounds.lte || value <= *bounds.lte) && (!bounds.gte || value >= *bounds.gte);
}

// What follows decides on one element of a field: Accepts(predicate, element).

template <typename Value>
bool Accepts(const MatchValue& match, Value v) {
  const Json::Kind kind = KindOf(v);
  if (const auto* text = std::get_if<std::string>(&match.value))
    return kind == Json::Kind::kString && StringOf(v) == *text;
  if (const auto* number = std::get_if<int64_t>(&match.value)) return kind == Json::Kind::kInt && IntOf(v) == *number;
  return kind == Json::Kind::kBool && BoolOf(v) == std::get<bool>(match.value);
}

using MatchList = std::variant<std::vector<std::string>, std::vector<int64_t>>;

template <typename Value>
bool InList(const MatchList& list, Value v) {
  const Json::Kind kind = KindOf(v);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&list)) {
    if (kind != Json::Kind::kString) return false;
    const std::string_view text = StringOf(v);
    return std::find(texts->begin(), texts->end(), text) != texts->end();
  }
  if (kind != Json::Kind::kInt) return false;
  const auto& numbers = std::get<std::vector<int64_t>>(list);
  return std::find(numbers.begin(), numbers.end(), IntOf(v)) != numbers.end();
}

template <typename Value>
bool Accepts(const MatchAny& match, Value v) {
  return InList(match.values, v);
}

template <typename Value>
bool Accepts(const MatchExcept& match, Value v) {
  return !IsNullValue(v) && !InList(match.values, v);
}

template <typename Value>
bool Accepts(const MatchText& match, Value v) {
  return KindOf(v) == Json::Kind::kString && HasSubstring(StringOf(v), match.text);
}
template <typename Value>
bool Accepts(const MatchPhrase& match, Value v) {
  return KindOf(v) == Json::Kind::kString && HasSubstring(StringOf(v), match.text);
}
template <typename Value>
bool Accepts(const MatchTextAny& match, Value v) {
  return KindOf(v) == Json::Kind::kString && HasAnyPiece(StringOf(v), match.text);
}
template <typename Value>
bool Accepts(const MatchPrefix& match, Value v) {
  return KindOf(v) == Json::Kind::kString && StringOf(v).starts_with(match.prefix);
}

template <typename Value>
bool Accepts(const Range& range, Value v) {
  return IsNumber(v) && Within(range, NumberOf(v));
}

template <typename Value>
bool Accepts(const DatetimeRange& range, Value v) {
  if (KindOf(v) != Json::Kind::kString) return false;
  const auto moment = ParseDatetime(StringOf(v));
  return moment.has_value() && Within(range, *moment);
}

// The valid point that an object with the numbers `lon` and `lat` stands for.
template <typename Value>
std::optional<GeoPoint> GeoPointOf(Value v) {
  if (KindOf(v) != Json::Kind::kObject) return std::nullopt;
  const auto lon = MemberOf(v, "lon");
  const auto lat = MemberOf(v, "lat");
  if (!lon || !lat || !IsNumber(*lon) || !IsNumber(*lat)) return std::nullopt;
  const GeoPoint point{NumberOf(*lon), NumberOf(*lat)};
  return IsValid(point) ? std::optional(point) : std::nullopt;
}

template <typename Area, typename Value>
  requires requires(const Area& area, const GeoPoint& point) { Contains(area, point); }
bool Accepts(const Area& area, Value v) {
  const auto point = GeoPointOf(v);
  return point.has_value() && Contains(area, *point);
}

// Whole fields: Holds(predicate, root, path).

template <typename Predicate, typename Value>
bool Holds(const Predicate& predicate, Value root, const PayloadPath& path) {
  return AnyValueAt(root, path.steps(), false, [&](Value v) {
    if (KindOf(v) != Json::Kind::kArray) return Accepts(predicate, v);
    return AnyElementOf(v, [&](Value element) { return Accepts(predicate, element); });
  });
}

template <typename Value>
bool Holds(const ValuesCount& bounds, Value root, const PayloadPath& path) {
  bool missing = true;
  const bool found = AnyValueAt(root, path.steps(), false, [&](Value v) {
    missing = false;
    const Json::Kind kind = KindOf(v);
    const uint64_t count = kind == Json::Kind::kArray ? CountOf(v) : kind == Json::Kind::kNull ? 0 : 1;
    return Within(bounds, count);
  });
  return missing ? Within(bounds, uint64_t{0}) : found;
}

template <typename Value>
bool Holds(const IsEmpty& predicate, Value root, const PayloadPath& path) {
  bool missing = true;
  const bool found = AnyValueAt(root, path.steps(), false, [&](Value v) {
    missing = false;
    return IsEmptyValue(v) == predicate.expected;
  });
  return missing ? predicate.expected : found;
}

template <typename Value>
bool Holds(const IsNull& predicate, Value root, const PayloadPath& path) {
  bool missing = true;
  const bool found = AnyValueAt(root, path.steps(), false, [&](Value v) {
    missing = false;
    return IsOrHoldsNull(v) == predicate.expected;
  });
  return missing ? !predicate.expected : found;
}

// Filters. `check(condition)` decides on a condition that is not itself a filter. Inside `nested`, an empty `should`
// or `min_should` matches nothing; elsewhere empty lists are ignored.
template <typename Check>
bool FilterHolds(const Filter& filter, bool nested, Check&& check) {
  const auto holds = [&](const Condition& condition) {
    if (const auto* inner = std::get_if<FilterCondition>(&condition)) return FilterHolds(*inner->filter, nested, check);
    return check(condition);
  };
  if (filter.must && !std::all_of(filter.must->begin(), filter.must->end(), holds)) return false;
  if (filter.must_not && std::any_of(filter.must_not->begin(), filter.must_not->end(), holds)) return false;
  if (filter.should && (nested || !filter.should->empty()) &&
      !std::any_of(filter.should->begin(), filter.should->end(), holds))
    return false;
  if (filter.min_should && (nested || !filter.min_should->conditions.empty())) {
    uint64_t count = 0;
    for (const Condition& condition : filter.min_should->conditions)
      if (count < filter.min_should->min_count && holds(condition)) ++count;
    if (count < filter.min_should->min_count) return false;
  }
  return true;
}

// Whether the field satisfies one of the predicates.
template <typename Value>
bool HoldsAny(const FieldCondition& condition, Value root) {
  const auto holds = [&](const Predicate& predicate) {
    return std::visit([&](const auto& p) { return Holds(p, root, condition.key); }, predicate);
  };
  return holds(condition.predicate) || std::any_of(condition.alternatives.begin(), condition.alternatives.end(), holds);
}

// Whether the payload `root` satisfies a condition on payloads. Conditions on the point itself (has_id, has_vector,
// slice) do not hold here: inside `nested` they match nothing, and elsewhere the caller decides on them.
template <typename Value>
bool PayloadHolds(const Condition& condition, Value root) {
  if (const auto* field = std::get_if<FieldCondition>(&condition)) return HoldsAny(*field, root);
  if (const auto* empty = std::get_if<IsEmptyCondition>(&condition))
    return !AnyValueAt(root, empty->key.steps(), false, [](Value v) { return !IsEmptyValue(v); });
  if (const auto* null = std::get_if<IsNullCondition>(&condition))
    return AnyValueAt(root, null->key.steps(), false, [](Value v) { return IsNullValue(v); });
  if (const auto* nested = std::get_if<NestedCondition>(&condition)) {
    const auto& steps = nested->key.steps();
    const bool each = steps.empty() || steps.back().kind != PayloadPath::Step::Kind::kEach;
    return AnyValueAt(root, steps, each, [&](Value element) {
      return KindOf(element) == Json::Kind::kObject &&
             FilterHolds(*nested->filter, true, [&](const Condition& inner) { return PayloadHolds(inner, element); });
    });
  }
  return false;
}

}  // namespace sextant::payload_index
