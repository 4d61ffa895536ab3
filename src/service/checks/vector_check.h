#pragma once

#include <string>

#include "base/status.h"
#include "points/point.h"
#include "types/config.h"
#include "types/vector_value.h"

namespace sextant::service {

// The parameters of a name; kWrongInput when the collection has none.
Result<const VectorParams*> FindVector(const CollectionConfig& config, const std::string& name);

// Whether a vector can stand under the name with these parameters, or be compared with the vectors there: its kind,
// its size, finite values. A dense vector counts as a multivector of one row. kWrongInput, or kValidation for a vector
// that is no vector anywhere: an empty one, rows of unequal length, indices out of order.
Status CheckVector(const std::string& name, const VectorParams& params, const VectorValue& value);

// Makes a dense vector for a name of multivectors one row. Precondition: CheckVector.
void FitVector(const VectorParams& params, VectorValue* value);

}  // namespace sextant::service
