#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "points/point.h"
#include "search/formula/expression.h"
#include "search/read_request.h"
#include "search/scoring/score_rule.h"
#include "service/requests.h"
#include "types/filter.h"
#include "types/payload_path.h"
#include "types/point_id.h"
#include "types/vector_value.h"

namespace sextant::service {

// The universal query: a tree of stages. A stage without prefetches asks the collection; one with prefetches ranks
// anew, or fuses, what its prefetches found.

// A vector, or the point that has it. A point used so is never in the answer, unless it is of another collection.
using VectorInput = std::variant<VectorValue, PointId>;

struct Mmr {
  float diversity = 0.5f;                    // 0: relevance alone
  std::optional<uint64_t> candidates_limit;  // default: the limit of the stage
};
struct NearestQuery {
  VectorInput vector;
  std::optional<Mmr> mmr;
};

enum class RecommendStrategy { kAverageVector, kBestScore, kSumScores };
struct RecommendQuery {
  std::vector<VectorInput> positive, negative;
  RecommendStrategy strategy = RecommendStrategy::kAverageVector;
};

struct ContextPair {
  VectorInput positive, negative;
};
struct DiscoverQuery {
  VectorInput target;
  std::vector<ContextPair> context;
};
struct ContextQuery {
  std::vector<ContextPair> context;
};

struct FeedbackItem {
  VectorInput example;
  float score = 0;
};
struct FeedbackQuery {
  VectorInput target;
  std::vector<FeedbackItem> feedback;
  search::FeedbackWeights weights;
};

struct RrfQuery {  // reciprocal rank fusion
  uint64_t k = 2;
  std::optional<std::vector<float>> weights;  // one for each prefetch
};
struct DbsfQuery {};  // distribution-based score fusion
struct FormulaQuery {
  search::Formula formula;
};
struct SampleQuery {};  // at random

using Query = std::variant<NearestQuery, RecommendQuery, DiscoverQuery, ContextQuery, FeedbackQuery, RrfQuery,
                           DbsfQuery, FormulaQuery, OrderBy, SampleQuery>;

// Where the points that a stage names are looked up.
struct LookupLocation {
  std::string collection;
  std::optional<std::string> vector;  // default: `using`
};

struct QueryStage {
  std::optional<Query> query;  // none: by id, each with score 1 and version 0
  std::vector<QueryStage> prefetch;
  std::string using_name;
  std::optional<Filter> filter;  // also of every leaf below
  search::SearchParams params;
  uint64_t limit = 10;
  std::optional<float> score_threshold;
  std::optional<LookupLocation> lookup_from;
};

struct QueryRequest : QueryStage {
  uint64_t offset = 0;
  PayloadSelector with_payload;
  VectorSelector with_vector;
};

// Makes `target` the recall_target of each stage that states no effort of its own (neither exact, hnsw_ef nor a
// recall_target).
inline void ApplyRecallTarget(std::optional<double> target, QueryStage* stage) {
  if (!target) return;
  search::SearchParams& params = stage->params;
  if (!params.exact && !params.hnsw_ef && !params.recall_target) params.recall_target = target;
  for (QueryStage& prefetch : stage->prefetch) ApplyRecallTarget(target, &prefetch);
}

// Groups of hits by a payload value.
struct GroupLookup {
  std::string collection;
  PayloadSelector with_payload{PayloadSelector::Kind::kAll, {}};
  VectorSelector with_vector;
};
struct QueryGroupsRequest {
  QueryRequest query;  // its limit and offset do not count
  PayloadPath group_by;
  uint64_t limit = 10;  // groups
  uint64_t group_size = 3;
  std::optional<GroupLookup> with_lookup;
};
using GroupId = std::variant<std::string, uint64_t, int64_t>;  // int64_t: negative ones only
struct PointGroup {
  GroupId id;
  std::vector<ScoredPoint> hits;  // best first
  std::optional<Record> lookup;   // the point whose id is the group's
};

// How many points have which value.
struct FacetRequest {
  PayloadPath key;
  uint64_t limit = 10;
  std::optional<Filter> filter;
  bool exact = false;  // counts are always exact
};
struct FacetHit {
  search::FacetValue value;
  uint64_t count = 0;
};

// The nearest of some sampled points among themselves.
struct MatrixRequest {
  std::string using_name;
  std::optional<Filter> filter;
  uint64_t sample = 10;
  uint64_t limit = 3;  // neighbours of each
};
struct Matrix {
  struct Neighbour {
    uint64_t column = 0;  // a place in `ids`
    float score = 0;
  };
  std::vector<PointId> ids;                  // ascending
  std::vector<std::vector<Neighbour>> rows;  // one for each id, best first
};

}  // namespace sextant::service
