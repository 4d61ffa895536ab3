#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "types/payload_path.h"
#include "types/point_id.h"

namespace sextant {

struct Filter;

// Match conditions. A JSON value matches when any of the (one level expanded) values at the path does.
struct MatchValue {
  std::variant<std::string, int64_t, bool> value;
};
struct MatchAny {  // all strings or all integers; empty matches nothing
  std::variant<std::vector<std::string>, std::vector<int64_t>> values;
};
struct MatchExcept {  // at least one value outside the list
  std::variant<std::vector<std::string>, std::vector<int64_t>> values;
};
struct Range {  // numbers, compared as f64; no bound at all matches any number
  std::optional<double> lt, gt, lte, gte;
};
struct ValuesCount {
  std::optional<uint64_t> lt, gt, lte, gte;
};
struct IsEmpty {  // missing, null or []
  bool expected = true;
};
struct IsNull {  // explicit null, or an array holding a null
  bool expected = true;
};

// A condition on the values at one payload path. Exactly one predicate.
struct FieldCondition {
  PayloadPath key;
  std::variant<MatchValue, MatchAny, MatchExcept, Range, ValuesCount, IsEmpty, IsNull> predicate;
};
// `{"is_empty":{"key":…}}` and `{"is_null":{"key":…}}`.
struct IsEmptyCondition {
  PayloadPath key;
};
struct IsNullCondition {
  PayloadPath key;
};
struct HasIdCondition {
  std::vector<PointId> ids;
};
struct HasVectorCondition {
  std::string name;
};
// Holds if one single object element at `key` (with `[]` appended) satisfies the whole inner filter.
struct NestedCondition {
  PayloadPath key;
  std::shared_ptr<const Filter> filter;
};
struct FilterCondition {  // a filter as a condition
  std::shared_ptr<const Filter> filter;
};

using Condition = std::variant<FieldCondition, IsEmptyCondition, IsNullCondition, HasIdCondition, HasVectorCondition,
                               NestedCondition, FilterCondition>;

struct MinShould {
  std::vector<Condition> conditions;
  uint64_t min_count = 1;
};

// Present clauses are ANDed. An empty list is ignored, except that an empty `should` inside `nested` matches nothing.
struct Filter {
  std::optional<std::vector<Condition>> must;
  std::optional<std::vector<Condition>> should;
  std::optional<std::vector<Condition>> must_not;
  std::optional<MinShould> min_should;
};

}  // namespace sextant
