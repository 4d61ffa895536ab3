#include "quantizer/rotation.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "base/split_mix.h"

namespace sextant::quantizer {
namespace {

constexpr uint32_t kRounds = 4;
constexpr uint64_t kSeed = 0x5E87A47;

// The steps of a Hadamard transform from neighbours to neighbours of eight.
void TransformEight(float* v) {
  const float a0 = v[0] + v[1], a1 = v[0] - v[1], a2 = v[2] + v[3], a3 = v[2] - v[3];
  const float a4 = v[4] + v[5], a5 = v[4] - v[5], a6 = v[6] + v[7], a7 = v[6] - v[7];
  const float b0 = a0 + a2, b1 = a1 + a3, b2 = a0 - a2, b3 = a1 - a3;
  const float b4 = a4 + a6, b5 = a5 + a7, b6 = a4 - a6, b7 = a5 - a7;
  v[0] = b0 + b4, v[1] = b1 + b5, v[2] = b2 + b6, v[3] = b3 + b7;
  v[4] = b0 - b4, v[5] = b1 - b5, v[6] = b2 - b6, v[7] = b3 - b7;
}

// Two steps at once, of `half` and of twice that: each value is read and written once for both.
void TransformQuarters(float* values, uint32_t half) {
  for (uint32_t i = 0; i < half; ++i) {
    const float a = values[i], b = values[i + half], c = values[i + 2 * half], d = values[i + 3 * half];
    const float ab = a + b, a_b = a - b, cd = c + d, c_d = c - d;
    values[i] = ab + cd, values[i + half] = a_b + c_d;
    values[i + 2 * half] = ab - cd, values[i + 3 * half] = a_b - c_d;
  }
}

void TransformHalves(float* values, uint32_t half) {
  for (uint32_t i = 0; i < half; ++i) {
    const float a = values[i], b = values[i + half];
    values[i] = a + b, values[i + half] = a - b;
  }
}

// Orthonormal; `n` is a power of two. Steps are taken together where that is faster, with the results of single ones.
void HadamardTransform(float* values, uint32_t n) {
  uint32_t half = 1;
  if (n >= 8) {
    for (uint32_t first = 0; first < n; first += 8) TransformEight(values + first);
    half = 8;
  }
  for (; half * 2 < n; half *= 4)
    for (uint32_t first = 0; first < n; first += 4 * half) TransformQuarters(values + first, half);
  for (; half < n; half *= 2)
    for (uint32_t first = 0; first < n; first += 2 * half) TransformHalves(values + first, half);
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
