#pragma once

#include <string>

#include "base/status.h"
#include "c_api/sextant.h"
#include "service/service.h"

namespace sextant::c_api {

// Runs the queries, some hundreds at a time, each time within the API's time limit, and fills in the hits.
// Errors: those of the body and of searches; kWrongInput for missing arrays, kValidation for values that are no
// numbers. What was filled in before an error means nothing.
Status SearchBatch(const service::Service& service, const std::string& collection, const sextant_search& search,
                   const sextant_hits& hits);

}  // namespace sextant::c_api
