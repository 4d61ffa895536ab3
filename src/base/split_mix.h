#pragma once

#include <cstdint>

namespace sextant {

// One step of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014):
// `state` moves on by one increment and is mixed. Part of disk formats: never changes.
inline constexpr uint64_t kSplitMixIncrement = 0x9E3779B97F4A7C15ull;
constexpr uint64_t SplitMix(uint64_t state) {
  uint64_t z = state + kSplitMixIncrement;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ z >> 27) * 0x94D049BB133111EBull;
  return z ^ z >> 31;
}

}  // namespace sextant
