#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "points/point.h"
#include "runtime/deadline.h"
#include "types/filter.h"
#include "types/ordinal.h"
#include "types/payload_path.h"
#include "vector_index/search_request.h"

namespace sextant::search {

using vector_index::SearchStats;

struct SearchParams {
  std::optional<uint32_t> hnsw_ef;
  bool exact = false;
  bool indexed_only = false;
};

// Nearest neighbours of a vector in one shard.
struct VectorQuery {
  std::string using_name;             // "" is the unnamed vector
  std::vector<float> vector;          // as the client sent it; normalised inside for cosine
  const Filter* filter = nullptr;     // borrowed for the call
  std::vector<PointId> excluded_ids;  // never returned (the point that a query by id names)
  SearchParams params;
  uint64_t limit = 10;                   // of hits to return: the request's limit + offset
  std::optional<float> score_threshold;  // strict: score > t for Cosine and Dot, score < t for the others
  Deadline deadline;
};

// `score` is the client's: cosine or dot product (descending), Euclidean or Manhattan distance (ascending).
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
};
struct OrderedPoint {
  PointId id;
  Ordinal ordinal{};
  std::variant<int64_t, double> value;
};

}  // namespace sextant::search
