#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kernels.h"
#include "types/config.h"

namespace sextant::vector_index {

// How postings of a sealed segment store their weights. Halves saturate at ±65504; bytes divide the range between
// the smallest and the largest weight of their index.
constexpr size_t WeightBytes(Datatype datatype) {
  switch (datatype) {
    case Datatype::kFloat32: return 4;
    case Datatype::kFloat16: return 2;
    case Datatype::kUint8: return 1;
  }
  return 0;
}

// What: stored weights of the postings of one index ↔ numbers.
// Threads: immutable.
class WeightCodec {
 public:
  WeightCodec() = default;
  // `min` and `max`: of the weights that the index has.
  WeightCodec(Datatype datatype, float min, float max);

  // Writes WeightBytes(datatype).
  void Store(float weight, uint8_t* stored) const;
  // The number that the stored form of `weight` stands for.
  float Round(float weight) const;
  // The numbers that `count` stored weights stand for: within `stored` itself, or in `buffer` [count].
  const float* Load(const uint8_t* stored, size_t count, float* buffer) const;

 private:
  uint8_t ToByte(float weight) const;

  Datatype datatype_ = Datatype::kFloat32;
  kernels::ByteScale scale_;
};

}  // namespace sextant::vector_index
