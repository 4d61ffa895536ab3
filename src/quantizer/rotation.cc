#include "quantizer/rotation.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "base/split_mix.h"

namespace sextant::quantizer {
namespace {

constexpr uint32_t kRounds = 4;
constexpr uint64_t kSeed = 0x5E87A47;

// Orthonormal; `n` is a power of two.
void HadamardTransform(float* values, uint32_t n) {
  for (uint32_t half = 1; half < n; half *= 2)
    for (uint32_t first = 0; first < n; first += 2 * half)
      for (uint32_t i = first; i < first + half; ++i) {
        const float a = values[i], b = values[i + half];
        values[i] = a + b;
        values[i + half] = a - b;
      }
  const float scale = 1 / std::sqrt(static_cast<float>(n));
  for (uint32_t i = 0; i < n; ++i) values[i] *= scale;
}

void TurnHalves(float* values, uint32_t dim) {
  constexpr float kScale = std::numbers::sqrt2_v<float> / 2;
  const uint32_t half = dim / 2;
  for (uint32_t i = 0; i < half; ++i) {
    const float a = values[i], b = values[i + half];
    values[i] = (a + b) * kScale;
    values[i + half] = (a - b) * kScale;
  }
}

}  // namespace

Rotation::Rotation(uint32_t dim) : dim_(dim), window_(std::bit_floor(dim)), signs_(size_t{kRounds} * dim) {
  uint64_t state = kSeed;
  for (float& sign : signs_) {
    sign = (SplitMix(state) & 1) != 0 ? 1.0F : -1.0F;
    state += kSplitMixIncrement;
  }
}

void Rotation::Apply(float* values) const {
  for (uint32_t round = 0; round < kRounds; ++round) {
    const float* const signs = signs_.data() + size_t{round} * dim_;
    for (uint32_t i = 0; i < dim_; ++i) values[i] *= signs[i];
    HadamardTransform(round % 2 == 0 ? values : values + (dim_ - window_), window_);
    // Both ends are spread within themselves now.
    if (round == 1 && window_ != dim_) TurnHalves(values, dim_);
  }
}

}  // namespace sextant::quantizer
