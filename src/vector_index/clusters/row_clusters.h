#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vector_index/graph/code_rows.h"

namespace sextant::vector_index {

// What: the clusters of a segment's rows (see ClusterRows). A view; owns nothing.
struct RowClusters {
  std::span<const uint32_t> starts;   // [count + 1]
  std::span<const uint32_t> members;  // rows by cluster; empty where cluster c holds rows starts[c] to starts[c + 1]
  CodeRows centers;                   // in the codes of the segment's rows

  uint32_t count() const { return centers.rows; }
  uint32_t size(uint32_t cluster) const { return starts[cluster + 1] - starts[cluster]; }
  uint32_t row(uint32_t place) const { return members.empty() ? place : members[place]; }
};

// The clusters by their centres' similarity to a query, the best first but for small steps: ranks need no more, and a
// full sort of thousands of clusters would cost as much as probing some.
std::vector<uint32_t> RankClusters(const RowClusters& clusters, const CodeQuery& query);

}  // namespace sextant::vector_index
