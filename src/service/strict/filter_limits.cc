#include "service/strict/filter_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <type_traits>

#include "types/payload_path.h"

namespace sextant::service {
namespace {

// What an index may be asked for. An integer index serves matches, ranges or both.
enum class Use {
  kKeyword,
  kIntegerMatch,
  kIntegerRange,
  kFloat,
  kBool,
  kGeo,
  kDatetime,
  kUuid,
  kText,
};
using Uses = std::vector<Use>;

const Uses& AnyUse() {
  static const Uses* any = new Uses{Use::kKeyword, Use::kIntegerMatch, Use::kIntegerRange, Use::kFloat, Use::kBool,
                                    Use::kGeo,     Use::kDatetime,     Use::kUuid,         Use::kText};
  return *any;
}

FieldType TypeOf(Use use) {
  switch (use) {
    case Use::kKeyword: return FieldType::kKeyword;
    case Use::kIntegerMatch:
    case Use::kIntegerRange: return FieldType::kInteger;
    case Use::kFloat: return FieldType::kFloat;
    case Use::kBool: return FieldType::kBool;
    case Use::kGeo: return FieldType::kGeo;
    case Use::kDatetime: return FieldType::kDatetime;
    case Use::kUuid: return FieldType::kUuid;
    case Use::kText: break;
  }
  return FieldType::kText;
}

bool Allows(const FieldSchema& schema, Use use) {
  if (schema.type != TypeOf(use)) return false;
  if (use == Use::kIntegerMatch) return schema.lookup;
  return use != Use::kIntegerRange || schema.range;
}

bool IsUuid(const std::string& text) {
  return PointId::ParseUuid(text).has_value();
}
// Strings that are UUIDs are also found by a UUID index.
Uses UsesOfTexts(bool uuids) {
  return uuids ? Uses{Use::kKeyword, Use::kUuid} : Uses{Use::kKeyword};
}

// Which uses serve a predicate; any one is enough.
struct UsesOf {
  Uses operator()(const MatchValue& match) const {
    if (const auto* text = std::get_if<std::string>(&match.value)) return UsesOfTexts(IsUuid(*text));
    return {std::holds_alternative<bool>(match.value) ? Use::kBool : Use::kIntegerMatch};
  }
  template <typename List>
    requires requires(const List& list) { list.values; }
  Uses operator()(const List& list) const {
    const auto* texts = std::get_if<std::vector<std::string>>(&list.values);
    if (texts == nullptr) return {Use::kIntegerMatch};
    return UsesOfTexts(!texts->empty() && std::all_of(texts->begin(), texts->end(), IsUuid));
  }
  Uses operator()(const MatchText&) const { return {Use::kText}; }
  Uses operator()(const MatchTextAny&) const { return {Use::kText}; }
  Uses operator()(const MatchPhrase&) const { return {Use::kText}; }
  Uses operator()(const MatchPrefix&) const { return {Use::kKeyword}; }
  Uses operator()(const Range&) const { return {Use::kIntegerRange, Use::kFloat}; }
  Uses operator()(const DatetimeRange&) const { return {Use::kDatetime}; }
  Uses operator()(const GeoBoundingBox&) const { return {Use::kGeo}; }
  Uses operator()(const GeoRadius&) const { return {Use::kGeo}; }
  Uses operator()(const GeoPolygon&) const { return {Use::kGeo}; }
  Uses operator()(const ValuesCount&) const { return AnyUse(); }
  Uses operator()(const IsEmpty&) const { return AnyUse(); }
  Uses operator()(const IsNull&) const { return AnyUse(); }
};

Uses UsesOfAny(const FieldCondition& condition) {
  Uses uses = std::visit(UsesOf{}, condition.predicate);
  for (const Predicate& alternative : condition.alternatives) {
    const Uses more = std::visit(UsesOf{}, alternative);
    uses.insert(uses.end(), more.begin(), more.end());
  }
  return uses;
}

Status RequireIndex(const PayloadPath& field, const Uses& uses, const FindSchema& find, std::string_view different) {
  const FieldSchema* schema = find(field);
  if (schema != nullptr && std::any_of(uses.begin(), uses.end(), [&](Use use) { return Allows(*schema, use); }))
    return OkStatus();
  std::vector<std::string_view> names;
  for (const Use use : uses) {
    const std::string_view name = FieldTypeName(TypeOf(use));
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return StrictError(fmt::format("Index required but not found for \"{}\" of one of the following types: [{}]",
                                 field.ToString(), fmt::join(names, ", ")),
                     fmt::format("Create an index for this key or use a different {}.", different));
}

// Calls `visit(condition, prefix)` for every condition that is no filter; `prefix` is the array that it is within.
// Stops at the first error.
template <typename Visitor>
Status ForEachCondition(const Filter& filter, const PayloadPath& prefix, const Visitor& visit);

template <typename Visitor>
Status VisitAll(const std::vector<Condition>& conditions, const PayloadPath& prefix, const Visitor& visit) {
  for (const Condition& condition : conditions) {
    if (const auto* inner = std::get_if<FilterCondition>(&condition)) {
      RETURN_IF_ERROR(ForEachCondition(*inner->filter, prefix, visit));
    } else if (const auto* nested = std::get_if<NestedCondition>(&condition)) {
      RETURN_IF_ERROR(ForEachCondition(*nested->filter, prefix.Join(nested->key).Each(), visit));
    } else {
      RETURN_IF_ERROR(visit(condition, prefix));
    }
  }
  return OkStatus();
}

template <typename Visitor>
Status ForEachCondition(const Filter& filter, const PayloadPath& prefix, const Visitor& visit) {
  if (filter.must) RETURN_IF_ERROR(VisitAll(*filter.must, prefix, visit));
  if (filter.should) RETURN_IF_ERROR(VisitAll(*filter.should, prefix, visit));
  if (filter.must_not) RETURN_IF_ERROR(VisitAll(*filter.must_not, prefix, visit));
  if (filter.min_should) RETURN_IF_ERROR(VisitAll(filter.min_should->conditions, prefix, visit));
  return OkStatus();
}

uint64_t SizeOf(const Condition& condition) {
  if (const auto* ids = std::get_if<HasIdCondition>(&condition)) return ids->ids.size();
  const auto* field = std::get_if<FieldCondition>(&condition);
  if (field == nullptr) return 0;
  return std::visit(
      [](const auto& predicate) -> uint64_t {
        if constexpr (requires { predicate.values; }) {
          return std::visit([](const auto& values) { return values.size(); }, predicate.values);
        } else if constexpr (requires { predicate.interiors; }) {
          uint64_t points = predicate.exterior.size();
          for (const auto& ring : predicate.interiors) points += ring.size();
          return points;
        } else {
          return 0;
        }
      },
      field->predicate);
}

Status CheckIndexed(const Filter& filter, const FindSchema& find) {
  return ForEachCondition(filter, {}, [&](const Condition& condition, const PayloadPath& prefix) -> Status {
    if (const auto* field = std::get_if<FieldCondition>(&condition))
      return RequireIndex(prefix.Join(field->key), UsesOfAny(*field), find, "filter");
    if (const auto* empty = std::get_if<IsEmptyCondition>(&condition))
      return RequireIndex(prefix.Join(empty->key), AnyUse(), find, "filter");
    if (const auto* null = std::get_if<IsNullCondition>(&condition))
      return RequireIndex(prefix.Join(null->key), AnyUse(), find, "filter");
    return OkStatus();
  });
}

}  // namespace

uint64_t CountConditions(const Filter& filter) {
  uint64_t count = 0;
  const Status counted = ForEachCondition(filter, {}, [&](const Condition&, const PayloadPath&) {
    ++count;
    return OkStatus();
  });
  return counted.ok() ? count : 0;
}

uint64_t LargestCondition(const Filter& filter) {
  uint64_t largest = 0;
  const Status measured = ForEachCondition(filter, {}, [&](const Condition& condition, const PayloadPath&) {
    largest = std::max(largest, SizeOf(condition));
    return OkStatus();
  });
  return measured.ok() ? largest : 0;
}

bool NamesTenant(const Filter& filter, const FindSchema& find) {
  bool found = false;
  const Status searched = ForEachCondition(filter, {}, [&](const Condition& condition, const PayloadPath& prefix) {
    const auto* field = std::get_if<FieldCondition>(&condition);
    const FieldSchema* const schema = field != nullptr ? find(prefix.Join(field->key)) : nullptr;
    found |= schema != nullptr && IsTenant(*schema);
    return OkStatus();
  });
  return searched.ok() && found;
}

Status CheckFilter(const Filter& filter, const StrictMode& mode, std::optional<bool> allow_unindexed,
                   const FindSchema& find) {
  if (allow_unindexed == false) RETURN_IF_ERROR(CheckIndexed(filter, find));
  if (mode.filter_max_conditions) {
    const uint64_t count = CountConditions(filter);
    if (count > *mode.filter_max_conditions)
      return StrictError(fmt::format("Filter condition limit reached ({} > {})", count, *mode.filter_max_conditions),
                         "Reduce the amount of conditions of your filter.");
  }
  if (mode.condition_max_size) {
    const uint64_t size = LargestCondition(filter);
    if (size > *mode.condition_max_size)
      return StrictError(fmt::format("Condition size limit reached ({} > {})", size, *mode.condition_max_size),
                         "Reduce the size of your condition.");
  }
  return OkStatus();
}

Status CheckField(const PayloadPath& field, FieldUse use, const FindSchema& find) {
  if (use == FieldUse::kOrderBy)
    return RequireIndex(field, {Use::kIntegerRange, Use::kFloat, Use::kDatetime}, find, "order_by key");
  return RequireIndex(field, {Use::kKeyword, Use::kIntegerMatch, Use::kUuid}, find, "group_by key");
}

Status CheckFormula(const search::Expression& expression, const FindSchema& find) {
  return std::visit(
      [&](const auto& node) -> Status {
        using Node = std::decay_t<decltype(node)>;
        constexpr std::string_view kDifferent = "formula expression";
        if constexpr (std::is_same_v<Node, search::PayloadVariable>) {
          return RequireIndex(node.path, {Use::kIntegerMatch, Use::kIntegerRange, Use::kFloat}, find, kDifferent);
        } else if constexpr (std::is_same_v<Node, search::GeoDistanceTo>) {
          return RequireIndex(node.to, {Use::kGeo}, find, kDifferent);
        } else if constexpr (std::is_same_v<Node, search::DatetimeVariable>) {
          return RequireIndex(node.path, {Use::kDatetime}, find, kDifferent);
        } else if constexpr (std::is_same_v<Node, search::ConditionTest>) {
          return CheckIndexed(node.filter, find);
        } else if constexpr (std::is_same_v<Node, search::Operation>) {
          for (const search::Expression& operand : node.operands) RETURN_IF_ERROR(CheckFormula(operand, find));
        }
        return OkStatus();
      },
      expression.node);
}

}  // namespace sextant::service
