#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "service/requests.h"

namespace sextant::wire {

// Bodies of the reads. Errors: kFormat, kValidation, kWrongInput for contradictions and for what this version does
// not support.
Result<service::RetrieveRequest> DecodeRetrieve(const std::string& body);
Result<service::ScrollRequest> DecodeScroll(const std::string& body);
Result<service::CountRequest> DecodeCount(const std::string& body);

// points/query and points/query/batch.
Result<service::QueryRequest> DecodeQuery(const std::string& body);
Result<std::vector<service::QueryRequest>> DecodeQueryBatch(const std::string& body);
// The older points/search and points/search/batch.
Result<service::QueryRequest> DecodeSearch(const std::string& body);
Result<std::vector<service::QueryRequest>> DecodeSearchBatch(const std::string& body);

}  // namespace sextant::wire
