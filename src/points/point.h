#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "types/filter.h"
#include "types/ordinal.h"
#include "types/payload_path.h"
#include "types/point_id.h"
#include "types/vector_value.h"

namespace sextant {

// One named vector of a point; name "" is the unnamed one.
struct NamedVector {
  std::string name;
  VectorValue value;
};

// A point as a client writes it.
struct PointInput {
  PointId id;
  std::vector<NamedVector> vectors;
  std::string payload;  // minified JSON object, or "" for none
};

// Which points an operation means: those with these ids, and those that match the filter.
struct PointSelection {
  std::vector<PointId> ids;
  std::optional<Filter> filter;
};

// Which vectors an answer carries.
struct VectorSelector {
  enum class Kind { kNone, kAll, kNames };
  Kind kind = Kind::kNone;
  std::vector<std::string> names;
};

// A point as an answer carries it.
struct Record {
  PointId id;
  std::optional<std::string> payload;               // JSON text (`{}` when asked for and empty); unset: not asked for
  std::optional<std::vector<NamedVector>> vectors;  // unset: not asked for
};

}  // namespace sextant
