#include <string>
#include <utility>

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

// The number whose shortest text is that of the float: 0.99f is 0.99.
Result<Json> FloatToJson(float value) {
  std::string text;
  AppendJsonNumber(value, &text);
  return Json::Parse(text);
}

// Null for an enumerator that says nothing.
Result<Json> EnumToJson(const FieldDescriptor& field, int number) {
  const auto* value = field.enum_type()->FindValueByNumber(number);
  if (value == nullptr) return FormatError(absl::StrCat(field.name(), ": ", number, " is not a value of this field"));
  return SaysNothing(*value) ? Json() : Json(JsonNameOf(*value));
}

Result<Json> SingleToJson(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL: return Json(reflection.GetBool(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32: return Json(uint64_t{reflection.GetUInt32(message, &field)});
    case FieldDescriptor::CPPTYPE_UINT64: return Json(uint64_t{reflection.GetUInt64(message, &field)});
    case FieldDescriptor::CPPTYPE_INT32: return Json(int64_t{reflection.GetInt32(message, &field)});
    case FieldDescriptor::CPPTYPE_INT64: return Json(int64_t{reflection.GetInt64(message, &field)});
    case FieldDescriptor::CPPTYPE_FLOAT: return FloatToJson(reflection.GetFloat(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE: return Json(reflection.GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_STRING: return Json(reflection.GetString(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM: return EnumToJson(field, reflection.GetEnumValue(message, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE: return ConfigToJson(reflection.GetMessage(message, &field));
  }
  return Json();
}

Result<Json> MapToJson(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  Json out{Json::Object{}};
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
    ASSIGN_OR_RETURN(Json value, SingleToJson(entry, *field.message_type()->map_value()));
    out.Set(entry.GetReflection()->GetString(entry, field.message_type()->map_key()), std::move(value));
  }
  return out;
}

// Lists in a configuration are lists of strings.
Json ListToJson(const Message& message, const FieldDescriptor& field) {
  Json::Array out;
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return Json(std::move(out));
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i)
    out.emplace_back(reflection.GetRepeatedString(message, &field, i));
  return Json(std::move(out));
}

Result<Json> FieldToJson(const Message& message, const FieldDescriptor& field) {
  if (field.is_map()) return MapToJson(message, field);
  if (field.is_repeated()) return ListToJson(message, field);
  return SingleToJson(message, field);
}

bool IsThere(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  if (field.is_repeated()) return reflection.FieldSize(message, &field) > 0;
  return !field.has_presence() || reflection.HasField(message, &field);
}

// Only the oneof of quantizations must have a member; other messages are fine when they are empty.
Status CheckMembers(const Message& message) {
  const auto* descriptor = message.GetDescriptor();
  const auto* quantization = descriptor->FindOneofByName("quantization");
  if (quantization == nullptr || message.GetReflection()->HasOneof(message, quantization)) return OkStatus();
  return FormatError(absl::StrCat("Unable to convert quantization config: ", descriptor->name(), " is empty"));
}

Result<Json> ObjectToJson(const Message& message) {
  RETURN_IF_ERROR(CheckMembers(message));
  Json out{Json::Object{}};
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (!IsThere(message, field)) continue;
    // Its presence decides, whatever stands beside it.
    if (field.message_type() != nullptr && ShapeOf(*field.message_type()) == ConfigShape::kDisabled)
      return Json("Disabled");
    ASSIGN_OR_RETURN(Json value, FieldToJson(message, field));
    if (!value.is_null()) out.Set(JsonKeyOf(field), std::move(value));
  }
  return out;
}

Result<Json> OnlyMemberToJson(const Message& message) {
  const auto* descriptor = message.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor& field = *descriptor->field(i);
    if (!field.is_map() && !IsThere(message, field)) continue;
    ASSIGN_OR_RETURN(Json value, FieldToJson(message, field));
    // An update names the unnamed vector.
    if (descriptor->name() == "VectorsConfigDiff" && field.name() == "params")
      return Json(Json::Object{{"", std::move(value)}});
    return value;
  }
  return FormatError(absl::StrCat(descriptor->name(), " is empty"));
}

Result<Json> StemmerToJson(const qdrant::StemmingAlgorithm& stemmer) {
  if (stemmer.has_disabled()) return Json(Json::Object{{"type", Json("none")}});
  if (!stemmer.has_snowball()) return FormatError("StemmingAlgorithm is empty");
  return Json(Json::Object{{"type", Json("snowball")}, {"language", Json(stemmer.snowball().language())}});
}

}  // namespace

Result<Json> ConfigToJson(const Message& message) {
  switch (ShapeOf(*message.GetDescriptor())) {
    case ConfigShape::kObject: return ObjectToJson(message);
    case ConfigShape::kOnlyMember: return OnlyMemberToJson(message);
    case ConfigShape::kValue: return ConvertValue(static_cast<const qdrant::Value&>(message));
    case ConfigShape::kFlag: return Json(true);
    case ConfigShape::kDisabled: return Json("Disabled");
    case ConfigShape::kStemmer: return StemmerToJson(static_cast<const qdrant::StemmingAlgorithm&>(message));
  }
  return Json();
}

}  // namespace sextant::wire
