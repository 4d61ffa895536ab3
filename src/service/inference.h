#pragma once

#include <string>

#include "base/status.h"
#include "types/json.h"
#include "types/vector_value.h"

namespace sextant::service {

// What a vector is for: models make other vectors of texts that are stored than of texts that are asked for.
enum class VectorUse { kStored, kQuery };

// What a client wants a model to make a vector of.
struct InferenceInput {
  enum class Kind { kText, kImage, kObject };
  Kind kind = Kind::kText;
  std::string model;
  std::string text;  // of a text only
  Json options;      // an object, or null
};

// The vector that a model makes. The only model is BM25 (`qdrant/bm25` or `bm25`, in any letter case), which makes
// sparse vectors of texts; kInternal for any other, kWrongInput for other inputs than text, kFormat and kWrongInput for
// options that are none.
Result<VectorValue> Infer(const InferenceInput& input, VectorUse use);

}  // namespace sextant::service
