#pragma once

#include <cstdint>

namespace sextant {

// The dense slot of a point in its shard (see docs/architecture.md, Words). Distinct from PointId on purpose.
enum class Ordinal : uint32_t {};

constexpr uint32_t Index(Ordinal ordinal) {
  return static_cast<uint32_t>(ordinal);
}

// Dense per-shard counter of updates; clients see it as `operation_id` and `version`. 0 is before the first update.
using OperationNumber = uint64_t;

// The version of a row or point that is still alive: it retires after every operation.
inline constexpr OperationNumber kNever = UINT64_MAX;

}  // namespace sextant
