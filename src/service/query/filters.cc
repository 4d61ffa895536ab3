#include "service/query/filters.h"

#include <algorithm>
#include <vector>

namespace sextant::service {
namespace {

using Conditions = std::optional<std::vector<Condition>>;

void Append(const Conditions& from, Conditions* to) {
  if (!from) return;
  if (!*to) to->emplace();
  (*to)->insert((*to)->end(), from->begin(), from->end());
}

}  // namespace

std::optional<Filter> MergeFilters(const Filter* outer, const Filter* inner) {
  if (outer == nullptr && inner == nullptr) return std::nullopt;
  if (outer == nullptr) return *inner;
  if (inner == nullptr) return *outer;
  Filter merged = *outer;
  Append(inner->must, &merged.must);
  Append(inner->should, &merged.should);
  Append(inner->must_not, &merged.must_not);
  if (!merged.min_should) {
    merged.min_should = inner->min_should;
  } else if (inner->min_should) {
    std::vector<Condition>& conditions = merged.min_should->conditions;
    conditions.insert(conditions.end(), inner->min_should->conditions.begin(), inner->min_should->conditions.end());
    merged.min_should->min_count = std::max(merged.min_should->min_count, inner->min_should->min_count);
  }
  return merged;
}

std::optional<Filter> WithoutPoints(const Filter* filter, const std::vector<PointId>& ids) {
  if (ids.empty()) return filter == nullptr ? std::nullopt : std::optional(*filter);
  Filter without;
  without.must_not.emplace().push_back(HasIdCondition{ids});
  return MergeFilters(filter, &without);
}

}  // namespace sextant::service
