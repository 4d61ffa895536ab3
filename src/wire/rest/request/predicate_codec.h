#pragma once

#include <vector>

#include "types/filter.h"
#include "wire/rest/json/json_value.h"

namespace sextant::wire {

// The predicates of a field condition. Clients send one; of several, `values_count`, `is_empty` and `is_null` decide
// alone, in this order.
std::vector<Predicate> DecodePredicates(Value condition);

}  // namespace sextant::wire
