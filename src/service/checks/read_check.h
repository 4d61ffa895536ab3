#pragma once

#include "base/status.h"
#include "service/requests.h"
#include "types/config.h"

namespace sextant::service {

// The limits of read requests and the names in them, checked before anything is read. kValidation for values out of
// range, kWrongInput for unknown vector names, wrong dimensions and combinations that make no sense.
Status CheckRetrieve(const CollectionConfig& config, const RetrieveRequest& request);
Status CheckScroll(const CollectionConfig& config, const ScrollRequest& request);
// The names of a selector of vectors.
Status CheckSelector(const CollectionConfig& config, const VectorSelector& selector);

}  // namespace sextant::service
