#pragma once

#include "service/inference.h"
#include "types/vector_value.h"
#include "wire/rest/json/json_value.h"

namespace sextant::wire {

// Whether an object asks a model for a vector: {"model": "…", "text" | "image" | "object": …}. A map of named vectors
// has no text in it.
bool AsksForInference(Value object);

// A vector in any of its forms: a list (dense), a list of lists (multi), {"indices", "values"} (sparse), or what a
// model is to make one of. Whether the kind fits the collection is for the service to say.
void DecodeVector(Value value, service::VectorUse use, VectorValue* out);

}  // namespace sextant::wire
