#pragma once

#include <cstdint>
#include <optional>

#include "base/status.h"

namespace sextant {

// What: an error with the number of seconds after which the same request may succeed; without one, waiting is of no
// use. Annotate drops it.
// Threads: values; share nothing.
Status WithRetryAfter(Status status, uint64_t seconds);
std::optional<uint64_t> RetryAfterOf(const Status& status);

}  // namespace sextant
