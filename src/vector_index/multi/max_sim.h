#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "types/config.h"
#include "vector_index/query_groups.h"
#include "vector_index/row_distance.h"
#include "vector_index/segment.h"

namespace sextant::vector_index {

// What: the exact similarity of one query to stored multivectors, larger is nearer: for each row of the query the best
// of the stored rows, summed (Khattab and Zaharia, "ColBERT", SIGIR 2020). Similarities that are not numbers do not
// count; a row of the query that has no other counts −infinity.
// Rows of the query go through the kernels 16 at a time. A few left over are compared row by row, which costs less than
// a group that is mostly empty. The same query and stored rows give the same similarity wherever they lie.
// Threads: one at a time. Ownership: borrows the query.
class MaxSim {
 public:
  // `query` [rows, spec.dim], prepared as rows are.
  MaxSim(const SegmentSpec& spec, std::span<const float> query);

  // `stored` [rows, spec.dim], at least one row.
  float Similarity(std::span<const float> stored);
  size_t query_rows() const { return query_.size() / dim_; }

 private:
  size_t dim_;
  bool normalizes_;  // rows are kept as they were given and compared normalised
  RowDistance distance_;
  MaxKernel kernel_;
  std::span<const float> query_;
  std::vector<float> normalized_query_;
  std::vector<float> normalized_;  // the stored rows
  size_t groups_ = 0;
  std::vector<float> grouped_;  // [groups, dim, kQueryLanes]
  std::vector<float> best_;     // [groups, kQueryLanes]
};

// Each row [dim] of `rows`, normalised, appended to `out`.
void AppendNormalized(std::span<const float> rows, size_t dim, std::vector<float>* out);

}  // namespace sextant::vector_index
