#pragma once

#include "base/status.h"
#include "points.pb.h"
#include "service/requests.h"

namespace sextant::wire {

// Reads by id and by filter. kFormat for missing members, kWrongInput for what is not supported yet; the service checks
// the rest.
Result<service::RetrieveRequest> ConvertRetrieve(const qdrant::GetPoints& request);
Result<service::ScrollRequest> ConvertScroll(const qdrant::ScrollPoints& request);
Result<service::CountRequest> ConvertCount(const qdrant::CountPoints& request);

// An unknown direction is ascending.
Result<service::OrderBy> ConvertOrderBy(const qdrant::OrderBy& order_by);

}  // namespace sextant::wire
