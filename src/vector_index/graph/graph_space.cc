#include "vector_index/graph/graph_space.h"

#include <algorithm>
#include <cmath>

namespace sextant::vector_index {

GraphSpace::GraphSpace(const CodeRows& codes, const quantizer::Int8Codec& codec)
    : manhattan_(codec.params().distance == Distance::kManhattan), rows_(codes) {
  if (manhattan_ || codec.params().distance == Distance::kEuclid) return;  // the search terms are a distance already

  const kernels::KernelTable& kernels = kernels::Kernels();
  const std::vector<float>& center = codec.params().center;
  const float center_squared = kernels.dot(center.data(), center.data(), center.size());
  terms_.resize(codes.rows);
  lifts_.resize(codes.rows);
  float largest = 0;
  for (uint32_t i = 0; i < codes.rows; ++i) {
    const float scale = codes.terms[i].scale;
    const float centred =
        scale * scale * static_cast<float>(kernels.code_dot(codes.code(i), codes.code(i), codes.stride));
    terms_[i] = {.scale = scale, .offset = -centred};
    // |x|² = |center|² + 2 center·x' + |x'|²; the search offset of these distances is center·x'.
    lifts_[i] = center_squared + 2 * codes.terms[i].offset + centred;
    largest = std::max(largest, lifts_[i]);
  }
  // Quantization alone makes normalised rows differ this much; a lift from it would be noise.
  constexpr float kEqualLengths = 0.02F;
  bool any_lift = false;
  for (uint32_t i = 0; i < codes.rows; ++i) {
    const float squared = std::max(0.0F, largest - lifts_[i]);
    const bool lifted = squared > kEqualLengths * largest;
    lifts_[i] = lifted ? std::sqrt(squared) : 0;
    if (lifted) terms_[i].offset -= squared;
    any_lift |= lifted;
  }
  rows_.terms = terms_.data();
  if (any_lift) {
    rows_.lifts = lifts_.data();
  } else {
    std::vector<float>().swap(lifts_);
  }
}

}  // namespace sextant::vector_index
