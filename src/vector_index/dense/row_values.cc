#include "vector_index/dense/row_values.h"

#include <cstring>

#include "kernels/kernels.h"
#include "types/values/half.h"

namespace sextant::vector_index {

void StoreValues(Datatype datatype, std::span<const float> values, uint8_t* stored) {
  switch (datatype) {
    case Datatype::kFloat32: std::memcpy(stored, values.data(), values.size_bytes()); return;
    case Datatype::kFloat16:
      for (size_t i = 0; i < values.size(); ++i) {
        const uint16_t half = FloatToHalf(values[i]);
        std::memcpy(stored + i * sizeof(half), &half, sizeof(half));
      }
      return;
    case Datatype::kUint8:
      for (size_t i = 0; i < values.size(); ++i) stored[i] = static_cast<uint8_t>(values[i]);
      return;
  }
}

const float* LoadValues(Datatype datatype, const uint8_t* stored, size_t count, RowScratch* scratch) {
  if (datatype == Datatype::kFloat32) return reinterpret_cast<const float*>(stored);
  scratch->resize(count);
  if (datatype == Datatype::kFloat16) {
    kernels::Kernels().expand_halves(reinterpret_cast<const uint16_t*>(stored), scratch->data(), count);
  } else {
    kernels::Kernels().expand_bytes(stored, {.min = 0, .max = 255, .step = 1}, scratch->data(), count);
  }
  return scratch->data();
}

const float* ComparableValues(const SegmentSpec& spec, const float* values, RowScratch* scratch) {
  if (!IsKeptUnnormalized(spec)) return values;
  scratch->resize(spec.dim);
  kernels::Kernels().normalize(values, scratch->data(), spec.dim);
  return scratch->data();
}

}  // namespace sextant::vector_index
