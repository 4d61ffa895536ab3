#include "quantizer/int8_codec.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "quantizer/byte_rounding.h"

namespace sextant::quantizer {
namespace {

// Below this, 127 / largest overflows: such a vector is its center for all that a float can tell.
constexpr float kSmallestScaled = 1e-35F;
// Manhattan: the share of components that the step covers without clipping. A few outliers would cost all others
// their resolution.
constexpr double kCovered = 0.9999;

}  // namespace

Int8Codec::Params Int8Codec::Train(Distance distance, uint32_t dim, size_t count,
                                   const std::function<const float*(size_t)>& row) {
  Params params{
      .format = CodeFormat::kInt8, .distance = distance, .dim = dim, .step = 0, .center = std::vector<float>(dim)};
  std::vector<double> sums(dim);
  for (size_t i = 0; i < count; ++i) {
    const float* values = row(i);
    for (uint32_t d = 0; d < dim; ++d) sums[d] += values[d];
  }
  for (uint32_t d = 0; d < dim && count > 0; ++d) {
    const double mean = sums[d] / static_cast<double>(count);
    params.center[d] = std::isfinite(mean) ? static_cast<float>(mean) : 0;
  }
  if (distance != Distance::kManhattan) return params;

  // A bounded sample of magnitudes: every component of at most 2^22 / dim rows.
  const size_t rows = std::max<size_t>(1, std::min<size_t>(count, (size_t{1} << 22) / std::max(dim, 1U)));
  std::vector<float> magnitudes;
  magnitudes.reserve(rows * dim);
  for (size_t i = 0; i < std::min(rows, count); ++i) {
    const float* values = row(i * count / rows);
    for (uint32_t d = 0; d < dim; ++d) magnitudes.push_back(std::fabs(values[d] - params.center[d]));
  }
  if (magnitudes.empty()) return params;
  const auto covered =
      magnitudes.begin() + static_cast<ptrdiff_t>(kCovered * static_cast<double>(magnitudes.size() - 1));
  std::nth_element(magnitudes.begin(), covered, magnitudes.end());
  // Mostly equal rows with rare outliers: the quantile may be 0 where the maximum is not.
  const float reach = *covered > 0 ? *covered : *std::max_element(covered, magnitudes.end());
  params.step = reach / kMaxByteCode;
  return params;
}

Int8Codec::Int8Codec(Params params) : params_(std::move(params)) {}

float Int8Codec::Encode(const float* values, int8_t* code, float* scratch) const {
  const uint32_t dim = params_.dim;
  const float* center = params_.center.data();
  for (uint32_t d = 0; d < dim; ++d) scratch[d] = values[d] - center[d];
  float scale = params_.step;
  if (params_.distance != Distance::kManhattan) scale = LargestMagnitude(scratch, dim) / kMaxByteCode;
  if (scale * kMaxByteCode > kSmallestScaled && std::isfinite(scale)) {
    RoundToBytes(scratch, dim, 1 / scale, code);
  } else {
    std::memset(code, 0, dim);
    scale = 0;
  }
  std::memset(code + dim, 0, code_stride() - dim);
  return scale;
}

float Int8Codec::CodedNormSquared(const int8_t* code, float scale) const {
  return scale * scale * static_cast<float>(kernels::Kernels().code_dot(code, code, params_.dim));
}

float Int8Codec::CodedCenterProduct(const int8_t* code, float scale) const {
  float sums[8] = {};
  for (uint32_t d = 0; d < params_.dim; ++d) sums[d % 8] += params_.center[d] * static_cast<float>(code[d]);
  float sum = 0;
  for (float s : sums) sum += s;
  return scale * sum;
}

RowTerms Int8Codec::EncodeRow(const float* row, int8_t* code, float* scratch) const {
  const float scale = Encode(row, code, scratch);
  switch (params_.distance) {
    case Distance::kManhattan: return {.scale = scale, .offset = 0};
    case Distance::kEuclid: return {.scale = scale, .offset = -CodedNormSquared(code, scale)};
    case Distance::kCosine:
    case Distance::kDot: break;
  }
  return {.scale = scale, .offset = CodedCenterProduct(code, scale)};
}

QueryTerms Int8Codec::EncodeQuery(const float* query, int8_t* code, float* scratch) const {
  const float scale = Encode(query, code, scratch);
  const kernels::KernelTable& kernels = kernels::Kernels();
  switch (params_.distance) {
    case Distance::kManhattan: return {.factor = -1, .bias = 0};
    case Distance::kEuclid: return {.factor = 2 * scale, .bias = -kernels.dot(scratch, scratch, params_.dim)};
    case Distance::kCosine:
    case Distance::kDot: break;
  }
  return {.factor = scale, .bias = kernels.dot(query, params_.center.data(), params_.dim)};
}

}  // namespace sextant::quantizer
