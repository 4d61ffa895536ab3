#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "points/point.h"
#include "runtime/deadline.h"
#include "search/explanation.h"
#include "search/scoring/score_rule.h"
#include "types/filter.h"
#include "types/ordinal.h"
#include "types/ordinal_set.h"
#include "types/payload_path.h"
#include "types/vector_value.h"

namespace sextant::search {

struct SearchParams {
  std::optional<uint32_t> hnsw_ef;
  // An extension: the share of the true nearest points to find on average, in (0, 1], by which walks choose their
  // candidates. Not together with hnsw_ef.
  std::optional<double> recall_target;
  bool exact = false;
  bool indexed_only = false;
  // Of sparse vectors with the modifier idf: the points whose vectors tell how rare an index is. Default: all.
  std::shared_ptr<const Filter> idf_corpus;
  // Of vectors with a quantization of the client's own.
  bool ignore_quantization = false;    // search as if there were none
  std::optional<bool> rescore;         // false: scores are those of the codes; unset and true: exact
  std::optional<double> oversampling;  // candidates a hit, at least
};

// What every search over one named vector of one shard is told.
struct VectorScope {
  std::string using_name;              // "" is the unnamed vector
  const Filter* filter = nullptr;      // borrowed for the call
  const OrdinalSet* within = nullptr;  // only these points, whatever the filter says; borrowed for the call
  std::vector<PointId> excluded_ids;   // never returned (the points that a query names as examples)
  SearchParams params;
  uint64_t limit = 10;                   // of hits to return: the request's limit + offset
  std::optional<float> score_threshold;  // strict: score > t for Cosine and Dot, score < t for the others
  Deadline deadline;
};

// Nearest neighbours of a vector.
struct VectorQuery : VectorScope {
  VectorValue vector;  // as the client sent it; normalised inside for cosine
};

// Points ranked by their raw similarities to several vectors.
struct ExampleQuery : VectorScope {
  std::vector<VectorValue> examples;  // as the client sent them; normalised inside for cosine
  ScoreRule rule;
};

// `score` is the client's: cosine or dot product (descending), Euclidean or Manhattan distance (ascending). Of an
// ExampleQuery it is what the rule says (descending).
struct Hit {
  PointId id;
  Ordinal ordinal{};
  OperationNumber version = 0;
  float score = 0;
};

struct ScrollRequest {
  const Filter* filter = nullptr;
  std::optional<PointId> offset;  // inclusive start
  uint64_t limit = 10;
  Deadline deadline;
};
struct ScrollPage {
  std::vector<PointId> ids;       // ascending
  std::vector<Ordinal> ordinals;  // of the same points
  std::optional<PointId> next;    // the first point after the page
};

struct OrderedScrollRequest {
  PayloadPath key;
  bool descending = false;
  std::optional<double> start_from;  // inclusive
  const Filter* filter = nullptr;
  uint64_t limit = 10;
  Deadline deadline;
  const OrdinalSet* within = nullptr;  // only these points, whatever the filter says
};
struct OrderedPoint {
  PointId id;
  Ordinal ordinal{};
  std::variant<int64_t, double> value;
};

struct SampleRequest {
  const Filter* filter = nullptr;
  const OrdinalSet* within = nullptr;      // only these points, whatever the filter says
  std::optional<std::string> with_vector;  // only points that have this vector
  uint64_t limit = 10;
  Deadline deadline;
};
// The points with the smallest of keys drawn anew by every call are a uniform sample, also over several shards.
struct SampledPoint {
  PointId id;
  Ordinal ordinal{};
  uint64_t key = 0;
};

struct FacetRequest {
  PayloadPath key;
  const Filter* filter = nullptr;
  Deadline deadline;
};
using FacetValue = std::variant<std::string, int64_t, bool>;
using FacetCounts = std::map<FacetValue, uint64_t>;  // points with this value

}  // namespace sextant::search
