#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "runtime/deadline.h"
#include "vector_index/graph/graph_reuse.h"
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
// With `reuse` the rows of its base keep their links and are not inserted. A link to a row that is gone is replaced by
// links to what that row was linked to (as FreshDiskANN does: Singh et al., 2021), which are linked back, so that rows
// that lost links to them get others; rows that lost most links are inserted like new ones. Rows of the other old
// graphs are inserted from those of their old links that are there already, with a third of the candidates and these
// links beside them (Lucene merges HNSW graphs from such starts). Memory: 1.5 · degree links a row, the result, and a
// byte a row and thread. kUnavailable when cancelled.
Result<Graph> BuildGraph(const GraphSpace& space, const GraphParams& params, const GraphReuse* reuse = nullptr);

// Row order[i] becomes row i. `order` is a permutation of the rows. Memory: the links once more.
void RenumberRows(std::span<const uint32_t> order, Graph* graph);

}  // namespace sextant::vector_index
