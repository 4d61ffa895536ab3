#include "payload_index/background/background_column.h"

#include <cstdint>
#include <variant>
#include <vector>

namespace sextant::payload_index {
namespace {

FieldType TypeOfList(const std::variant<std::vector<std::string>, std::vector<int64_t>>& list) {
  return std::holds_alternative<std::vector<std::string>>(list) ? FieldType::kKeyword : FieldType::kInteger;
}

// Substrings, counts and nulls are left to the payloads.
struct TypeFor {
  using Type = std::optional<FieldType>;

  Type operator()(const MatchValue& match) const {
    if (std::holds_alternative<std::string>(match.value)) return FieldType::kKeyword;
    return std::holds_alternative<bool>(match.value) ? FieldType::kBool : FieldType::kInteger;
  }
  Type operator()(const MatchAny& match) const { return TypeOfList(match.values); }
  Type operator()(const MatchExcept& match) const { return TypeOfList(match.values); }
  Type operator()(const MatchPrefix&) const { return FieldType::kKeyword; }
  Type operator()(const Range&) const { return FieldType::kFloat; }
  Type operator()(const DatetimeRange&) const { return FieldType::kDatetime; }
  Type operator()(const GeoBoundingBox&) const { return FieldType::kGeo; }
  Type operator()(const GeoRadius&) const { return FieldType::kGeo; }
  Type operator()(const GeoPolygon&) const { return FieldType::kGeo; }
  Type operator()(const MatchText&) const { return std::nullopt; }
  Type operator()(const MatchTextAny&) const { return std::nullopt; }
  Type operator()(const MatchPhrase&) const { return std::nullopt; }
  Type operator()(const ValuesCount&) const { return std::nullopt; }
  Type operator()(const IsEmpty&) const { return std::nullopt; }
  Type operator()(const IsNull&) const { return std::nullopt; }
};

}  // namespace

std::string BackgroundColumn::ToString() const {
  return "`" + path.ToString() + "` (" + std::string(FieldTypeName(type)) + ")";
}

std::optional<FieldType> ColumnTypeFor(const Predicate& predicate) {
  return std::visit(TypeFor(), predicate);
}

}  // namespace sextant::payload_index
