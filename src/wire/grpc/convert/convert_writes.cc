#include "wire/grpc/convert/convert_writes.h"

#include <optional>
#include <string>
#include <utility>

#include "types/payload_path.h"
#include "wire/grpc/config/convert_index.h"
#include "wire/grpc/convert/convert_point_id.h"
#include "wire/grpc/convert/convert_selectors.h"
#include "wire/grpc/convert/convert_value.h"
#include "wire/grpc/convert/convert_vectors.h"
#include "wire/grpc/convert/filter/convert_filter.h"

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

template <typename Request>
Status ConvertUpdateFilter(const Request& request, std::optional<Filter>* out) {
  if (!request.has_update_filter()) return OkStatus();
  ASSIGN_OR_RETURN(*out, ConvertFilter(request.update_filter()));
  return OkStatus();
}

// Of modes that are not known, the default.
shard::UpdateMode ConvertUpdateMode(qdrant::UpdateMode mode) {
  if (mode == qdrant::InsertOnly) return shard::UpdateMode::kInsertOnly;
  return mode == qdrant::UpdateOnly ? shard::UpdateMode::kUpdateOnly : shard::UpdateMode::kUpsert;
}

// Each write comes as a request of its own and as a member of a batch, with the same fields.
template <typename Request>
Result<shard::Operation> ConvertAnyUpsert(const Request& request) {
  shard::Upsert operation;
  RETURN_IF_ERROR(RejectShardKeysOf(request));
  RETURN_IF_ERROR(ConvertUpdateFilter(request, &operation.update_filter));
  operation.mode = ConvertUpdateMode(request.update_mode());
  operation.points.reserve(static_cast<size_t>(request.points_size()));
  for (const qdrant::PointStruct& point : request.points()) {
    ASSIGN_OR_RETURN(PointInput converted, ConvertPoint(point));
    operation.points.push_back(std::move(converted));
  }
  return shard::Operation(std::move(operation));
}

template <typename Request>
Result<shard::Operation> ConvertAnyUpdateVectors(const Request& request) {
  shard::UpdateVectors operation;
  RETURN_IF_ERROR(RejectShardKeysOf(request));
  RETURN_IF_ERROR(ConvertUpdateFilter(request, &operation.update_filter));
  for (const qdrant::PointVectors& point : request.points()) {
    shard::PointVectors& out = operation.points.emplace_back();
    ASSIGN_OR_RETURN(out.id, ConvertPointId(point.id()));
    if (!point.has_vectors()) return FormatError("Expected some vectors");
    ASSIGN_OR_RETURN(out.vectors, ConvertVectors(point.vectors()));
  }
  return shard::Operation(std::move(operation));
}

template <typename Request>
Result<shard::Operation> ConvertAnyDeleteVectors(const Request& request) {
  shard::DeleteVectors operation;
  RETURN_IF_ERROR(RejectShardKeysOf(request));
  if (!request.has_vectors()) return FormatError("`vectors` is missing: the names of the vectors to delete");
  ASSIGN_OR_RETURN(operation.points, ConvertSelection(request.points_selector()));
  operation.names.assign(request.vectors().names().begin(), request.vectors().names().end());
  return shard::Operation(std::move(operation));
}

template <typename Operation, typename Request>
Result<shard::Operation> ConvertOfPoints(const Request& request) {
  Operation operation;
  RETURN_IF_ERROR(RejectShardKeysOf(request));
  ASSIGN_OR_RETURN(operation.points, ConvertSelection(request.points()));
  return shard::Operation(std::move(operation));
}

template <typename Request>
Result<shard::Operation> ConvertAnyDeletePayload(const Request& request) {
  shard::DeletePayload operation;
  RETURN_IF_ERROR(RejectShardKeysOf(request));
  ASSIGN_OR_RETURN(operation.points, ConvertSelection(request.points_selector()));
  for (const std::string& key : request.keys()) {
    ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(key));
    operation.keys.push_back(std::move(path));
  }
  return shard::Operation(std::move(operation));
}

// What set and overwrite share.
template <typename Operation, typename Request>
Result<Operation> ConvertPayloadChange(const Request& request) {
  Operation operation;
  RETURN_IF_ERROR(RejectShardKeysOf(request));
  ASSIGN_OR_RETURN(operation.points, ConvertSelection(request.points_selector()));
  ASSIGN_OR_RETURN(operation.payload, ConvertObject(request.payload()));
  return operation;
}

template <typename Request>
Result<shard::Operation> ConvertAnySetPayload(const Request& request) {
  ASSIGN_OR_RETURN(auto operation, ConvertPayloadChange<shard::SetPayload>(request));
  if (request.has_key()) {
    ASSIGN_OR_RETURN(operation.key, PayloadPath::Parse(request.key()));
  }
  return shard::Operation(std::move(operation));
}

// The two older members carry a bare selector.
template <typename Operation>
Result<shard::Operation> ConvertSelected(const qdrant::PointsSelector& selector) {
  Operation operation;
  ASSIGN_OR_RETURN(operation.points, ConvertSelection(selector));
  return shard::Operation(std::move(operation));
}

Result<shard::Operation> ConvertMember(const qdrant::PointsUpdateOperation& member) {
  switch (member.operation_case()) {
    case qdrant::PointsUpdateOperation::kUpsert: return ConvertAnyUpsert(member.upsert());
    case qdrant::PointsUpdateOperation::kDeleteDeprecated:
      return ConvertSelected<shard::DeletePoints>(member.delete_deprecated());
    case qdrant::PointsUpdateOperation::kSetPayload: return ConvertAnySetPayload(member.set_payload());
    case qdrant::PointsUpdateOperation::kOverwritePayload: {
      ASSIGN_OR_RETURN(auto overwrite, ConvertPayloadChange<shard::OverwritePayload>(member.overwrite_payload()));
      return shard::Operation(std::move(overwrite));
    }
    case qdrant::PointsUpdateOperation::kDeletePayload: return ConvertAnyDeletePayload(member.delete_payload());
    case qdrant::PointsUpdateOperation::kClearPayloadDeprecated:
      return ConvertSelected<shard::ClearPayload>(member.clear_payload_deprecated());
    case qdrant::PointsUpdateOperation::kUpdateVectors: return ConvertAnyUpdateVectors(member.update_vectors());
    case qdrant::PointsUpdateOperation::kDeleteVectors: return ConvertAnyDeleteVectors(member.delete_vectors());
    case qdrant::PointsUpdateOperation::kDeletePoints:
      return ConvertOfPoints<shard::DeletePoints>(member.delete_points());
    case qdrant::PointsUpdateOperation::kClearPayload:
      return ConvertOfPoints<shard::ClearPayload>(member.clear_payload());
    case qdrant::PointsUpdateOperation::OPERATION_NOT_SET: break;
  }
  return FormatError("an operation of the batch has no member");
}

}  // namespace

Result<shard::Operation> ConvertUpsert(const qdrant::UpsertPoints& request) {
  return ConvertAnyUpsert(request);
}

Result<shard::Operation> ConvertUpdateVectors(const qdrant::UpdatePointVectors& request) {
  return ConvertAnyUpdateVectors(request);
}

Result<shard::Operation> ConvertDeleteVectors(const qdrant::DeletePointVectors& request) {
  return ConvertAnyDeleteVectors(request);
}

Result<shard::Operation> ConvertDelete(const qdrant::DeletePoints& request) {
  return ConvertOfPoints<shard::DeletePoints>(request);
}

Result<shard::Operation> ConvertSetPayload(const qdrant::SetPayloadPoints& request) {
  return ConvertAnySetPayload(request);
}

Result<shard::Operation> ConvertOverwritePayload(const qdrant::SetPayloadPoints& request) {
  ASSIGN_OR_RETURN(auto operation, ConvertPayloadChange<shard::OverwritePayload>(request));
  return shard::Operation(std::move(operation));
}

Result<shard::Operation> ConvertDeletePayload(const qdrant::DeletePayloadPoints& request) {
  return ConvertAnyDeletePayload(request);
}

Result<shard::Operation> ConvertClearPayload(const qdrant::ClearPayloadPoints& request) {
  return ConvertOfPoints<shard::ClearPayload>(request);
}

Result<std::vector<shard::Operation>> ConvertUpdateBatch(const qdrant::UpdateBatchPoints& request) {
  if (request.operations().empty()) return FormatError("`operations` is empty");
  std::vector<shard::Operation> operations;
  operations.reserve(static_cast<size_t>(request.operations_size()));
  for (const qdrant::PointsUpdateOperation& member : request.operations()) {
    ASSIGN_OR_RETURN(shard::Operation operation, ConvertMember(member));
    operations.push_back(std::move(operation));
  }
  return operations;
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
