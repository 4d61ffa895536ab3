#pragma once

#include <optional>
#include <vector>

#include "types/filter.h"
#include "types/point_id.h"

namespace sextant::service {

// Null: no filter.
inline const Filter* Borrow(const std::optional<Filter>& filter) {
  return filter ? &*filter : nullptr;
}

// The filter of a stage together with that of the stages above it: lists of one kind are joined, so that two lists of
// `should` become one, and two of `min_should` one of which the larger number has to hold. Null: no filter.
std::optional<Filter> MergeFilters(const Filter* outer, const Filter* inner);

// The filter, and none of these points.
std::optional<Filter> WithoutPoints(const Filter* filter, const std::vector<PointId>& ids);

}  // namespace sextant::service
