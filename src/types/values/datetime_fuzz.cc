#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "types/values/datetime.h"

// Whatever parses lies within the years 0 to 9999, give or take a day of time zones.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto micros = sextant::ParseDatetime(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!micros) return 0;
  constexpr int64_t kDay = int64_t{86400} * 1'000'000;
  const int64_t first = *sextant::ParseDatetime("0000-01-01");
  const int64_t last = *sextant::ParseDatetime("9999-12-31");
  SEXTANT_CHECK(*micros > first - kDay && *micros < last + 2 * kDay);
  return 0;
}
