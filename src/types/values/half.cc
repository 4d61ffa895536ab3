#include "types/values/half.h"

#include <bit>
#include <cmath>

namespace sextant {

uint16_t FloatToHalf(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  const float magnitude = std::fabs(value);
  if (magnitude != magnitude) return sign | 0x7E00;
  if (magnitude >= kLargestHalf + 16) return sign | 0x7C00;
  // Below 2^-14 halves are multiples of 2^-24, and the largest of them continues into the normal ones.
  if (magnitude < 0x1p-14F)
    return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::nearbyint(magnitude * 0x1p24F)));
  const uint32_t rounded = (bits & 0x7FFF'FFFF) + 0xFFF + (bits >> 13 & 1);
  return static_cast<uint16_t>(sign | ((rounded >> 13) - (112U << 10)));
}

float HalfToFloat(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t exponent = half >> 10 & 0x1F;
  const uint32_t fraction = half & 0x3FF;
  const float magnitude = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                          : exponent == 31
                              ? (fraction == 0 ? INFINITY : NAN)
                              : std::ldexp(static_cast<float>(fraction + 1024), static_cast<int>(exponent) - 25);
  return sign == 0 ? magnitude : -magnitude;
}

}  // namespace sextant
