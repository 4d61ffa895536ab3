#pragma once

#include <string>

#include "base/status.h"
#include "service/requests.h"
#include "types/config.h"

namespace sextant::service {

// The limits of a collection's parameters. kValidation (`[field: value V invalid, must be …]`) for values out of
// range, kWrongInput for what is well formed but not possible.
Status CheckConfig(const CollectionConfig& config);
// One of its vectors, or one to be added to it.
Status CheckNamedVector(const std::string& name, const VectorParams& vector);
Status CheckUpdate(const UpdateCollection& update);

// Whether a quantization_config is one we know. kFormat and kValidation otherwise.
Status CheckQuantization(const Json& quantization);

}  // namespace sextant::service
