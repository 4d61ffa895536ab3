#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "types/vector_value.h"

namespace sextant::wire {

// A sparse vector of components that come in any order. kValidation, with a message that names the member, unless
// there is one value for each index and no index is repeated.
Result<SparseVector> ToSparse(std::vector<uint32_t> indices, std::vector<float> values);

}  // namespace sextant::wire
