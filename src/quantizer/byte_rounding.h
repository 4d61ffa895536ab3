#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

// Values as signed bytes of one scale.
namespace sextant::quantizer {

inline constexpr float kMaxByteCode = 127;

inline float LargestMagnitude(const float* values, size_t n) {
  float largest = 0;
  for (size_t i = 0; i < n; ++i) largest = std::max(largest, std::fabs(values[i]));
  return largest;
}

// code = values · inverse, rounded to nearest and clipped. NaN becomes 0.
inline void RoundToBytes(const float* values, size_t n, float inverse, int8_t* code) {
  for (size_t i = 0; i < n; ++i) {
    const float scaled = std::max(-kMaxByteCode, std::min(kMaxByteCode, values[i] * inverse));
    code[i] = static_cast<int8_t>(scaled + (scaled < 0 ? -0.5F : 0.5F));
  }
}

}  // namespace sextant::quantizer
