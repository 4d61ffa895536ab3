#pragma once

#include <cstddef>

#include "base/status.h"
#include "shard/operation.h"
#include "shard/vectors/vector_state.h"

namespace sextant::shard {

// What a shard asks of an operation before it takes it.

// Every vector has a name that the shard knows, is of its kind and has the right size: kWrongInput otherwise.
Status CheckVectors(const Operation& operation, const VectorStates& vectors);

// About what the operation adds to a batch, as far as it can be known without reading.
size_t ApproximateBytes(const Operation& operation);

}  // namespace sextant::shard
