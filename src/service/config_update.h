#pragma once

#include "base/status.h"
#include "service/requests.h"
#include "types/config.h"

namespace sextant::service {

// Merges a (checked) update into a configuration: graph and optimizer settings field by field; a quantization_config
// replaces the earlier one as a whole and the string "Disabled" removes it; strict mode is merged by top-level keys;
// metadata too, where null removes a key. kWrongInput for an unknown vector; nothing is merged then.
Status ApplyUpdate(const UpdateCollection& update, CollectionConfig* config);

}  // namespace sextant::service
