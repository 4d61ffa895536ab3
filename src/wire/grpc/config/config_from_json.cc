#include <string>

#include "absl/strings/str_cat.h"
#include "collections.pb.h"
#include "wire/grpc/config/config_json.h"
#include "wire/grpc/config/config_shape.h"
#include "wire/grpc/convert/convert_value.h"

namespace sextant::wire {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void FillEnum(const Json& json, const FieldDescriptor& field, Message* out) {
  for (int i = 0; json.is_string() && i < field.enum_type()->value_count(); ++i) {
    const auto* value = field.enum_type()->value(i);
    if (JsonNameOf(*value) == json.as_string()) return out->GetReflection()->SetEnum(out, &field, value);
  }
}

void FillInteger(uint64_t value, const FieldDescriptor& field, Message* out) {
  const Reflection& reflection = *out->GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32)
    reflection.SetUInt32(out, &field, static_cast<uint32_t>(value));
  else if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64)
    reflection.SetUInt64(out, &field, value);
}

void FillFloating(double value, const FieldDescriptor& field, Message* out) {
  const Reflection& reflection = *out->GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT)
    reflection.SetFloat(out, &field, static_cast<float>(value));
  else if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE)
    reflection.SetDouble(out, &field, value);
}

// A flag that is off is a message that is absent.
void FillMember(const Json& json, const FieldDescriptor& field, Message* out) {
  if (ShapeOf(*field.message_type()) == ConfigShape::kFlag && !(json.is_bool() && json.as_bool())) return;
  FillConfig(json, out->GetReflection()->MutableMessage(out, &field));
}

void FillSingle(const Json& json, const FieldDescriptor& field, Message* out) {
  const bool is_bool = field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return FillMember(json, field, out);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return FillEnum(json, field, out);
  if (json.is_string() && field.cpp_type() == FieldDescriptor::CPPTYPE_STRING)
    return out->GetReflection()->SetString(out, &field, json.as_string());
  if (json.is_bool() && is_bool) return out->GetReflection()->SetBool(out, &field, json.as_bool());
  if (!json.is_number()) return;
  FillFloating(json.as_double(), field, out);
  if (json.is_uint()) FillInteger(json.as_uint(), field, out);
}

void FillMap(const Json& json, const FieldDescriptor& field, Message* out) {
  if (!json.is_object()) return;
  for (const auto& [key, value] : json.object()) {
    Message* entry = out->GetReflection()->AddMessage(out, &field);
    entry->GetReflection()->SetString(entry, field.message_type()->map_key(), key);
    FillSingle(value, *field.message_type()->map_value(), entry);
  }
}

// Lists in a configuration are lists of strings.
void FillList(const Json& json, const FieldDescriptor& field, Message* out) {
  if (!json.is_array() || field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return;
  for (const Json& element : json.array())
    if (element.is_string()) out->GetReflection()->AddString(out, &field, element.as_string());
}

void FillField(const Json& json, const FieldDescriptor& field, Message* out) {
  if (json.is_null()) return;
  if (field.is_map()) return FillMap(json, field, out);
  if (field.is_repeated()) return FillList(json, field, out);
  FillSingle(json, field, out);
}

// Options of an index stand in the member that its type names.
void FillIndexParams(const Json& json, qdrant::PayloadIndexParams* out) {
  const Json* type = json.Find("type");
  if (type == nullptr || !type->is_string()) return;
  const auto* field = out->GetDescriptor()->FindFieldByName(absl::StrCat(type->as_string(), "_index_params"));
  if (field != nullptr) FillSingle(json, *field, out);
}

void FillOptimizerStatus(const Json& json, qdrant::OptimizerStatus* out) {
  const Json* error = json.Find("error");
  out->set_ok(error == nullptr);
  if (error != nullptr && error->is_string()) out->set_error(error->as_string());
}

void FillStemmer(const Json& json, qdrant::StemmingAlgorithm* out) {
  const Json* language = json.Find("language");
  if (language == nullptr || !language->is_string())
    out->mutable_disabled();
  else
    out->mutable_snowball()->set_language(language->as_string());
}

void FillObject(const Json& json, Message* out) {
  const std::string& type = out->GetDescriptor()->name();
  if (type == "PayloadIndexParams") return FillIndexParams(json, static_cast<qdrant::PayloadIndexParams*>(out));
  if (type == "OptimizerStatus") return FillOptimizerStatus(json, static_cast<qdrant::OptimizerStatus*>(out));
  if (type == "StopwordsSet" && json.is_string())  // one language, in short
    return static_cast<qdrant::StopwordsSet*>(out)->add_languages(json.as_string());
  for (int i = 0; i < out->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *out->GetDescriptor()->field(i);
    // The older form of a member stays empty.
    if (field.name() == "deprecated_max_optimization_threads") continue;
    if (const Json* value = json.Find(JsonKeyOf(field))) FillField(*value, field, out);
  }
}

// The member whose form the value has.
const FieldDescriptor* MemberFor(const Json& json, const Message& message) {
  const auto* descriptor = message.GetDescriptor();
  if (descriptor->name() == "VectorsConfig") {
    const Json* size = json.Find("size");  // a vector of this name would be an object
    return descriptor->FindFieldByName(size != nullptr && size->is_number() ? "params" : "params_map");
  }
  if (descriptor->name() == "MaxOptimizationThreads")
    return descriptor->FindFieldByName(json.is_string() ? "setting" : "value");
  return descriptor->field(0);
}

}  // namespace

void FillConfig(const Json& json, Message* out) {
  switch (ShapeOf(*out->GetDescriptor())) {
    case ConfigShape::kObject: return FillObject(json, out);
    case ConfigShape::kOnlyMember: return FillField(json, *MemberFor(json, *out), out);
    case ConfigShape::kValue: return FillValue(json, static_cast<qdrant::Value*>(out));
    case ConfigShape::kFlag:
    case ConfigShape::kDisabled: return;
    case ConfigShape::kStemmer: return FillStemmer(json, static_cast<qdrant::StemmingAlgorithm*>(out));
  }
}

}  // namespace sextant::wire
