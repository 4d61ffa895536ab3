#include "payload_index/background/column_verdict.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "payload_index/background/column_demand.h"
#include "payload_index/filter_key.h"
#include "payload_index/runs/selected_points.h"

namespace sextant::payload_index {
namespace {

// A filter may have tens of thousands of conditions.
constexpr size_t kMostCounted = 32;

struct Place {
  const Predicate* predicate;
  size_t field;
};

std::vector<const Predicate*> PredicatesOf(const FieldCondition& condition) {
  std::vector<const Predicate*> predicates = {&condition.predicate};
  for (const Predicate& alternative : condition.alternatives) predicates.push_back(&alternative);
  return predicates;
}

// The column of each predicate; nothing when one has none.
std::vector<Place> PlacesOf(const FieldCondition& condition, const IndexView& view) {
  std::vector<Place> places;
  for (const Predicate* predicate : PredicatesOf(condition)) {
    const auto type = ColumnTypeFor(*predicate);
    const auto field = type ? view.FindColumn({condition.key, *type}) : std::nullopt;
    if (!field) return {};
    places.push_back({predicate, *field});
  }
  return places;
}

// Every element that is no key is outside any list.
bool AcceptsUnkeyed(const Predicate& predicate) {
  return std::holds_alternative<MatchExcept>(predicate);
}

}  // namespace

Result<std::optional<ColumnVerdict>> DecideByColumns(const FieldCondition& condition, const IndexView& view,
                                                     const Deadline& deadline) {
  const std::vector<Place> places = PlacesOf(condition, view);
  if (places.empty()) return std::optional<ColumnVerdict>();
  std::vector<std::shared_ptr<const Bitmap>> accepted;
  std::vector<const Bitmap*> unknown;
  for (const Place& place : places) {
    view.demand->CountUse({condition.key, view.fields[place.field].schema.type});
    const std::string key = PredicateKey({condition.key, *place.predicate});
    SelectedPoints selected;
    for (const Run& run : view.runs) {
      if (!run.HasColumn(place.field)) {
        unknown.push_back(&run.live());
        continue;
      }
      RETURN_IF_ERROR(selected.Add(run, place.field, *place.predicate, key, deadline));
      const Column& column = run.column(place.field);
      if (AcceptsUnkeyed(*place.predicate) && !column.unkeyed().empty())
        selected.Add(std::make_shared<const Bitmap>(column.unkeyed() & run.live()));
    }
    accepted.push_back(std::make_shared<const Bitmap>(selected.Take()));
  }
  std::vector<const Bitmap*> raw;
  for (const auto& set : accepted) raw.push_back(set.get());
  return std::optional(ColumnVerdict{Bitmap::UnionOf(raw), Bitmap::UnionOf(unknown)});
}

std::optional<double> EstimateByColumns(const FieldCondition& condition, const IndexView& view) {
  const std::vector<Place> places = PlacesOf(condition, view);
  if (places.empty()) return std::nullopt;
  double total = 0;
  for (const Run& run : view.runs) {
    const double live = static_cast<double>(run.live_count());
    double accepted = 0;
    for (const Place& place : places) {
      if (!run.HasColumn(place.field)) {
        accepted += live / 2;
        continue;
      }
      const Column& column = run.column(place.field);
      size_t pairs = std::min(column.Count(*place.predicate), column.present().size());
      if (AcceptsUnkeyed(*place.predicate)) pairs += column.unkeyed().size();
      accepted += live * static_cast<double>(pairs) / static_cast<double>(run.built_count());
    }
    total += std::min(accepted, live);
  }
  return total;
}

void AddColumnsFor(const FieldCondition& condition, std::vector<BackgroundColumn>* columns) {
  for (const Predicate* predicate : PredicatesOf(condition)) {
    const auto type = ColumnTypeFor(*predicate);
    if (!type || columns->size() >= kMostCounted) continue;
    BackgroundColumn column{condition.key, *type};
    if (std::find(columns->begin(), columns->end(), column) == columns->end()) columns->push_back(std::move(column));
  }
}

}  // namespace sextant::payload_index
