#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "types/config.h"

// Many query rows against stored ones, 16 query rows at a time.
namespace sextant::vector_index {

using MaxKernel = void (*)(const kernels::QueryGroups&, const float*, size_t, float*);

// max_dot, max_l2 or max_l1, as the distance asks; rows of Cosine are normalised.
inline MaxKernel MaxKernelOf(Distance distance) {
  const kernels::KernelTable& kernels = kernels::Kernels();
  switch (distance) {
    case Distance::kEuclid: return kernels.max_l2;
    case Distance::kManhattan: return kernels.max_l1;
    case Distance::kCosine:
    case Distance::kDot: break;
  }
  return kernels.max_dot;
}

// The first rows of `rows` [n, dim] laid side by side as kernels::QueryGroups wants them: `groups` groups, the last
// with zeros where rows are missing.
inline std::vector<float> GroupRows(std::span<const float> rows, size_t dim, size_t groups) {
  constexpr size_t kLanes = kernels::kQueryLanes;
  std::vector<float> grouped(groups * dim * kLanes);
  for (size_t row = 0; row < std::min(rows.size() / dim, groups * kLanes); ++row)
    for (size_t d = 0; d < dim; ++d) grouped[(row / kLanes * dim + d) * kLanes + row % kLanes] = rows[row * dim + d];
  return grouped;
}

}  // namespace sextant::vector_index
