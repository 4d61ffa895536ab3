#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "vector_index/search_request.h"

namespace sextant::search {

using vector_index::SearchStats;

// How a segment was searched in the end: a walk may have given way to a scan.
enum class SegmentPlan {
  kSkipped,        // unindexed, and only indexed ones were asked for
  kExact,          // full rows of all accepted rows
  kScan,           // codes of all accepted rows, then full rows of the best
  kGraph,          // walk of the graph
  kFilteredGraph,  // the same, returning accepted rows only
  kProbe,          // codes of the accepted rows of the clusters nearest to the query, then full rows of the best
  kIndex,          // of sparse vectors: exact, by their index
  kGrowing,        // scan of the growing part
};

// What was done in one segment, or in one chunk of the growing part.
struct SegmentExplanation {
  SegmentPlan plan = SegmentPlan::kSkipped;
  uint64_t rows = 0;
  double expected_matches = 0;              // accepted rows, if those of the shard were spread evenly
  std::optional<double> sampled_pass_rate;  // of a filter, among a sample of the rows, where a walk looked at one
  std::optional<uint32_t> ef;               // candidates kept by a scan of codes or by a walk
  SearchStats stats;
  double seconds = 0;            // in all
  double rescoring_seconds = 0;  // of them, comparing full rows of the best candidates
};

// Where the number of points comes from that a search may answer.
enum class MatchesFrom {
  kAllPoints,   // no filter: all living points
  kFilter,      // counted: what the filter accepts
  kPrefetches,  // counted: what the prefetches found
};

// What one search over one named vector did in one shard.
struct ShardExplanation {
  uint64_t points = 0;  // living ones
  uint64_t matches = 0;
  MatchesFrom matches_from = MatchesFrom::kAllPoints;
  std::vector<SegmentExplanation> segments;
  double seconds = 0;         // in all
  double filter_seconds = 0;  // of them, finding the points that the search may answer
};

// A new entry for a segment of `rows` rows. Precondition: the shard's points and matches are filled in.
inline SegmentExplanation& AddEntry(SegmentPlan plan, uint64_t rows, ShardExplanation* shard) {
  SegmentExplanation& entry = shard->segments.emplace_back();
  entry.plan = plan;
  entry.rows = rows;
  entry.expected_matches = static_cast<double>(rows) * static_cast<double>(shard->matches) /
                           static_cast<double>(std::max<uint64_t>(1, shard->points));
  return entry;
}

// What a search reports when it is asked to.
struct SearchReport {
  SearchStats stats;
  std::optional<ShardExplanation> explanation;  // filled in when there is one; else no clock is read for it
};

}  // namespace sextant::search
