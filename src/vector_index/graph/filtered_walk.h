#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "vector_index/graph/code_rows.h"
#include "vector_index/graph/graph_links.h"
#include "vector_index/graph/walk_scratch.h"
#include "vector_index/row_filter.h"
#include "vector_index/search_request.h"

namespace sextant::vector_index {

// What a sample of the rows, all over the segment, says about a filter and a query.
struct FilterSample {
  double pass_rate = 0;
  double near_pass_rate = 0;       // among the eighth of the sample nearest to the query
  std::vector<uint32_t> accepted;  // accepted rows, nearest first

  // Whether rows near the query pass much less often than others: a walk then finds its way badly.
  bool IsAgainstQuery() const { return near_pass_rate < pass_rate / 4; }
};
FilterSample SampleFilter(const RowFilter& filter, const CodeRows& rows, const CodeQuery& query, WalkScratch* scratch);

// What a filtered walk that keeps `ef` candidates costs, in scans of one row's code (measured, about 25 ns each).
double FilteredWalkCost(double pass_rate, size_t ef, uint32_t slots);

// What: best-first search that returns accepted rows only, over the same graph as the unfiltered walk.
// Where most rows pass, every row is walked and the results are filtered. Where fewer do, only accepted rows are
// scored and expanded: first the accepted links of a row and, when those are fewer than half of its links, also the
// accepted links of its rejected links – as ACORN does (Patel et al., SIGMOD 2024), but decided at each row by what
// passes there (NaviX: Sehgal and Salihoglu, VLDB 2025). The nearest accepted rows of the sample are starts, so that a
// filter against the query's own neighbourhood is answered too.
// Threads: one walk at a time; borrows all.
class FilteredWalk {
 public:
  struct Graph {
    const GraphLinks& links;
    const CodeRows& rows;
    std::span<const uint32_t> entries;
  };
  FilteredWalk(const Graph& graph, const RowFilter& filter, WalkScratch* scratch)
      : graph_(graph), filter_(filter), scratch_(*scratch) {}

  // Afterwards scratch.results holds up to `ef` accepted rows, best first. Sets *gave_up when the walk cost more than
  // a scan of the accepted rows would; the results are then incomplete.
  Status Run(const CodeQuery& query, const FilterSample& sample, const SearchRequest& request, SearchStats* stats,
             bool* gave_up);

 private:
  void Start(const FilterSample& sample);
  // Collects the neighbours of `row` to score, to_score_ of them in scratch.batch.
  void CollectAll(uint32_t row);
  void CollectAccepted(uint32_t row);
  void ScoreCollected(const CodeQuery& query);
  void Push(float similarity, uint32_t row);

  const Graph graph_;
  const RowFilter& filter_;
  WalkScratch& scratch_;
  bool walk_rejected_ = false;  // rejected rows are scored and expanded too
  size_t to_score_ = 0;
  uint64_t scored_ = 0;
  uint64_t tested_ = 0;  // rows that only the filter was asked about
  std::vector<uint32_t> rejected_;
};

}  // namespace sextant::vector_index
