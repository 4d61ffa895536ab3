#include "vector_index/dense/bounded_codes.h"

#include <cmath>

#include "kernels/kernels.h"
#include "vector_index/dense/row_values.h"

namespace sextant::vector_index {
namespace {

// The kernels sum dim / 16 products or more one after the other, each rounded by at most 2^-24 of the sum; this is
// several times as much.
constexpr float kRoundingOfSum = 0x1p-20F;
constexpr float kDimsOfRounding = 64;

quantizer::Int8Codec::Params WithoutCenter(uint32_t dim) {
  return {.distance = Distance::kDot, .dim = dim, .step = 0, .center = std::vector<float>(dim)};
}

}  // namespace

bool BoundedCodes::Supports(const SegmentSpec& spec) {
  return spec.distance != Distance::kManhattan && !IsKeptUnnormalized(spec);
}

BoundedCodes::BoundedCodes(const SegmentSpec& spec)
    : codec_(WithoutCenter(spec.dim)),
      euclid_(spec.distance == Distance::kEuclid),
      slack_(kRoundingOfSum * (1 + static_cast<float>(spec.dim) / kDimsOfRounding)) {}

BoundedCodes::Terms BoundedCodes::Encode(const float* row, int8_t* code) const {
  const uint32_t dim = codec_.params().dim;
  std::vector<float> rest(dim);
  Terms terms{.scale = codec_.EncodeRow(row, code, rest.data()).scale};
  for (uint32_t d = 0; d < dim; ++d) rest[d] = row[d] - terms.scale * static_cast<float>(code[d]);
  const kernels::KernelTable& kernels = kernels::Kernels();
  terms.rest = std::sqrt(kernels.dot(rest.data(), rest.data(), dim));
  terms.coded = terms.scale * std::sqrt(static_cast<float>(kernels.code_dot(code, code, dim)));
  terms.length = std::sqrt(kernels.dot(row, row, dim));
  return terms;
}

BoundedCodes::Query BoundedCodes::Prepare(const float* query) const {
  Query prepared;
  prepared.code.resize(stride());
  prepared.terms = Encode(query, prepared.code.data());
  return prepared;
}

}  // namespace sextant::vector_index
