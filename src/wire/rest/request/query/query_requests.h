#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "service/query/query_request.h"

namespace sextant::wire {

// Bodies of the queries. Errors: kFormat, kValidation, kWrongInput and kBadRequest.

// points/query, points/query/batch and points/query/groups.
Result<service::QueryRequest> DecodeQuery(const std::string& body);
Result<std::vector<service::QueryRequest>> DecodeQueryBatch(const std::string& body);
Result<service::QueryGroupsRequest> DecodeQueryGroups(const std::string& body);

// The older points/search, points/recommend and points/discover, each with its batch, the first two with groups.
Result<service::QueryRequest> DecodeSearch(const std::string& body);
Result<std::vector<service::QueryRequest>> DecodeSearchBatch(const std::string& body);
Result<service::QueryGroupsRequest> DecodeSearchGroups(const std::string& body);
Result<service::QueryRequest> DecodeRecommend(const std::string& body);
Result<std::vector<service::QueryRequest>> DecodeRecommendBatch(const std::string& body);
Result<service::QueryGroupsRequest> DecodeRecommendGroups(const std::string& body);
Result<service::QueryRequest> DecodeDiscover(const std::string& body);
Result<std::vector<service::QueryRequest>> DecodeDiscoverBatch(const std::string& body);

// facet and points/search/matrix/….
Result<service::FacetRequest> DecodeFacet(const std::string& body);
Result<service::MatrixRequest> DecodeMatrix(const std::string& body);

}  // namespace sextant::wire
