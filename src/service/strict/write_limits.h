#pragma once

#include <cstdint>
#include <functional>

#include "base/status.h"
#include "collection/sharding/collection_view.h"
#include "search/stored_sizes.h"
#include "service/strict/strict_mode.h"
#include "shard/operation.h"

namespace sextant::service {

// What an update is held against. The sizes are asked for only where a limit is set to them.
struct WriteLimits {
  const StrictMode& mode;
  const collection::CollectionView& view;
  std::function<Result<search::StoredSizes>()> sizes;
};

// Whether strict mode lets a (checked) update pass: batch size, sizes of the collection, sizes of vectors, filter,
// number of indexes, in this order. kBadRequest otherwise.
Status CheckWrite(const WriteLimits& limits, const shard::Operation& operation);

// The tokens that an update costs: one for each point that it is estimated to change, one at least.
Result<uint64_t> WriteCost(const collection::CollectionView& view, const shard::Operation& operation,
                           const Deadline& deadline);

}  // namespace sextant::service
