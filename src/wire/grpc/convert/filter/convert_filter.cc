#include "wire/grpc/convert/filter/convert_filter.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "wire/grpc/convert/convert_point_id.h"
#include "wire/grpc/convert/filter/convert_predicate.h"

namespace sextant::wire {
namespace {

using Conditions = google::protobuf::RepeatedPtrField<qdrant::Condition>;

// What a filter may still hold, on all its levels together.
struct Budget {
  size_t conditions = kMaxFilterConditions;
};

Result<Filter> ConvertFilterAt(const qdrant::Filter& filter, size_t depth, Budget* budget);

// The bounds of a range, of either number type.
template <typename Bounds, typename Message>
Bounds ConvertBounds(const Message& message) {
  Bounds bounds;
  if (message.has_lt()) bounds.lt = message.lt();
  if (message.has_gt()) bounds.gt = message.gt();
  if (message.has_lte()) bounds.lte = message.lte();
  if (message.has_gte()) bounds.gte = message.gte();
  return bounds;
}

// The predicates of a field condition. Clients send one; of several, `values_count`, `is_empty` and `is_null` decide
// alone, in this order.
Result<std::vector<Predicate>> ConvertPredicates(const qdrant::FieldCondition& field) {
  std::vector<Predicate> out;
  const auto add = [&](Result<Predicate> predicate) -> Status {
    RETURN_IF_ERROR(predicate);
    out.push_back(*std::move(predicate));
    return OkStatus();
  };
  if (field.has_values_count()) {
    out.emplace_back(ConvertBounds<ValuesCount>(field.values_count()));
  } else if (field.has_is_empty()) {
    out.emplace_back(IsEmpty{field.is_empty()});
  } else if (field.has_is_null()) {
    out.emplace_back(IsNull{field.is_null()});
  } else {
    if (field.has_match()) RETURN_IF_ERROR(add(ConvertMatch(field.match())));
    if (field.has_range()) out.emplace_back(ConvertBounds<Range>(field.range()));
    if (field.has_datetime_range()) RETURN_IF_ERROR(add(ConvertDatetimeRange(field.datetime_range())));
    if (field.has_geo_bounding_box()) RETURN_IF_ERROR(add(ConvertGeoBoundingBox(field.geo_bounding_box())));
    if (field.has_geo_radius()) RETURN_IF_ERROR(add(ConvertGeoRadius(field.geo_radius())));
    if (field.has_geo_polygon()) RETURN_IF_ERROR(add(ConvertGeoPolygon(field.geo_polygon())));
  }
  return out;
}

Result<Condition> ConvertField(const qdrant::FieldCondition& field) {
  ASSIGN_OR_RETURN(PayloadPath key, PayloadPath::Parse(field.key()));
  ASSIGN_OR_RETURN(std::vector<Predicate> predicates, ConvertPredicates(field));
  if (predicates.empty())
    return ValidationError(absl::StrCat("[", field.key(), ": at least one field condition must be specified]"));
  FieldCondition condition{std::move(key), std::move(predicates.front())};
  predicates.erase(predicates.begin());
  condition.alternatives = std::move(predicates);
  return Condition(std::move(condition));
}

Result<Condition> ConvertNested(const qdrant::NestedCondition& nested, size_t depth, Budget* budget) {
  NestedCondition condition;
  ASSIGN_OR_RETURN(condition.key, PayloadPath::Parse(nested.key()));
  if (!nested.has_filter()) return FormatError("Malformed NestedCondition: `filter` is missing");
  ASSIGN_OR_RETURN(Filter filter, ConvertFilterAt(nested.filter(), depth + 1, budget));
  condition.filter = std::make_shared<const Filter>(std::move(filter));
  return Condition(std::move(condition));
}

Result<Condition> ConvertSlice(const qdrant::SliceCondition& slice) {
  if (slice.index() >= slice.total())
    return ValidationError(absl::StrCat("[slice.index: value ", slice.index(),
                                        " invalid, must be below `total`, which is ", slice.total(), "]"));
  return Condition(SliceCondition{slice.total(), slice.index()});
}

template <typename OfKey>
Result<Condition> ConvertOfKey(const std::string& key) {
  ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(key));
  return Condition(OfKey{std::move(path)});
}

Result<Condition> ConvertCondition(const qdrant::Condition& condition, size_t depth, Budget* budget) {
  if (budget->conditions == 0)
    return FormatError(absl::StrCat("a filter holds at most ", kMaxFilterConditions, " conditions"));
  --budget->conditions;
  switch (condition.condition_one_of_case()) {
    case qdrant::Condition::kField: return ConvertField(condition.field());
    case qdrant::Condition::kIsEmpty: return ConvertOfKey<IsEmptyCondition>(condition.is_empty().key());
    case qdrant::Condition::kIsNull: return ConvertOfKey<IsNullCondition>(condition.is_null().key());
    case qdrant::Condition::kHasId: {
      ASSIGN_OR_RETURN(auto ids, ConvertPointIds(condition.has_id().has_id()));
      return Condition(HasIdCondition{std::move(ids)});
    }
    case qdrant::Condition::kHasVector: return Condition(HasVectorCondition{condition.has_vector().has_vector()});
    case qdrant::Condition::kNested: return ConvertNested(condition.nested(), depth, budget);
    case qdrant::Condition::kFilter: {
      ASSIGN_OR_RETURN(Filter filter, ConvertFilterAt(condition.filter(), depth + 1, budget));
      return Condition(FilterCondition{std::make_shared<const Filter>(std::move(filter))});
    }
    case qdrant::Condition::kSlice: return ConvertSlice(condition.slice());
    case qdrant::Condition::CONDITION_ONE_OF_NOT_SET: break;
  }
  return FormatError("Malformed Condition type");
}

Result<std::vector<Condition>> ConvertConditions(const Conditions& conditions, size_t depth, Budget* budget) {
  std::vector<Condition> out;
  out.reserve(static_cast<size_t>(conditions.size()));
  for (const qdrant::Condition& condition : conditions) {
    ASSIGN_OR_RETURN(Condition converted, ConvertCondition(condition, depth, budget));
    out.push_back(std::move(converted));
  }
  return out;
}

Status ConvertClause(const Conditions& conditions, size_t depth, Budget* budget,
                     std::optional<std::vector<Condition>>* out) {
  if (conditions.empty()) return OkStatus();
  ASSIGN_OR_RETURN(*out, ConvertConditions(conditions, depth, budget));
  return OkStatus();
}

Result<Filter> ConvertFilterAt(const qdrant::Filter& filter, size_t depth, Budget* budget) {
  if (depth > kMaxFilterDepth) return FormatError("a filter is nested deeper than 64 levels");
  Filter out;
  RETURN_IF_ERROR(ConvertClause(filter.must(), depth, budget, &out.must));
  RETURN_IF_ERROR(ConvertClause(filter.should(), depth, budget, &out.should));
  RETURN_IF_ERROR(ConvertClause(filter.must_not(), depth, budget, &out.must_not));
  if (filter.has_min_should()) {
    MinShould min_should;
    min_should.min_count = filter.min_should().min_count();
    if (min_should.min_count == 0)
      return ValidationError("[filter.min_should.min_count: value 0 invalid, must be 1 or larger]");
    ASSIGN_OR_RETURN(min_should.conditions, ConvertConditions(filter.min_should().conditions(), depth, budget));
    out.min_should = std::move(min_should);
  }
  return out;
}

}  // namespace

Result<Filter> ConvertFilter(const qdrant::Filter& filter) {
  Budget budget;
  return ConvertFilterAt(filter, 1, &budget);
}

}  // namespace sextant::wire
