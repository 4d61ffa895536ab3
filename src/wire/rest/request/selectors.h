#pragma once

#include <vector>

#include "points/point.h"
#include "service/requests.h"
#include "types/payload_path.h"
#include "types/point_id.h"
#include "wire/rest/json/json_value.h"

namespace sextant::wire {

// The parts that many request bodies share. Each leaves its output as it was when the value is absent.

void DecodePointId(Value value, PointId* out);
void DecodePointIds(Value value, std::vector<PointId>* out);
void DecodePayloadPath(Value value, PayloadPath* out);
// bool, list of paths, {include} or {exclude}.
void DecodeWithPayload(Value value, PayloadSelector* out);
// bool or list of names.
void DecodeWithVector(Value value, VectorSelector* out);
// A payload path, or {key, direction, start_from}.
void DecodeOrderBy(Value value, service::OrderBy* out);
// `points` (which wins) or `filter` of a body; neither is a format error.
void DecodeSelection(Value body, PointSelection* out);
// `shard_key` means custom sharding, which no collection has.
void RejectShardKey(Value body);

}  // namespace sextant::wire
