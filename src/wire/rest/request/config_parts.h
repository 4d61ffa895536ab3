#pragma once

#include <map>
#include <optional>
#include <string>

#include "service/requests.h"
#include "types/config.h"
#include "wire/rest/json/json_value.h"

namespace sextant::wire {

// The parts of a collection's configuration, shared by create and update.

void DecodeHnswDiff(Value value, HnswConfigDiff* out);
void DecodeOptimizersDiff(Value value, service::OptimizersConfigDiff* out);
// One of scalar, product, binary and turbo, with known fields only; `may_disable` also takes "Disabled".
void DecodeQuantization(Value value, bool may_disable, std::optional<Json>* out);
// cold, cached or, unless `refuse_pinned`, pinned.
void DecodeMemory(Value value, bool refuse_pinned, std::optional<std::string>* out);
void DecodePayloadStorage(Value value, std::optional<Json>* out);
void DecodeStrictMode(Value value, std::optional<Json>* out);
void DecodeMetadata(Value value, std::optional<Json>* out);
// Over the defaults that `out` holds.
void DecodeWal(Value value, Json* out);

// A single unnamed vector or a map of named ones.
void DecodeVectorsConfig(Value value, CollectionConfig* out);
// Named sparse vectors, beside the vectors that `out` has; one name for both is reported.
void DecodeSparseVectorsConfig(Value value, CollectionConfig* out);
// A vector to be added to a collection: {"dense": {…}} or {"sparse": {…}}.
void DecodeVectorNameConfig(Value body, VectorParams* out);
void DecodeSparseVectorsDiff(Value value, std::map<std::string, service::SparseVectorParamsDiff>* out);
void DecodeVectorsDiff(Value value, std::map<std::string, service::VectorParamsDiff>* out);

}  // namespace sextant::wire
