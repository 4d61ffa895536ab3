#pragma once

#include <cmath>
#include <cstddef>

#include "kernels/kernels.h"
#include "types/config.h"

namespace sextant::vector_index {

// What: the exact similarity of two f32 rows, larger is nearer (see RowHit).
// Threads: a value.
class RowDistance {
 public:
  explicit RowDistance(Distance distance, Datatype datatype = Datatype::kFloat32)
      : dot_(kernels::Kernels().dot), divides_(distance == Distance::kCosine && datatype == Datatype::kUint8) {
    const kernels::KernelTable& kernels = kernels::Kernels();
    switch (distance) {
      case Distance::kEuclid: kernel_ = kernels.l2_squared, sign_ = -1; break;
      case Distance::kManhattan: kernel_ = kernels.l1, sign_ = -1; break;
      case Distance::kCosine:
      case Distance::kDot: kernel_ = kernels.dot, sign_ = 1; break;
    }
  }

  float Similarity(const float* a, const float* b, size_t dim) const {
    const float similarity = sign_ * kernel_(a, b, dim);
    return divides_ ? DivideByLengths(similarity, a, b, dim) : similarity;
  }

 private:
  // Rows of whole numbers are not normalised; the product with a zero row is 0.
  float DivideByLengths(float product, const float* a, const float* b, size_t dim) const {
    const float lengths = std::sqrt(dot_(a, a, dim)) * std::sqrt(dot_(b, b, dim));
    return lengths > 0 ? product / lengths : 0;
  }

  float (*kernel_)(const float*, const float*, size_t) = nullptr;
  float (*dot_)(const float*, const float*, size_t);
  bool divides_;
  float sign_ = 1;
};

}  // namespace sextant::vector_index
