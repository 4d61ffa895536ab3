#include <algorithm>
#include <memory>
#include <set>

#include "search/reader.h"
#include "search/view_points.h"

namespace sextant::search {
namespace {

constexpr size_t kPointsPerDeadlineCheck = 256;

bool CountsValues(const FieldSchema& schema) {
  switch (schema.type) {
    case FieldType::kKeyword:
    case FieldType::kBool: return true;
    case FieldType::kInteger: return schema.lookup;
    default: return false;
  }
}

// What an index of this type holds for a value.
std::optional<FacetValue> Indexed(FieldType type, const Json& value) {
  if (type == FieldType::kKeyword && value.is_string()) return FacetValue(value.as_string());
  if (type == FieldType::kBool && value.is_bool()) return FacetValue(value.as_bool());
  if (type != FieldType::kInteger) return std::nullopt;
  if (value.is_int()) return FacetValue(value.as_int());
  if (value.kind() != Json::Kind::kDouble) return std::nullopt;
  const double number = value.as_double();
  constexpr double kBound = 9223372036854775808.0;
  const bool integral =
      number >= -kBound && number < kBound && number == static_cast<double>(static_cast<int64_t>(number));
  return integral ? std::optional(FacetValue(static_cast<int64_t>(number))) : std::nullopt;
}

// The distinct values of one payload, each counted once.
void CountValues(const Json& payload, const PayloadPath& key, FieldType type, FacetCounts* counts) {
  std::set<FacetValue> values;
  const auto add = [&](const Json& value) {
    if (auto indexed = Indexed(type, value)) values.insert(*std::move(indexed));
  };
  key.Visit(payload, [&](const Json& value) {
    if (!value.is_array()) return add(value);
    for (const Json& element : value.array()) add(element);
  });
  for (const FacetValue& value : values) ++(*counts)[value];
}

}  // namespace

Result<FacetCounts> Facet(const View& view, const FacetRequest& request) {
  const auto fields = view.index->Fields();
  const auto field = std::find_if(fields.begin(), fields.end(),
                                  [&](const auto& one) { return one.path == request.key && CountsValues(one.schema); });
  if (field == fields.end())
    return WrongInput("No appropriate index for faceting: `" + request.key.ToString() +
                      "`. Please create one of keyword, integer with lookup, bool or uuid to facet on this key.");
  const ViewPoints points(view);
  std::shared_ptr<const OrdinalSet> accept = view.index->AllPoints();
  if (request.filter != nullptr) {
    ASSIGN_OR_RETURN(accept, view.index->Evaluate(*request.filter, points, request.deadline));
  }
  FacetCounts counts;
  size_t steps = 0;
  const auto count = [&](std::string_view text) -> Status {
    if (++steps % kPointsPerDeadlineCheck == 0) RETURN_IF_ERROR(request.deadline.Check());
    if (text.empty()) return OkStatus();
    ASSIGN_OR_RETURN(const Json payload, Json::Parse(text));
    CountValues(payload, request.key, field->schema.type, &counts);
    return OkStatus();
  };
  if (accept->size() == view.point_count) {
    RETURN_IF_ERROR(points.ForEachPayload([&](Ordinal, std::string_view text) { return count(text); }));
    return counts;
  }
  Status status;
  accept->ForEach([&](Ordinal ordinal) {
    const auto text = points.Payload(ordinal);
    status = text.ok() ? count(*text) : text.status();
    return status.ok();
  });
  RETURN_IF_ERROR(status);
  return counts;
}

}  // namespace sextant::search
