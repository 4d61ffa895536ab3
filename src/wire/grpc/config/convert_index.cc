#include "wire/grpc/config/convert_index.h"

#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "wire/grpc/config/config_json.h"
#include "wire/rest/request/index_schema.h"

namespace sextant::wire {
namespace {

// By the number of the type.
constexpr std::array<const char*, 8> kTypes = {"keyword", "integer", "float",    "geo",
                                               "text",    "bool",    "datetime", "uuid"};

// The options as the object of the REST interface, which has the type among them.
Result<Json> OptionsToJson(const qdrant::PayloadIndexParams& params, const std::string& type) {
  const auto* set =
      params.GetReflection()->GetOneofFieldDescriptor(params, params.GetDescriptor()->FindOneofByName("index_params"));
  if (set == nullptr) return Json(type);
  if (set->name() != type + "_index_params")
    return FormatError(absl::StrCat("field_index_params: ", set->name(), " do not fit an index of type ", type));
  Json out{Json::Object{{"type", Json(type)}}};
  ASSIGN_OR_RETURN(const Json options, ConfigToJson(params.GetReflection()->GetMessage(params, set)));
  for (const auto& [name, option] : options.object()) out.Set(name, option);
  return out;
}

void DecodeWrapped(Value body, FieldSchema* out) {
  DecodeIndexSchema(body["field_schema"], out);
}

}  // namespace

Result<FieldSchema> ConvertIndexSchema(const qdrant::CreateFieldIndexCollection& request) {
  const auto type = static_cast<size_t>(request.field_type());
  if (!request.has_field_type() || type >= kTypes.size())
    return FormatError("field_type: the type of the index is missing or unknown");
  ASSIGN_OR_RETURN(Json schema, OptionsToJson(request.field_index_params(), kTypes[type]));
  const Json body(Json::Object{{"field_schema", std::move(schema)}});
  return DecodeBody<FieldSchema>(body.Dump(), DecodeWrapped);
}

}  // namespace sextant::wire
