#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/status.h"
#include "quantizer/codec.h"
#include "vector_index/clusters/row_clusters.h"
#include "vector_index/graph/code_rows.h"
#include "vector_index/graph/graph_builder.h"
#include "vector_index/recall/recall_curve.h"
#include "vector_index/segment.h"

namespace sextant::vector_index {

// A segment that is being written; borrows all.
struct CalibrationTask {
  const SegmentSpec& spec;
  const CodeRows& codes;  // of searches, in the order of the segment
  const quantizer::Codec& codec;
  const Graph& graph;
  const RowClusters& clusters;      // none: its probes are not measured
  std::span<const uint32_t> order;  // row r of the segment is row order[r] of the source
  // A row of the source, [spec.dim], as it compares; in the scratch or where it lies. Called from several threads.
  absl::FunctionRef<const float*(uint32_t row, RowScratch* scratch)> source_row;
  const BuildOptions& options;
  bool short_build = false;  // the graph was mostly taken over from others: fewer queries, to stay a small share of it
};

struct MeasuredSearches {
  std::vector<RecallPoint> walks, probes;
};

// Measures what walks and probes find, by a ladder of efforts: rows evenly spread over the segment are the queries, and
// their true neighbours are found by comparing them with every row. Each query is walked as if its own row were not in
// the graph. Otherwise walks would look far better than those of new queries, because each row is linked to its
// neighbours. (Measured at ef 24, 384 dimensions: the recall@10 of new queries is 0.968 over 60,752 rows and 0.931 over
// 600,000; rows that are left out get 0.960 and 0.943, rows that are not get 0.993 and 0.968.)
// High recalls hang on the few queries that find next to nothing, and a few hundred queries hold one or two of these.
// So up to eight times as many rows are walked for, whose neighbours are guessed by a walk that starts from the row
// itself; what the guess makes of the recall of the queries is known, and taken off (a control variate: Owen, "Monte
// Carlo Theory, Methods and Examples", 2013, section 8.9). Empty for a segment of one row. Probes are measured by where
// the clusters of the true neighbours stand among all. Memory: the rows that are walked for, the queries once more, and
// kManyNearest hits for each query and thread. kUnavailable when cancelled.
Result<MeasuredSearches> CalibrateRecall(const CalibrationTask& task);

}  // namespace sextant::vector_index
