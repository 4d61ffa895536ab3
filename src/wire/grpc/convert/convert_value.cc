#include "wire/grpc/convert/convert_value.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sextant::wire {
namespace {

constexpr int kMaxValueDepth = 64;  // as of JSON bodies

Status AppendValue(const qdrant::Value& value, int depth, std::string* out);

Status AppendMap(const ValueMap& fields, int depth, std::string* out) {
  std::vector<const ValueMap::value_type*> members;
  members.reserve(fields.size());
  for (const auto& member : fields) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  out->push_back('{');
  for (const auto* member : members) {
    if (member != members.front()) out->push_back(',');
    AppendJsonString(member->first, out);
    out->push_back(':');
    RETURN_IF_ERROR(AppendValue(member->second, depth + 1, out));
  }
  out->push_back('}');
  return OkStatus();
}

Status AppendList(const qdrant::ListValue& list, int depth, std::string* out) {
  out->push_back('[');
  for (int i = 0; i < list.values_size(); ++i) {
    if (i > 0) out->push_back(',');
    RETURN_IF_ERROR(AppendValue(list.values(i), depth + 1, out));
  }
  out->push_back(']');
  return OkStatus();
}

Status AppendValue(const qdrant::Value& value, int depth, std::string* out) {
  if (depth > kMaxValueDepth) return FormatError("a value is nested deeper than 64 levels");
  switch (value.kind_case()) {
    case qdrant::Value::kDoubleValue:
      if (!std::isfinite(value.double_value()))
        return FormatError("cannot convert a number that is not finite to JSON");
      AppendJsonNumber(value.double_value(), out);
      return OkStatus();
    case qdrant::Value::kIntegerValue: AppendJsonNumber(int64_t{value.integer_value()}, out); return OkStatus();
    case qdrant::Value::kStringValue: AppendJsonString(value.string_value(), out); return OkStatus();
    case qdrant::Value::kBoolValue: out->append(value.bool_value() ? "true" : "false"); return OkStatus();
    case qdrant::Value::kStructValue: return AppendMap(value.struct_value().fields(), depth, out);
    case qdrant::Value::kListValue: return AppendList(value.list_value(), depth, out);
    case qdrant::Value::kNullValue:
    case qdrant::Value::KIND_NOT_SET: break;
  }
  out->append("null");
  return OkStatus();
}

}  // namespace

Result<std::string> ConvertObjectText(const ValueMap& fields) {
  std::string text;
  RETURN_IF_ERROR(AppendMap(fields, 1, &text));
  return text;
}

Result<Json> ConvertObject(const ValueMap& fields) {
  ASSIGN_OR_RETURN(const std::string text, ConvertObjectText(fields));
  return Json::Parse(text);
}

Result<Json> ConvertValue(const qdrant::Value& value) {
  std::string text;
  RETURN_IF_ERROR(AppendValue(value, 1, &text));
  return Json::Parse(text);
}

Result<std::string> ConvertPayload(const ValueMap& fields) {
  if (fields.empty()) return std::string();
  return ConvertObjectText(fields);
}

void FillValue(const Json& json, qdrant::Value* out) {
  switch (json.kind()) {
    case Json::Kind::kNull: out->set_null_value(qdrant::NULL_VALUE); return;
    case Json::Kind::kBool: out->set_bool_value(json.as_bool()); return;
    case Json::Kind::kInt: out->set_integer_value(json.as_int()); return;
    case Json::Kind::kUint:
    case Json::Kind::kDouble: out->set_double_value(json.as_double()); return;
    case Json::Kind::kString: out->set_string_value(json.as_string()); return;
    case Json::Kind::kArray: {
      qdrant::ListValue* list = out->mutable_list_value();
      for (const Json& element : json.array()) FillValue(element, list->add_values());
      return;
    }
    case Json::Kind::kObject: FillObject(json, out->mutable_struct_value()->mutable_fields()); return;
  }
}

void FillObject(const Json& object, ValueMap* out) {
  for (const auto& [key, value] : object.object()) FillValue(value, &(*out)[key]);
}

Status FillPayload(std::string_view text, ValueMap* out) {
  if (text.empty() || text == "{}") return OkStatus();
  const auto payload = Json::Parse(text);
  if (!payload.ok() || !payload->is_object()) return Corruption("a stored payload is not a JSON object");
  FillObject(*payload, out);
  return OkStatus();
}

}  // namespace sextant::wire
