#pragma once

#include <vector>

#include "base/status.h"
#include "qdrant_common.pb.h"
#include "types/point_id.h"

namespace sextant::wire {

// kFormat for an id without a member and for text that is no UUID.
Result<PointId> ConvertPointId(const qdrant::PointId& id);
Result<std::vector<PointId>> ConvertPointIds(const google::protobuf::RepeatedPtrField<qdrant::PointId>& ids);

void FillPointId(const PointId& id, qdrant::PointId* out);

}  // namespace sextant::wire
