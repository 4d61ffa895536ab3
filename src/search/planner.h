#pragma once

#include <cstdint>
#include <optional>

#include "search/read_request.h"
#include "search/view.h"
#include "vector_index/recall/recall_curve.h"

namespace sextant::search {

// How one segment is searched.
enum class Plan {
  kExact,  // f32 rows of all accepted rows
  kScan,   // codes of all accepted rows, then f32 rows of the best
  kGraph,  // walk of the graph, testing rows against the accept set on the way, or what the segment finds cheaper
};

struct PlanInput {
  bool exact = false;  // asked for by the client
  bool has_graph = false;
  bool weighs_filters = false;  // see SealedRows
  uint64_t rows = 0;            // of the segment
  uint64_t points = 0;          // living points of the shard
  uint64_t matches = 0;         // points the filter accepts; `points` without a filter
  uint64_t ef = 0;
};

// Chooses by the number of rows each plan would score. A scan scores the matches that fall into the segment. A walk
// scores about kRowsPerCandidate rows for each of its ef candidates, and 1/selectivity times that under a filter; a
// walked row costs kWalkPenalty scanned ones (scattered reads, candidate pool). Segments that know more of the cost of
// a filter than this have the choice among all but few matches.
Plan ChoosePlan(const PlanInput& input);

// What the effort of a walk depends on, besides the query.
struct WalkFacts {
  uint64_t rows = 0;                                  // of the segment
  const vector_index::RecallCurve* recall = nullptr;  // of its walks; null where it was not measured
  bool filtered = false;                              // the walk returns only what a filter accepts
  // The standard error of the recall of all segments together, over that of one: their samples err independently.
  double error_of_all = 1;
};

// Candidates a walk of a segment keeps, at least the limit:
// - the client's hnsw_ef; else
// - for a recall_target as many as reached it when the segment was built, and more under a filter, because then walks
//   see fewer ways to each row; the mean over all segments is to reach it. nullopt when no measured walk reached it:
//   only an exact search is known to. Where recall was not measured, the default times what the target allows to miss;
//   else
// - ef_construct for a million rows and more, and less for smaller segments, whose graphs reach the same recall with
//   fewer candidates (by the fourth root of their size); more, in proportion, above 384 dimensions, where neighbours
//   are harder to tell apart. Where the recall of that was measured and is below 0.98, as many as reach it, at most
//   four times ef_construct or the limit.
// Sparse vectors are found exactly, whatever is asked for.
std::optional<uint32_t> EffectiveEf(const VectorQuery& query, const VectorView& vectors, const WalkFacts& facts);

}  // namespace sextant::search
