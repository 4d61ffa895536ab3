#pragma once

#include "base/status.h"
#include "points.pb.h"
#include "types/config.h"

namespace sextant::wire {

// The schema of a payload index. kFormat without a (known) type and for options of another kind; kValidation and
// kWrongInput as of the REST interface.
Result<FieldSchema> ConvertIndexSchema(const qdrant::CreateFieldIndexCollection& request);

}  // namespace sextant::wire
