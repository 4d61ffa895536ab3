#include "vector_index/sparse/weight_codec.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "types/values/half.h"

namespace sextant::vector_index {
namespace {

constexpr float kLargestByte = 255;

}  // namespace

WeightCodec::WeightCodec(Datatype datatype, float min, float max)
    : datatype_(datatype), scale_{.min = min, .max = max, .step = (max - min) / kLargestByte} {
  if (std::isinf(scale_.step)) scale_.step = max / kLargestByte - min / kLargestByte;
}

uint8_t WeightCodec::ToByte(float weight) const {
  // In f64: the difference of two f32 can be larger than any f32.
  const double level =
      (static_cast<double>(weight) - static_cast<double>(scale_.min)) / static_cast<double>(scale_.step);
  if (!(level > 0)) return 0;  // also where all weights are equal, or one is not a number
  return static_cast<uint8_t>(std::nearbyint(std::min<double>(level, kLargestByte)));
}

void WeightCodec::Store(float weight, uint8_t* stored) const {
  switch (datatype_) {
    case Datatype::kFloat32: std::memcpy(stored, &weight, sizeof(weight)); break;
    case Datatype::kFloat16: {
      const uint16_t half = FloatToHalf(std::clamp(weight, -kLargestHalf, kLargestHalf));
      std::memcpy(stored, &half, sizeof(half));
      break;
    }
    case Datatype::kUint8: *stored = ToByte(weight); break;
  }
}

float WeightCodec::Round(float weight) const {
  alignas(float) uint8_t stored[sizeof(float)];
  Store(weight, stored);
  float buffer = 0;
  return *Load(stored, 1, &buffer);
}

const float* WeightCodec::Load(const uint8_t* stored, size_t count, float* buffer) const {
  switch (datatype_) {
    case Datatype::kFloat32: return reinterpret_cast<const float*>(stored);
    case Datatype::kFloat16:
      kernels::Kernels().expand_halves(reinterpret_cast<const uint16_t*>(stored), buffer, count);
      break;
    case Datatype::kUint8: kernels::Kernels().expand_bytes(stored, scale_, buffer, count); break;
  }
  return buffer;
}

}  // namespace sextant::vector_index
