#pragma once

#include "base/status.h"
#include "shard/operation.h"
#include "types/config.h"

namespace sextant::service {

// What can be known of an update before it is queued: it names something to change, every vector's name is one of the
// collection's and the vector fits it (see CheckVector). kWrongInput, kBadRequest or kValidation otherwise.
Status CheckOperation(const CollectionConfig& config, const shard::Operation& operation);

// Makes the vectors of a checked update the kind of their names (see FitVector).
void FitOperation(const CollectionConfig& config, shard::Operation* operation);

// Whether the update adds data, so that it needs memory. Deletions must pass when there is none left.
bool AddsData(const shard::Operation& operation);

}  // namespace sextant::service
