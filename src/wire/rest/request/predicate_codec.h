#pragma once

#include <vector>

#include "types/filter.h"
#include "wire/rest/json/json_value.h"

namespace sextant::wire {

using Predicate = decltype(FieldCondition::predicate);

// The predicates of a field condition. Clients send one; of several, `values_count`, `is_empty` and `is_null` decide
// alone, in this order, and the others are alternatives.
std::vector<Predicate> DecodePredicates(Value condition);

}  // namespace sextant::wire
