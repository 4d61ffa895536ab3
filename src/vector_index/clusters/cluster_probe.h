#pragma once

#include <cstdint>

#include "base/status.h"
#include "vector_index/clusters/row_clusters.h"
#include "vector_index/graph/walk_scratch.h"
#include "vector_index/recall/recall_curve.h"
#include "vector_index/row_filter.h"
#include "vector_index/search_request.h"

namespace sextant::vector_index {

// How much of a segment a probe looks at.
struct ProbePlan {
  uint32_t k = 0;
  double recall = 1;         // of the k nearest accepted rows, wanted
  double share = 1;          // of the rows, and of the accepted ones, those of the clusters nearest to the query
  double accepted_rows = 0;  // of the segment, as far as is known
  double scan_cost = 0;      // of all of them, in scans of one row's code
};

// Which of the rows nearest to a query the k-th accepted one is, and a deviation more, where a share of them is
// accepted.
double RankOfAccepted(uint32_t k, double pass_rate);

// What a probe costs, in scans of one row's code, where a share of rows is accepted in the clusters of accepted rows.
double ProbeCost(const ProbeCurve& curve, const RowClusters& clusters, const ProbePlan& plan, double concentration);

// How likely a query is far from the accepted rows, if these lie closer together than all rows do: in [0, 1].
double ChanceOfFar(double pass_rate, double concentration);

// Whether so few of the rows near a query passed that the filter must be against it: it takes longer then to be sure of
// the nearest ones.
bool IsAgainstQuery(uint64_t passed, uint64_t near, double pass_rate);

// What is looked for, and where; borrows all.
struct ProbeTask {
  const RowClusters& clusters;
  const CodeRows& rows;
  const CodeQuery& query;
  const RowFilter& filter;
  const ProbeCurve& curve;
  ProbePlan plan;
};

// Search of the clusters nearest to the query (Jégou et al., "Product Quantization for Nearest Neighbor Search", PAMI
// 2011): rows are tested in the order in which they lie, which costs little, and the accepted ones scored, cluster by
// cluster until the plan's share was, of all rows and of the accepted ones. A filter that rejects what is near the
// query makes it look farther, and at a larger share. So does one whose rows lie close together, like those of one
// topic: they are as near to the query as each other, and the clusters of the nearest are many of the few that hold
// any. Afterwards scratch->results holds the best rows, up to its capacity. False, and only some rows, where a scan of
// all accepted rows turns out to be cheaper. kTimeout past the deadline of the request.
Result<bool> ProbeClusters(const ProbeTask& task, const SearchRequest& request, WalkScratch* scratch,
                           SearchStats* stats);

}  // namespace sextant::vector_index
