#include "wire/rest/request/index_schema.h"

#include <array>
#include <optional>
#include <string_view>

#include "types/text_params.h"

namespace sextant::wire {
namespace {

constexpr std::array<FieldType, 8> kSupported = {FieldType::kKeyword, FieldType::kInteger, FieldType::kFloat,
                                                 FieldType::kBool,    FieldType::kGeo,     FieldType::kDatetime,
                                                 FieldType::kUuid,    FieldType::kText};

void DecodeType(Value value, FieldType* out) {
  const auto choice = value.Choice({"keyword", "integer", "float", "bool", "geo", "datetime", "uuid", "text"});
  if (choice) *out = kSupported[*choice];
}

// Checks an option and keeps it for the echo.
void KeepFlag(Value schema, std::string_view name, Json* params) {
  std::optional<bool> flag;
  schema[name].Read(&flag);
  if (flag) params->Set(name, Json(*flag));
}

// The options of a text index. Their names and types are checked where they are read for good.
void KeepTextOptions(Value schema, Json* params) {
  params->Set("tokenizer", Json("word"));
  for (const char* name : {"tokenizer", "min_token_len", "max_token_len", "lowercase", "ascii_folding",
                           "phrase_matching", "stopwords", "stemmer"})
    if (const Value option = schema[name]) params->Set(name, option.ToJson());
  TextParams text;
  if (const Status status = ReadTextParams(*params, &text); !status.ok()) schema.Reject(status);
}

}  // namespace

void DecodeIndexSchema(Value value, FieldSchema* out) {
  if (value.is_string()) return DecodeType(value, &out->type);
  if (!value.Expect(value.is_object(), "the name of an index type or an object with `type`")) return;
  DecodeType(value.Required("type"), &out->type);
  Json params{Json::Object{}};
  params.Set("type", Json(FieldTypeName(out->type)));
  switch (out->type) {
    case FieldType::kKeyword:
      KeepFlag(value, "is_tenant", &params);
      KeepFlag(value, "prefix", &params);
      break;
    case FieldType::kInteger:
      KeepFlag(value, "lookup", &params);
      KeepFlag(value, "range", &params);
      KeepFlag(value, "is_principal", &params);
      value["lookup"].Read(&out->lookup);
      value["range"].Read(&out->range);
      if (!out->lookup && !out->range) value.Invalid("the `lookup` and `range` capabilities can't be both disabled");
      break;
    case FieldType::kFloat:
    case FieldType::kDatetime: KeepFlag(value, "is_principal", &params); break;
    case FieldType::kUuid: KeepFlag(value, "is_tenant", &params); break;
    case FieldType::kBool:
    case FieldType::kGeo: break;
    case FieldType::kText: KeepTextOptions(value, &params); break;
  }
  KeepFlag(value, "on_disk", &params);
  const Value memory = value["memory"];
  if (memory.Choice({"cold", "cached", "pinned"})) params.Set("memory", memory.ToJson());
  KeepFlag(value, "enable_hnsw", &params);
  out->params = std::move(params);
}

}  // namespace sextant::wire
