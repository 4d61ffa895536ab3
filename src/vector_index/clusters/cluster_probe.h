#pragma once

#include <cstdint>

#include "base/status.h"
#include "vector_index/clusters/row_clusters.h"
#include "vector_index/graph/walk_scratch.h"
#include "vector_index/row_filter.h"
#include "vector_index/search_request.h"

namespace sextant::vector_index {

// How much of a segment a probe looks at.
struct ProbePlan {
  double share = 1;          // of the rows, and of the accepted ones, those of the clusters nearest to the query
  double accepted_rows = 0;  // of the segment, as far as is known
  double scan_cost = 0;      // of all of them, in scans of one row's code
};

// What a probe costs, in scans of one row's code, where it finds its rows among all clusters alike.
double ProbeCost(const RowClusters& clusters, const ProbePlan& plan);

// Whether so few of the rows near a query passed that the filter must be against it: it takes longer then to be sure of
// the nearest ones.
bool IsAgainstQuery(uint64_t passed, uint64_t near, double pass_rate);

// What is looked for, and where; borrows all.
struct ProbeTask {
  const RowClusters& clusters;
  const CodeRows& rows;
  const CodeQuery& query;
  const RowFilter& filter;
  ProbePlan plan;
};

// Search of the clusters nearest to the query (Jégou et al., "Product Quantization for Nearest Neighbor Search", PAMI
// 2011): rows are tested in the order in which they lie, which costs little, and the accepted ones scored, cluster by
// cluster until the plan's share was, of all rows and of the accepted ones. A filter that rejects what is near the
// query makes it look farther, and at a larger share. Afterwards scratch->results holds the best rows, up to its
// capacity. False, and only some rows, where a scan of all accepted rows turns out to be cheaper. kTimeout past the
// deadline of the request.
Result<bool> ProbeClusters(const ProbeTask& task, const SearchRequest& request, WalkScratch* scratch,
                           SearchStats* stats);

}  // namespace sextant::vector_index
