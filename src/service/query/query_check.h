#pragma once

#include <string>

#include "base/status.h"
#include "service/query/query_request.h"
#include "types/config.h"

namespace sextant::service {

// The limits of queries, the names in them and what may stand together, checked before anything is read. kValidation
// for values out of range, kBadRequest and kWrongInput for the rest.
Status CheckQuery(const CollectionConfig& config, const QueryRequest& request);
Status CheckQueryGroups(const CollectionConfig& config, const QueryGroupsRequest& request);
Status CheckFacet(const FacetRequest& request);
Status CheckMatrix(const CollectionConfig& config, const MatrixRequest& request);

// A vector against the parameters of the name that it is compared with (see CheckVector); a point passes. Precondition:
// the name is one of the collection's.
Status CheckVectorInput(const CollectionConfig& config, const std::string& name, const VectorInput& input);

}  // namespace sextant::service
