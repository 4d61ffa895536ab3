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
  ProbePlan probe;       // also where another way turns out to be a dead end
  uint32_t walk_ef = 0;  // candidates of the walk
};

// What is known of a search under a filter; borrows all.
struct FilteredTask {
  uint32_t rows = 0;
  uint32_t k = 0;
  uint32_t ef = 0;       // of a walk without a filter, whose recall is to be reached
  double pass_rate = 0;  // of the filter
  const RecallCurve& walks;
  const ProbeCurve& probes;
  const RowClusters& clusters;
};

// The cheapest way. The k nearest matches are among about the k / pass_rate nearest rows: so many must be found with
// the recall that an unfiltered walk with `ef` candidates has for k, as far as the segment's own measurements tell.
FilteredPlan PlanFilteredSearch(const FilteredTask& task);

// The share of the rows that pass, by a sample all over the segment; the request's guess where the sample agrees.
double SamplePassRate(const RowFilter& filter, uint32_t rows, const SearchRequest& request);

}  // namespace sextant::vector_index
