#include "collection/sharding/routing.h"

#include <utility>
#include <variant>

#include "base/split_mix.h"

namespace sextant::collection {
namespace {

using shard::Operation;

uint32_t JumpHash(uint64_t key, uint32_t buckets) {
  int64_t bucket = -1;
  int64_t next = 0;
  while (next < static_cast<int64_t>(buckets)) {
    bucket = next;
    key = key * 2862933555777941757ull + 1;
    next = static_cast<int64_t>(static_cast<double>(bucket + 1) *
                                (static_cast<double>(1ll << 31) / static_cast<double>((key >> 33) + 1)));
  }
  return static_cast<uint32_t>(bucket);
}

// An operation on listed points, in order; what else it says goes to every shard that has one of them.
template <typename ListOperation>
std::vector<std::optional<Operation>> SplitList(ListOperation operation, uint32_t shards) {
  auto points = std::exchange(operation.points, {});
  std::vector<std::optional<Operation>> parts(shards);
  for (auto& point : points) {
    std::optional<Operation>& part = parts[ShardOf(point.id, shards)];
    if (!part) part = Operation(operation);
    std::get<ListOperation>(*part).points.push_back(std::move(point));
  }
  return parts;
}

// An operation on selected points: a filter goes everywhere, ids to their shards.
template <typename SelectionOperation>
std::vector<std::optional<Operation>> SplitSelection(SelectionOperation operation, uint32_t shards) {
  const std::vector<PointId> ids = std::exchange(operation.points.ids, {});
  std::vector<std::optional<Operation>> parts(shards);
  if (operation.points.filter) parts.assign(shards, Operation(operation));
  for (const PointId& id : ids) {
    std::optional<Operation>& part = parts[ShardOf(id, shards)];
    if (!part) part = Operation(operation);
    std::get<SelectionOperation>(*part).points.ids.push_back(id);
  }
  return parts;
}

}  // namespace

uint32_t ShardOf(const PointId& id, uint32_t shards) {
  if (shards == 1) return 0;
  return JumpHash(SplitMix(SplitMix(id.low()) ^ (id.high() + (id.is_uuid() ? 1 : 0))), shards);
}

std::vector<std::optional<Operation>> SplitByShard(Operation operation, uint32_t shards) {
  return std::visit(
      [shards](auto part) -> std::vector<std::optional<Operation>> {
        if constexpr (requires { part.points.filter; }) {
          return SplitSelection(std::move(part), shards);
        } else if constexpr (requires { part.points; }) {
          return SplitList(std::move(part), shards);
        } else {
          return std::vector<std::optional<Operation>>(shards, Operation(std::move(part)));
        }
      },
      std::move(operation));
}

}  // namespace sextant::collection
