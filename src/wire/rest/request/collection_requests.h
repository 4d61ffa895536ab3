#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "service/requests.h"
#include "types/config.h"

namespace sextant::wire {

// Bodies of the operations on collections and aliases. Errors: kFormat, kValidation, kWrongInput for what this version
// does not support. Names are the service's business. `defaults` fills in what the client left out (it has no vectors).
Result<service::CreateCollection> DecodeCreateCollection(const std::string& body, const CollectionConfig& defaults);
Result<service::UpdateCollection> DecodeUpdateCollection(const std::string& body);
// A vector to be added to a collection.
Result<VectorParams> DecodeVectorName(const std::string& body);
Result<std::vector<service::AliasAction>> DecodeAliasActions(const std::string& body);

}  // namespace sextant::wire
