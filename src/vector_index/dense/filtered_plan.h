#pragma once

#include <cstdint>

#include "vector_index/clusters/cluster_probe.h"
#include "vector_index/recall/recall_curve.h"
#include "vector_index/row_filter.h"
#include "vector_index/search_request.h"

namespace sextant::vector_index {

// How the matches of a filter are found in a segment with clusters.
enum class FilteredWay {
  kScan,   // codes of all matches
  kProbe,  // codes of the matches in the clusters nearest to the query
  kWalk,   // a walk of the graph that takes no notice of the filter, but keeps more candidates; the matches among them
};

struct FilteredPlan {
  FilteredWay way = FilteredWay::kScan;
  FilteredWay after_walk = FilteredWay::kScan;  // or a probe: where a walk turns out to be a dead end
  ProbePlan probe;
  uint32_t walk_ef = 0;  // candidates of the walk
};

// What a sample of a segment's rows tells of a filter.
struct PassSample {
  double rate = 0;           // the share of the rows that pass
  double concentration = 0;  // that share in the clusters of rows that pass: at least as large
};

// Looks at rows all over the segment, and at another of the cluster of each that passes. The rate is the request's
// guess where the sample agrees with it.
PassSample SamplePasses(const RowFilter& filter, const RowClusters& clusters, const SearchRequest& request);

// What is known of a search under a filter; borrows all.
struct FilteredTask {
  uint32_t rows = 0;
  uint32_t k = 0;
  uint32_t ef = 0;  // of a walk without a filter, whose recall is to be reached
  PassSample passes;
  const RecallCurve& walks;
  const ProbeCurve& probes;
  const RowClusters& clusters;
};

// The cheapest way. The k nearest matches are among about the k / pass_rate nearest rows: so many must be found with
// the recall that an unfiltered walk with `ef` candidates has for k, as far as the segment's own measurements tell.
FilteredPlan PlanFilteredSearch(const FilteredTask& task);

}  // namespace sextant::vector_index
