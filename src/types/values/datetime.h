#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sextant {

// The moment that a text names, in microseconds since 1970-01-01T00:00:00Z (finer digits are cut off); nothing for a
// text that is not a datetime. `DATE[(T| )HH:MM[:SS[.digits]]][zone]` where DATE is `YYYY-MM-DD` and zone, only after
// seconds, is `Z`, `UTC`, `±HH:MM`, `±HHMM` or `±HH` (a space may stand before it); without zone: UTC. Second 60 is
// the second after 59. Years 0 to 9999 of the proleptic Gregorian calendar.
std::optional<int64_t> ParseDatetime(std::string_view text);

}  // namespace sextant
