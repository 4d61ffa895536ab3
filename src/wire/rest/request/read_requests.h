#pragma once

#include <string>

#include "base/status.h"
#include "service/requests.h"

namespace sextant::wire {

// Bodies of the reads. Errors: kFormat, kValidation, kWrongInput for contradictions and for what this version does
// not support.
Result<service::RetrieveRequest> DecodeRetrieve(const std::string& body);
Result<service::ScrollRequest> DecodeScroll(const std::string& body);
Result<service::CountRequest> DecodeCount(const std::string& body);

}  // namespace sextant::wire
