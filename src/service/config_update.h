#pragma once

#include <string>

#include "base/status.h"
#include "service/requests.h"
#include "types/config.h"

namespace sextant::service {

// Merges a (checked) update into a configuration: graph and optimizer settings field by field; a quantization_config
// replaces the earlier one as a whole and the string "Disabled" removes it; strict mode is merged by top-level keys;
// metadata too, where null removes a key. kWrongInput for an unknown vector and
// for another datatype; nothing is merged then.
Status ApplyUpdate(const UpdateCollection& update, CollectionConfig* config);

// Adds a (checked) named vector; the info of a collection of one unnamed vector has a map from then on. Nothing happens
// when the same vector is there already; kWrongInput when another one has the name.
Status AddVector(const std::string& name, const VectorParams& vector, CollectionConfig* config);
// kWrongInput when there is none of this name.
Status DropVector(const std::string& name, CollectionConfig* config);

}  // namespace sextant::service
