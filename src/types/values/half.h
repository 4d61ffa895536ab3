#pragma once

#include <cstdint>

namespace sextant {

// IEEE half precision.
inline constexpr float kLargestHalf = 65504;

// To nearest, ties to even; infinite above kLargestHalf.
uint16_t FloatToHalf(float value);
float HalfToFloat(uint16_t half);

}  // namespace sextant
