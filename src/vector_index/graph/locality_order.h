#pragma once

#include <cstdint>
#include <vector>

#include "runtime/deadline.h"
#include "vector_index/graph/code_rows.h"

namespace sextant::vector_index {

// An order of the rows in which near rows stand near each other at every scale: a balanced tree of splits, each
// between two centres found by one step of 2-means on a sample. Rows of one subtree are contiguous, so any aligned
// range is a cluster. Costs one code product a row and level. The same input and seed give the same order whatever
// the number of threads.
std::vector<uint32_t> LocalityOrder(const CodeRows& rows, int threads, uint64_t seed, const CancelToken* cancel);

// One central row of each of `count` equal ranges (the clusters of the order above): where walks start.
std::vector<uint32_t> RangeMedoids(const CodeRows& rows, uint32_t count);

}  // namespace sextant::vector_index
