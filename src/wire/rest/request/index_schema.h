#pragma once

#include "types/config.h"
#include "wire/rest/json/json_value.h"

namespace sextant::wire {

// The schema of a payload index: a type name, or an object with `type` and options.
void DecodeIndexSchema(Value value, FieldSchema* out);

}  // namespace sextant::wire
