#pragma once

#include "base/status.h"
#include "shard/operation.h"
#include "types/config.h"

namespace sextant::service {

// What can be known of an update before it is queued: it names something to change, every vector's name is one of the
// collection's and its dimension is right. kWrongInput, kBadRequest or kValidation otherwise.
Status CheckOperation(const CollectionConfig& config, const shard::Operation& operation);

// Whether the update adds data, so that it needs memory. Deletions must pass when there is none left.
bool AddsData(const shard::Operation& operation);

// A vector of a request against the collection's parameters of that name.
Status CheckVector(const CollectionConfig& config, std::string_view name, size_t dimensions);

}  // namespace sextant::service
