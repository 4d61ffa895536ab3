#include "wire/grpc/convert/convert_point_id.h"

#include "absl/strings/str_cat.h"

namespace sextant::wire {

Result<PointId> ConvertPointId(const qdrant::PointId& id) {
  switch (id.point_id_options_case()) {
    case qdrant::PointId::kNum: return PointId::Number(id.num());
    case qdrant::PointId::kUuid:
      if (const auto uuid = PointId::ParseUuid(id.uuid())) return *uuid;
      return FormatError(absl::StrCat("Unable to parse UUID: ", id.uuid()));
    case qdrant::PointId::POINT_ID_OPTIONS_NOT_SET: break;
  }
  return FormatError("Empty ID is not allowed");
}

Result<std::vector<PointId>> ConvertPointIds(const google::protobuf::RepeatedPtrField<qdrant::PointId>& ids) {
  std::vector<PointId> out;
  out.reserve(static_cast<size_t>(ids.size()));
  for (const qdrant::PointId& id : ids) {
    ASSIGN_OR_RETURN(const PointId converted, ConvertPointId(id));
    out.push_back(converted);
  }
  return out;
}

void FillPointId(const PointId& id, qdrant::PointId* out) {
  if (id.is_uuid())
    out->set_uuid(id.ToString());
  else
    out->set_num(id.number());
}

}  // namespace sextant::wire
