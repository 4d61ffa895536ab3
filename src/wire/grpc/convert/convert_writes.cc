#include "wire/grpc/convert/convert_writes.h"

#include <utility>

#include "types/payload_path.h"
#include "wire/grpc/config/convert_index.h"
#include "wire/grpc/convert/convert_point_id.h"
#include "wire/grpc/convert/convert_selectors.h"
#include "wire/grpc/convert/convert_value.h"
#include "wire/grpc/convert/convert_vectors.h"
#include "wire/grpc/unsupported.h"

namespace sextant::wire {
namespace {

Result<PointInput> ConvertPoint(const qdrant::PointStruct& point) {
  PointInput out;
  ASSIGN_OR_RETURN(out.id, ConvertPointId(point.id()));
  if (!point.has_vectors()) return FormatError("Expected some vectors");
  ASSIGN_OR_RETURN(out.vectors, ConvertVectors(point.vectors()));
  ASSIGN_OR_RETURN(out.payload, ConvertPayload(point.payload()));
  return out;
}

// Conditional upserts change which points are written: refused rather than ignored. Unknown modes mean upsert.
Status RejectUpdateConditions(const qdrant::UpsertPoints& request) {
  if (request.has_update_filter()) return Unsupported("update_filter: a conditional upsert");
  if (request.update_mode() == qdrant::InsertOnly || request.update_mode() == qdrant::UpdateOnly)
    return Unsupported("update_mode: this update mode");
  return OkStatus();
}

// What set and overwrite share.
template <typename Operation>
Result<Operation> ConvertPayloadChange(const qdrant::SetPayloadPoints& request) {
  Operation operation;
  RETURN_IF_ERROR(RejectShardKeysOf(request));
  ASSIGN_OR_RETURN(operation.points, ConvertSelection(request.points_selector()));
  ASSIGN_OR_RETURN(operation.payload, ConvertObject(request.payload()));
  return operation;
}

}  // namespace

Result<shard::Operation> ConvertUpsert(const qdrant::UpsertPoints& request) {
  shard::Upsert operation;
  RETURN_IF_ERROR(RejectShardKeysOf(request));
  RETURN_IF_ERROR(RejectUpdateConditions(request));
  operation.points.reserve(static_cast<size_t>(request.points_size()));
  for (const qdrant::PointStruct& point : request.points()) {
    ASSIGN_OR_RETURN(PointInput converted, ConvertPoint(point));
    operation.points.push_back(std::move(converted));
  }
  return shard::Operation(std::move(operation));
}

Result<shard::Operation> ConvertDelete(const qdrant::DeletePoints& request) {
  shard::DeletePoints operation;
  RETURN_IF_ERROR(RejectShardKeysOf(request));
  ASSIGN_OR_RETURN(operation.points, ConvertSelection(request.points()));
  return shard::Operation(std::move(operation));
}

Result<shard::Operation> ConvertSetPayload(const qdrant::SetPayloadPoints& request) {
  ASSIGN_OR_RETURN(auto operation, ConvertPayloadChange<shard::SetPayload>(request));
  if (request.has_key()) {
    ASSIGN_OR_RETURN(operation.key, PayloadPath::Parse(request.key()));
  }
  return shard::Operation(std::move(operation));
}

Result<shard::Operation> ConvertOverwritePayload(const qdrant::SetPayloadPoints& request) {
  ASSIGN_OR_RETURN(auto operation, ConvertPayloadChange<shard::OverwritePayload>(request));
  return shard::Operation(std::move(operation));
}

Result<shard::Operation> ConvertDeletePayload(const qdrant::DeletePayloadPoints& request) {
  shard::DeletePayload operation;
  RETURN_IF_ERROR(RejectShardKeysOf(request));
  ASSIGN_OR_RETURN(operation.points, ConvertSelection(request.points_selector()));
  for (const std::string& key : request.keys()) {
    ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(key));
    operation.keys.push_back(std::move(path));
  }
  return shard::Operation(std::move(operation));
}

Result<shard::Operation> ConvertClearPayload(const qdrant::ClearPayloadPoints& request) {
  shard::ClearPayload operation;
  RETURN_IF_ERROR(RejectShardKeysOf(request));
  ASSIGN_OR_RETURN(operation.points, ConvertSelection(request.points()));
  return shard::Operation(std::move(operation));
}

Result<shard::Operation> ConvertCreateIndex(const qdrant::CreateFieldIndexCollection& request) {
  shard::CreateIndex operation;
  ASSIGN_OR_RETURN(operation.field, PayloadPath::Parse(request.field_name()));
  ASSIGN_OR_RETURN(operation.schema, ConvertIndexSchema(request));
  return shard::Operation(std::move(operation));
}

Result<shard::Operation> ConvertDropIndex(const qdrant::DeleteFieldIndexCollection& request) {
  shard::DropIndex operation;
  ASSIGN_OR_RETURN(operation.field, PayloadPath::Parse(request.field_name()));
  return shard::Operation(std::move(operation));
}

}  // namespace sextant::wire
