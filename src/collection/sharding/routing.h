#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "shard/operation.h"
#include "types/point_id.h"

namespace sextant::collection {

// The shard of a point. Part of the disk format: a collection's points stay where they were written, so this function
// never changes. The id's 128 bits and its kind are mixed (SplitMix64's finalizer) and the jump consistent hash of
// Lamping and Veach (2014) picks the shard, so that growing from n to n + 1 shards would move 1/(n + 1) of the points.
uint32_t ShardOf(const PointId& id, uint32_t shards);

// Splits an update over the shards: points and ids go to their own shard, in order; filters and payload indexes to
// every shard. No entry for a shard that has nothing to do.
std::vector<std::optional<shard::Operation>> SplitByShard(shard::Operation operation, uint32_t shards);

}  // namespace sextant::collection
