#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/status.h"
#include "shard/operation.h"
#include "types/payload_path.h"

namespace sextant::wire {

// Bodies of the operations on points and payload indexes. Errors: kFormat, kValidation, kWrongInput for what this
// version does not support, kBadRequest for an empty upsert.
Result<shard::Operation> DecodeUpsert(const std::string& body);
Result<shard::Operation> DecodeUpdateVectors(const std::string& body);
Result<shard::Operation> DecodeDeleteVectors(const std::string& body);
Result<shard::Operation> DecodeDeletePoints(const std::string& body);
Result<shard::Operation> DecodeSetPayload(const std::string& body);
Result<shard::Operation> DecodeOverwritePayload(const std::string& body);
Result<shard::Operation> DecodeDeletePayload(const std::string& body);
Result<shard::Operation> DecodeClearPayload(const std::string& body);
Result<shard::Operation> DecodeCreateIndex(const std::string& body);
// {"payloads": [{…}, null, …]}: each minified, "" for null. kValidation unless there are `count`.
Result<std::vector<std::string>> DecodePayloads(const std::string& body, size_t count);
// {"operations": [{"upsert": {…}}, …]}
Result<std::vector<shard::Operation>> DecodeUpdateBatch(const std::string& body);

}  // namespace sextant::wire
