#pragma once

#include <vector>

#include "base/status.h"
#include "points.pb.h"
#include "shard/operation.h"

namespace sextant::wire {

// Writes to points and payload indexes. kFormat for missing members, kWrongInput for what is not supported yet; the
// service checks the rest.
Result<shard::Operation> ConvertUpsert(const qdrant::UpsertPoints& request);
Result<shard::Operation> ConvertUpdateVectors(const qdrant::UpdatePointVectors& request);
Result<shard::Operation> ConvertDeleteVectors(const qdrant::DeletePointVectors& request);
Result<shard::Operation> ConvertDelete(const qdrant::DeletePoints& request);
Result<shard::Operation> ConvertSetPayload(const qdrant::SetPayloadPoints& request);
Result<shard::Operation> ConvertOverwritePayload(const qdrant::SetPayloadPoints& request);
Result<shard::Operation> ConvertDeletePayload(const qdrant::DeletePayloadPoints& request);
Result<shard::Operation> ConvertClearPayload(const qdrant::ClearPayloadPoints& request);
Result<shard::Operation> ConvertCreateIndex(const qdrant::CreateFieldIndexCollection& request);
Result<shard::Operation> ConvertDropIndex(const qdrant::DeleteFieldIndexCollection& request);
// In order; the error of the first one that cannot be converted.
Result<std::vector<shard::Operation>> ConvertUpdateBatch(const qdrant::UpdateBatchPoints& request);

}  // namespace sextant::wire
