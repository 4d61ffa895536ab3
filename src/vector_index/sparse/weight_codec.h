#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kernels.h"

namespace sextant::vector_index {

// How postings of a sealed segment store their weights. Halves saturate at ±65504; bytes divide the range between
// the smallest and the largest weight of their index.
enum class SparseDatatype : uint32_t { kFloat32 = 1, kFloat16 = 2, kUint8 = 3 };

constexpr size_t WeightBytes(SparseDatatype datatype) {
  switch (datatype) {
    case SparseDatatype::kFloat32: return 4;
    case SparseDatatype::kFloat16: return 2;
    case SparseDatatype::kUint8: return 1;
  }
  return 0;
}

// To nearest, ties to even.
uint16_t FloatToHalf(float value);

// What: stored weights of the postings of one index ↔ numbers.
// Threads: immutable.
class WeightCodec {
 public:
  WeightCodec() = default;
  // `min` and `max`: of the weights that the index has.
  WeightCodec(SparseDatatype datatype, float min, float max);

  // Writes WeightBytes(datatype).
  void Store(float weight, uint8_t* stored) const;
  // The number that the stored form of `weight` stands for.
  float Round(float weight) const;
  // The numbers that `count` stored weights stand for: within `stored` itself, or in `buffer` [count].
  const float* Load(const uint8_t* stored, size_t count, float* buffer) const;

 private:
  uint8_t ToByte(float weight) const;

  SparseDatatype datatype_ = SparseDatatype::kFloat32;
  kernels::ByteScale scale_;
};

}  // namespace sextant::vector_index
