#pragma once

#include <string>

#include "base/status.h"
#include "simdjson.h"

namespace sextant::wire {

// Objects and arrays may be nested this deep inside a payload.
inline constexpr int kMaxPayloadDepth = 64;

// Appends minified text: numbers of the same kind (1.0 stays 1.0), members in order of first appearance, the last
// value of a repeated key. False when it is nested deeper than kMaxPayloadDepth.
bool AppendMinified(simdjson::dom::element element, std::string* out);

// The document with `.0` after every integer outside i64 and u64: those are doubles here and an error in simdjson.
std::string WithLargeIntegersAsDoubles(const std::string& text);

}  // namespace sextant::wire
