#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "runtime/deadline.h"
#include "vector_index/graph/graph_space.h"

namespace sextant::vector_index {

// A finished graph: every row can be reached from the entries.
struct Graph {
  uint32_t degree = 0;
  std::vector<uint32_t> entries;
  std::vector<uint32_t> links;  // [rows, degree], used links first, then kNoRow
};

struct GraphParams {
  uint32_t degree = 32;         // links a row keeps
  uint32_t ef_construct = 100;  // candidates a row's links are chosen from
  int threads = 1;
  const CancelToken* cancel = nullptr;
};

// Builds a flat pruned graph over rows in locality order (Vamana: Subramanya et al., "DiskANN", NeurIPS 2019) by
// inserting rows in doubling rounds (as ParlayANN does: Manohar et al., PPoPP 2024), each round evenly spread over
// the order and walked along it, so that consecutive insertions touch the same, cached, part of the graph.
// Memory: 1.5 · degree links a row, the result, and a byte a row and thread.
// kUnavailable when cancelled.
Result<Graph> BuildGraph(const GraphSpace& space, const GraphParams& params);

}  // namespace sextant::vector_index
