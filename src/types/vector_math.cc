#include "types/vector_math.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "types/values/half.h"

namespace sextant {
namespace {

void RoundTo(Datatype datatype, std::span<float> values) {
  switch (datatype) {
    case Datatype::kFloat32: return;
    case Datatype::kFloat16:
      for (float& value : values) value = HalfToFloat(FloatToHalf(std::clamp(value, -kLargestHalf, kLargestHalf)));
      return;
    case Datatype::kUint8:
      for (float& value : values) value = std::trunc(std::clamp(value, 0.0F, 255.0F));
      return;
  }
}

}  // namespace

void NormalizeForCosine(std::span<float> vector) {
  float squared = 0;
  for (float v : vector) squared += v * v;
  if (squared < std::numeric_limits<float>::epsilon() || std::abs(squared - 1.0f) <= 1e-6f) return;
  const float length = std::sqrt(squared);
  for (float& v : vector) v /= length;
}

bool NeedsPreparation(const VectorParams& params) {
  return params.kind != VectorKind::kSparse &&
         (params.distance == Distance::kCosine || params.effective_datatype() != Datatype::kFloat32);
}

void PrepareVector(const VectorParams& params, VectorValue* value) {
  if (!NeedsPreparation(params)) return;
  const Datatype datatype = params.effective_datatype();
  auto* const multi = std::get_if<MultiVector>(value);
  const std::span<float> values =
      multi != nullptr ? std::span(multi->values) : std::span(std::get<DenseVector>(*value));
  if (params.distance == Distance::kCosine && datatype != Datatype::kUint8)
    for (size_t row = 0; row + params.size <= values.size(); row += params.size)
      NormalizeForCosine(values.subspan(row, params.size));
  RoundTo(datatype, values);
}

}  // namespace sextant
