#pragma once

#include "types/config.h"
#include "types/vector_value.h"
#include "vector_index/row_distance.h"

namespace sextant::vector_index {

// What: the exact similarity of two rows of one name, of any kind, prepared as rows are: larger is nearer (see RowHit).
// Of multivectors it is that of a query `a` to a row `b`: not symmetric. Sparse vectors without a common index are 0.
// Threads: a value.
class RowSimilarity {
 public:
  explicit RowSimilarity(const VectorParams& params)
      : kind_(params.kind), dim_(params.size), distance_(params.distance, params.effective_datatype()) {}

  float operator()(VectorRef a, VectorRef b) const;

 private:
  float OfMulti(VectorRef a, VectorRef b) const;
  static float OfSparse(VectorRef a, VectorRef b);

  VectorKind kind_;
  uint32_t dim_;
  RowDistance distance_;
};

}  // namespace sextant::vector_index
