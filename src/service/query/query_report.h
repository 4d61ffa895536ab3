#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "search/explanation.h"

namespace sextant::service {

// What one stage of a query did.
struct StageExplanation {
  std::string_view kind;  // the query's name in the API; "scroll" without one. Static
  uint64_t limit = 0;     // of hits it was to find, the offset among them
  uint64_t hits = 0;
  double seconds = 0;                            // in all, its prefetches among them
  std::vector<search::ShardExplanation> shards;  // of stages that compare vectors
  std::vector<StageExplanation> prefetch;        // in the order of the request
};

struct QueryExplanation {
  StageExplanation query;
  double lookup_seconds = 0;  // finding the vectors of points that the query names
  double fetch_seconds = 0;   // reading payloads and vectors of the hits
};

// What a query reports.
struct QueryReport {
  search::SearchStats stats;
  std::optional<QueryExplanation> explanation;  // where ReadOptions ask for it
};

}  // namespace sextant::service
