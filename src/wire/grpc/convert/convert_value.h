#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "json_with_int.pb.h"
#include "types/json.h"

namespace sextant::wire {

using ValueMap = google::protobuf::Map<std::string, qdrant::Value>;

// A JSON object as minified text. Its keys come without an order and are sorted, so that equal messages make equal
// texts. kFormat for numbers that JSON cannot express and for nesting deeper than 64.
Result<std::string> ConvertObjectText(const ValueMap& fields);
Result<Json> ConvertObject(const ValueMap& fields);
Result<Json> ConvertValue(const qdrant::Value& value);

// A payload: the text of the object, "" for one without members (which cannot be told from none).
Result<std::string> ConvertPayload(const ValueMap& fields);

// Integers above INT64_MAX become doubles.
void FillValue(const Json& json, qdrant::Value* out);
void FillObject(const Json& object, ValueMap* out);
// `text` is a payload as records carry it.
Status FillPayload(std::string_view text, ValueMap* out);

}  // namespace sextant::wire
