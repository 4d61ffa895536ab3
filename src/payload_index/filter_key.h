#pragma once

#include <optional>
#include <string>

#include "types/filter.h"

namespace sextant::payload_index {

// A byte string that is equal for two predicates (filters) exactly when they are written alike: the key of caches.
std::string PredicateKey(const FieldCondition& condition);
// Nothing for a filter whose answer is not a function of the payloads alone (has_id, has_vector).
std::optional<std::string> FilterKey(const Filter& filter);

}  // namespace sextant::payload_index
