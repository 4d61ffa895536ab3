#pragma once

#include "types/filter.h"
#include "wire/rest/json/json_value.h"

namespace sextant::wire {

// A Filter object within the limits of types/filter.h. Unknown keys are errors.
void DecodeFilter(Value value, Filter* out);
// One condition, as a filter that requires it.
void DecodeConditionAsFilter(Value value, Filter* out);
// Sets `out` when the value is there.
void DecodeOptionalFilter(Value value, std::optional<Filter>* out);

}  // namespace sextant::wire
