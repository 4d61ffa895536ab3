#include "wire/rest/request/filter_codec.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "wire/rest/request/predicate_codec.h"
#include "wire/rest/request/selectors.h"

namespace sextant::wire {
namespace {

// What is left of the limits of one filter.
struct Budget {
  size_t levels = kMaxFilterDepth;
  size_t conditions = kMaxFilterConditions;
};

void DecodeLevel(Value value, Budget* budget, Filter* out);
void DecodeCondition(Value value, Budget* budget, std::vector<Condition>* out);

// A list of conditions, or a single one.
void DecodeConditions(Value value, Budget* budget, std::vector<Condition>* out) {
  if (value.is_array())
    value.ForEach([&](Value element) { DecodeCondition(element, budget, out); });
  else
    DecodeCondition(value, budget, out);
}

void DecodeClause(Value value, Budget* budget, std::optional<std::vector<Condition>>* out) {
  if (value) DecodeConditions(value, budget, &out->emplace());
}

void DecodeFieldCondition(Value value, std::vector<Condition>* out) {
  PayloadPath key;
  DecodePayloadPath(value.Required("key"), &key);
  std::vector<Predicate> predicates = DecodePredicates(value);
  if (predicates.empty()) return value.Invalid("at least one field condition must be specified");
  FieldCondition condition{std::move(key), std::move(predicates.front())};
  predicates.erase(predicates.begin());
  condition.alternatives = std::move(predicates);
  out->emplace_back(std::move(condition));
}

void DecodeNested(Value value, Budget* budget, std::vector<Condition>* out) {
  NestedCondition condition;
  auto filter = std::make_shared<Filter>();
  DecodePayloadPath(value.Required("key"), &condition.key);
  if (Value inner = value.Required("filter")) DecodeLevel(inner, budget, filter.get());
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

void DecodeSlice(Value value, std::vector<Condition>* out) {
  SliceCondition slice;
  const Value total = value.Required("total");
  total.Read(&slice.total);
  if (slice.total == 0) return total.Fail("invalid value: integer `0`, expected a nonzero u32");
  const Value index = value.Required("index");
  index.Read(&slice.index);
  if (slice.index >= slice.total)
    index.Invalid(absl::StrCat("value ", slice.index, " invalid, must be below `total`, which is ", slice.total));
  out->emplace_back(slice);
}

void DecodeCondition(Value value, Budget* budget, std::vector<Condition>* out) {
  if (!value.Expect(value.is_object(), "a condition object")) return;
  if (budget->conditions == 0)
    return value.Fail(absl::StrCat("a filter holds at most ", kMaxFilterConditions, " conditions"));
  --budget->conditions;
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
  if (Value nested = value["nested"]) return DecodeNested(nested, budget, out);
  if (Value slice = value["slice"]) return DecodeSlice(slice, out);
  auto filter = std::make_shared<Filter>();
  DecodeLevel(value, budget, filter.get());
  out->emplace_back(FilterCondition{std::move(filter)});
}

void DecodeMinShould(Value value, Budget* budget, MinShould* out) {
  value.Required("min_count").ReadAtLeast(1, &out->min_count);
  if (Value conditions = value.Required("conditions")) {
    if (conditions.Expect(conditions.is_array(), "a list of conditions"))
      DecodeConditions(conditions, budget, &out->conditions);
  }
}

void DecodeLevel(Value value, Budget* budget, Filter* out) {
  static constexpr std::array<std::string_view, 4> kClauses = {"must", "should", "must_not", "min_should"};
  if (!value.Expect(value.is_object(), "a filter object")) return;
  value.ForEachMember([&](std::string_view key, Value) {
    if (std::find(kClauses.begin(), kClauses.end(), key) == kClauses.end())
      value.Fail(absl::StrCat("unknown field `", std::string(key),
                              "`, expected one of `should`, `min_should`, `must`, `must_not`"));
  });
  if (budget->levels == 0) return value.Fail(absl::StrCat("filters are nested deeper than ", kMaxFilterDepth));
  --budget->levels;
  DecodeClause(value["must"], budget, &out->must);
  DecodeClause(value["should"], budget, &out->should);
  DecodeClause(value["must_not"], budget, &out->must_not);
  if (Value min_should = value["min_should"]) DecodeMinShould(min_should, budget, &out->min_should.emplace());
  ++budget->levels;
}

}  // namespace

void DecodeFilter(Value value, Filter* out) {
  Budget budget;
  DecodeLevel(value, &budget, out);
}

void DecodeConditionAsFilter(Value value, Filter* out) {
  Budget budget;
  DecodeCondition(value, &budget, &out->must.emplace());
}

void DecodeOptionalFilter(Value value, std::optional<Filter>* out) {
  if (value) DecodeFilter(value, &out->emplace());
}

}  // namespace sextant::wire
