#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "collection/sharding/collection_view.h"
#include "service/requests.h"
#include "types/ordinal.h"

namespace sextant::service {

// A hit between two stages of a query.
struct QueryHit {
  collection::FoundPoint point;
  OperationNumber version = 0;
  float score = 0;
  std::optional<OrderValue> order_value{};
};
using QueryHits = std::vector<QueryHit>;

// One number for each point of a view.
inline uint64_t KeyOf(const collection::FoundPoint& point) {
  return uint64_t{point.shard} << 32 | Index(point.ordinal);
}

}  // namespace sextant::service
