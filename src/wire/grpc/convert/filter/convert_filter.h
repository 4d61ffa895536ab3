#pragma once

#include <optional>
#include <utility>

#include "base/status.h"
#include "qdrant_common.pb.h"
#include "types/filter.h"

namespace sextant::wire {

// Filters. kFormat for a condition or match without a member and for nesting deeper than 64, kValidation for a field
// condition without a predicate and for min_count 0; kWrongInput for bad paths and for the kinds that types/filter.h
// lacks, which are named. Empty clauses are none.
Result<Filter> ConvertFilter(const qdrant::Filter& filter);

// The filter of a request that may have one.
template <typename Request>
Result<std::optional<Filter>> ConvertOptionalFilter(const Request& request) {
  if (!request.has_filter()) return std::optional<Filter>();
  ASSIGN_OR_RETURN(Filter filter, ConvertFilter(request.filter()));
  return std::optional<Filter>(std::move(filter));
}

}  // namespace sextant::wire
