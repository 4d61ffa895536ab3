#pragma once

#include "base/status.h"
#include "google/protobuf/message.h"
#include "types/json.h"

namespace sextant::wire {

// Configurations have one form inside this layer, the JSON of the REST interface: its codecs know every option, its
// limits and what is not supported. These two translate the messages of collections and payload indexes to that form
// and back, field by field.

// kFormat for enumerators that do not exist and for messages that must have a member and have none.
Result<Json> ConfigToJson(const google::protobuf::Message& message);

// Members that the message lacks are left out. `json` is what our own codecs print.
void FillConfig(const Json& json, google::protobuf::Message* out);

}  // namespace sextant::wire
