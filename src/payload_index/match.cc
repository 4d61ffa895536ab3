#include <algorithm>

#include "payload_index/index_snapshot.h"
#include "payload_index/payload_check.h"
#include "types/values/siphash.h"

namespace sextant::payload_index {

Result<bool> Matches(const Filter& filter, const Json& payload, const PointId& id,
                     const std::function<bool(std::string_view vector_name)>& has_vector) {
  return FilterHolds(filter, false, [&](const Condition& condition) {
    if (const auto* ids = std::get_if<HasIdCondition>(&condition))
      return std::find(ids->ids.begin(), ids->ids.end(), id) != ids->ids.end();
    if (const auto* vector = std::get_if<HasVectorCondition>(&condition)) return has_vector(vector->name);
    if (const auto* slice = std::get_if<SliceCondition>(&condition))
      return SliceHash(id) % slice->total == slice->index;
    return PayloadHolds(condition, &payload);
  });
}

}  // namespace sextant::payload_index
