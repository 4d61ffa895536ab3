#pragma once

#include <vector>

#include "base/status.h"
#include "points.pb.h"
#include "service/requests.h"

namespace sextant::wire {

// Queries, and searches in the older form. kFormat for members without a form, kValidation and kBadRequest for values
// and combinations that make no sense, kWrongInput for what is not supported yet, which is named.
Result<service::QueryRequest> ConvertQuery(const qdrant::QueryPoints& request);
Result<service::QueryRequest> ConvertSearch(const qdrant::SearchPoints& request);
Result<std::vector<service::QueryRequest>> ConvertQueryBatch(const qdrant::QueryBatchPoints& request);
Result<std::vector<service::QueryRequest>> ConvertSearchBatch(const qdrant::SearchBatchPoints& request);

}  // namespace sextant::wire
