#pragma once

#include <cmath>
#include <limits>
#include <span>

namespace sextant {

// What cosine vectors become on write and queries before a search: scaled to length 1 in f32. Left unchanged when the
// squared length is below f32 epsilon (so that the zero vector stays zero) or within 1e-6 of 1, as clients expect.
inline void NormalizeForCosine(std::span<float> vector) {
  float squared = 0;
  for (float v : vector) squared += v * v;
  if (squared < std::numeric_limits<float>::epsilon() || std::abs(squared - 1.0f) <= 1e-6f) return;
  const float length = std::sqrt(squared);
  for (float& v : vector) v /= length;
}

}  // namespace sextant
