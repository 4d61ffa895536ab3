#include "wire/rest/request/filter_codec.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "wire/rest/request/selectors.h"

namespace sextant::wire {
namespace {

void DecodeCondition(Value value, std::vector<Condition>* out);

// A list of conditions, or a single one.
void DecodeConditions(Value value, std::vector<Condition>* out) {
  if (value.is_array())
    value.ForEach([&](Value element) { DecodeCondition(element, out); });
  else
    DecodeCondition(value, out);
}

void DecodeClause(Value value, std::optional<std::vector<Condition>>* out) {
  if (value) DecodeConditions(value, &out->emplace());
}

// All strings or all integers.
template <typename Lists>
void DecodeList(Value value, Lists* out) {
  std::vector<std::string> strings;
  std::vector<int64_t> integers;
  value.ForEach([&](Value element) {
    if (element.is_string())
      element.Read(&strings.emplace_back());
    else if (element.Expect(element.is_integer(), "a string or an integer"))
      element.Read(&integers.emplace_back());
  });
  if (!strings.empty() && !integers.empty()) return value.Fail("strings and integers are mixed in one list");
  if (integers.empty())
    *out = std::move(strings);
  else
    *out = std::move(integers);
}

void DecodeMatchValue(Value value, MatchValue* out) {
  if (value.is_string()) {
    std::string text;
    value.Read(&text);
    out->value = std::move(text);
  } else if (value.is_bool()) {
    bool flag = false;
    value.Read(&flag);
    out->value = flag;
  } else if (value.Expect(value.is_integer(), "a string, an integer or a boolean")) {
    int64_t number = 0;
    value.Read(&number);
    out->value = number;
  }
}

using Predicate = decltype(FieldCondition::predicate);

void DecodeMatch(Value match, std::vector<Predicate>* out) {
  if (!match.Expect(match.is_object(), "a match object")) return;
  if (Value value = match["value"]) {
    MatchValue predicate;
    DecodeMatchValue(value, &predicate);
    out->emplace_back(std::move(predicate));
    return;
  }
  if (Value any = match["any"]) {
    MatchAny predicate;
    DecodeList(any, &predicate.values);
    out->emplace_back(std::move(predicate));
    return;
  }
  if (Value except = match["except"]) {
    MatchExcept predicate;
    DecodeList(except, &predicate.values);
    out->emplace_back(std::move(predicate));
    return;
  }
  for (const char* kind : {"text", "text_any", "phrase", "prefix"})
    if (Value other = match[kind]) return other.Unsupported(absl::StrCat("match by `", kind, "`"));
  match.Fail("missing field: one of `value`, `any`, `except`, `text`, `text_any`, `phrase`, `prefix` is needed");
}

void DecodeRange(Value value, std::vector<Predicate>* out) {
  if (!value.Expect(value.is_object(), "a range object")) return;
  Range range;
  const std::array<std::pair<const char*, std::optional<double>*>, 4> bounds = {
      {{"lt", &range.lt}, {"gt", &range.gt}, {"lte", &range.lte}, {"gte", &range.gte}}};
  for (const auto& [name, bound] : bounds) {
    const Value limit = value[name];
    if (limit.is_string()) return limit.Unsupported("a range over datetimes");
    limit.Read(bound);
  }
  out->emplace_back(range);
}

void DecodeValuesCount(Value value, std::vector<Predicate>* out) {
  if (!value.Expect(value.is_object(), "a values_count object")) return;
  ValuesCount count;
  value["lt"].Read(&count.lt);
  value["gt"].Read(&count.gt);
  value["lte"].Read(&count.lte);
  value["gte"].Read(&count.gte);
  out->emplace_back(count);
}

template <typename Flag>
void DecodeFlag(Value value, std::vector<Predicate>* out) {
  Flag flag;
  value.Read(&flag.expected);
  out->emplace_back(flag);
}

// The predicates of a field condition. Clients send one; of several, `values_count`, `is_empty` and `is_null` decide
// alone, in this order, and the others are alternatives.
std::vector<Predicate> DecodePredicates(Value value) {
  std::vector<Predicate> out;
  for (const char* kind : {"geo_bounding_box", "geo_radius", "geo_polygon"}) {
    if (Value geo = value[kind]) {
      geo.Unsupported("a geo condition");
      return out;
    }
  }
  if (Value count = value["values_count"]) {
    DecodeValuesCount(count, &out);
  } else if (Value empty = value["is_empty"]) {
    DecodeFlag<IsEmpty>(empty, &out);
  } else if (Value null = value["is_null"]) {
    DecodeFlag<IsNull>(null, &out);
  } else {
    if (Value match = value["match"]) DecodeMatch(match, &out);
    if (Value range = value["range"]) DecodeRange(range, &out);
  }
  return out;
}

void DecodeFieldCondition(Value value, std::vector<Condition>* out) {
  PayloadPath key;
  DecodePayloadPath(value.Required("key"), &key);
  std::vector<Predicate> predicates = DecodePredicates(value);
  if (predicates.empty()) return value.Invalid("at least one field condition must be specified");
  if (predicates.size() == 1) {
    out->emplace_back(FieldCondition{std::move(key), std::move(predicates.front())});
    return;
  }
  auto alternatives = std::make_shared<Filter>();
  alternatives->should.emplace();
  for (Predicate& predicate : predicates) alternatives->should->emplace_back(FieldCondition{key, std::move(predicate)});
  out->emplace_back(FilterCondition{std::move(alternatives)});
}

void DecodeNested(Value value, std::vector<Condition>* out) {
  NestedCondition condition;
  auto filter = std::make_shared<Filter>();
  DecodePayloadPath(value.Required("key"), &condition.key);
  if (Value inner = value.Required("filter")) DecodeFilter(inner, filter.get());
  condition.filter = std::move(filter);
  out->emplace_back(std::move(condition));
}

template <typename OfKey>
void DecodeOfKey(Value value, std::vector<Condition>* out) {
  OfKey condition;
  DecodePayloadPath(value.Required("key"), &condition.key);
  out->emplace_back(std::move(condition));
}

void DecodeHasId(Value ids, std::vector<Condition>* out) {
  HasIdCondition condition;
  DecodePointIds(ids, &condition.ids);
  out->emplace_back(std::move(condition));
}

void DecodeCondition(Value value, std::vector<Condition>* out) {
  if (!value.Expect(value.is_object(), "a condition object")) return;
  // An object with a `key` is a field condition, whatever else it holds.
  if (value.Has("key")) return DecodeFieldCondition(value, out);
  if (Value empty = value["is_empty"]) return DecodeOfKey<IsEmptyCondition>(empty, out);
  if (Value null = value["is_null"]) return DecodeOfKey<IsNullCondition>(null, out);
  if (Value ids = value["has_id"]) return DecodeHasId(ids, out);
  if (Value name = value["has_vector"]) {
    HasVectorCondition condition;
    name.Read(&condition.name);
    out->emplace_back(std::move(condition));
    return;
  }
  if (Value nested = value["nested"]) return DecodeNested(nested, out);
  if (Value slice = value["slice"]) return slice.Unsupported("a slice condition");
  auto filter = std::make_shared<Filter>();
  DecodeFilter(value, filter.get());
  out->emplace_back(FilterCondition{std::move(filter)});
}

void DecodeMinShould(Value value, MinShould* out) {
  value.Required("min_count").ReadAtLeast(1, &out->min_count);
  if (Value conditions = value.Required("conditions")) {
    if (conditions.Expect(conditions.is_array(), "a list of conditions"))
      DecodeConditions(conditions, &out->conditions);
  }
}

}  // namespace

void DecodeFilter(Value value, Filter* out) {
  static constexpr std::array<std::string_view, 4> kClauses = {"must", "should", "must_not", "min_should"};
  if (!value.Expect(value.is_object(), "a filter object")) return;
  value.ForEachMember([&](std::string_view key, Value) {
    if (std::find(kClauses.begin(), kClauses.end(), key) == kClauses.end())
      value.Fail(absl::StrCat("unknown field `", std::string(key),
                              "`, expected one of `should`, `min_should`, `must`, `must_not`"));
  });
  DecodeClause(value["must"], &out->must);
  DecodeClause(value["should"], &out->should);
  DecodeClause(value["must_not"], &out->must_not);
  if (Value min_should = value["min_should"]) DecodeMinShould(min_should, &out->min_should.emplace());
}

void DecodeConditionAsFilter(Value value, Filter* out) {
  DecodeCondition(value, &out->must.emplace());
}

void DecodeOptionalFilter(Value value, std::optional<Filter>* out) {
  if (value) DecodeFilter(value, &out->emplace());
}

}  // namespace sextant::wire
