#pragma once

#include <span>

#include "types/config.h"
#include "types/vector_value.h"

namespace sextant {

// What cosine vectors become on write and queries before a search: scaled to length 1 in f32. Left unchanged when the
// squared length is below f32 epsilon (so that the zero vector stays zero) or within 1e-6 of 1, as clients expect.
void NormalizeForCosine(std::span<float> vector);

// What a vector of this name becomes on write and a query before a search: normalised for Cosine, row by row (but not
// of uint8), its values those that the datatype holds: float16 rounds and stays within ±65504, uint8 cuts off towards
// zero and stays within 0 and 255. Sparse vectors stay as they are. Precondition: a value of the name's kind.
void PrepareVector(const VectorParams& params, VectorValue* value);
// Whether PrepareVector changes vectors of this name at all.
bool NeedsPreparation(const VectorParams& params);

}  // namespace sextant
