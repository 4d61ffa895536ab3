#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "types/payload_path.h"
#include "types/point_id.h"
#include "types/values/geo.h"

namespace sextant {

struct Filter;

// What decoders hold a filter to, so that its evaluation is bounded: levels of filters within filters (the outermost
// is the first), and conditions on all levels together.
inline constexpr size_t kMaxFilterDepth = 64;
inline constexpr size_t kMaxFilterConditions = size_t{1} << 16;
inline constexpr size_t kMaxPolygonPoints = size_t{1} << 16;   // of one condition, all rings together
inline constexpr size_t kMaxMatchTextBytes = size_t{1} << 16;  // of MatchText, MatchTextAny and MatchPhrase

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
// Texts. Without a text index: the whole text, any whitespace-separated piece of it, or again the whole text is a
// substring (case-sensitive). With one: all tokens, any token, or the tokens in a row are there.
struct MatchText {
  std::string text;
};
struct MatchTextAny {
  std::string text;
};
struct MatchPhrase {
  std::string text;
};
struct MatchPrefix {  // strings that start with these bytes
  std::string prefix;
};
struct Range {  // numbers, compared as f64; no bound at all matches any number
  std::optional<double> lt, gt, lte, gte;
};
struct DatetimeRange {  // strings that are datetimes; microseconds (types/values/datetime.h)
  std::optional<int64_t> lt, gt, lte, gte;
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

using Predicate =
    std::variant<MatchValue, MatchAny, MatchExcept, MatchText, MatchTextAny, MatchPhrase, MatchPrefix, Range,
                 DatetimeRange, GeoBoundingBox, GeoRadius, GeoPolygon, ValuesCount, IsEmpty, IsNull>;

// A condition on the values at one payload path. Clients give one predicate. Of several, the first that the field's
// index serves decides alone; without such an index, one that holds is enough.
struct FieldCondition {
  PayloadPath key;
  Predicate predicate;
  std::vector<Predicate> alternatives = {};
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
// One of `total` disjoint parts of all ids: SliceHash(id) mod total == index (types/values/siphash.h). index < total.
struct SliceCondition {
  uint32_t total = 1;
  uint32_t index = 0;
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
                               SliceCondition, NestedCondition, FilterCondition>;

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
