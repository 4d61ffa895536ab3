#pragma once

#include <cstddef>

#include "kernels/kernels.h"
#include "types/config.h"

namespace sextant::vector_index {

// What: the exact similarity of two f32 rows, larger is nearer (see RowHit).
// Threads: a value.
class RowDistance {
 public:
  explicit RowDistance(Distance distance) {
    const kernels::KernelTable& kernels = kernels::Kernels();
    switch (distance) {
      case Distance::kEuclid: kernel_ = kernels.l2_squared, sign_ = -1; break;
      case Distance::kManhattan: kernel_ = kernels.l1, sign_ = -1; break;
      case Distance::kCosine:
      case Distance::kDot: kernel_ = kernels.dot, sign_ = 1; break;
    }
  }
  float Similarity(const float* a, const float* b, size_t dim) const { return sign_ * kernel_(a, b, dim); }

 private:
  float (*kernel_)(const float*, const float*, size_t) = nullptr;
  float sign_ = 1;
};

}  // namespace sextant::vector_index
