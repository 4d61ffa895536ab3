#pragma once

#include <vector>

#include "base/status.h"
#include "points.pb.h"
#include "service/query/query_request.h"

namespace sextant::wire {

// Queries, and searches in the older forms. kFormat for members without a form, kValidation and kBadRequest for values
// and combinations that make no sense, kWrongInput for what is not supported yet, which is named.
Result<service::QueryRequest> ConvertQuery(const qdrant::QueryPoints& request);
Result<std::vector<service::QueryRequest>> ConvertQueryBatch(const qdrant::QueryBatchPoints& request);
Result<service::QueryGroupsRequest> ConvertQueryGroups(const qdrant::QueryPointGroups& request);
Result<service::FacetRequest> ConvertFacet(const qdrant::FacetCounts& request);
Result<service::MatrixRequest> ConvertMatrix(const qdrant::SearchMatrixPoints& request);

Result<service::QueryRequest> ConvertSearch(const qdrant::SearchPoints& request);
Result<std::vector<service::QueryRequest>> ConvertSearchBatch(const qdrant::SearchBatchPoints& request);
Result<service::QueryGroupsRequest> ConvertSearchGroups(const qdrant::SearchPointGroups& request);
Result<service::QueryRequest> ConvertRecommend(const qdrant::RecommendPoints& request);
Result<std::vector<service::QueryRequest>> ConvertRecommendBatch(const qdrant::RecommendBatchPoints& request);
Result<service::QueryGroupsRequest> ConvertRecommendGroups(const qdrant::RecommendPointGroups& request);
Result<service::QueryRequest> ConvertDiscover(const qdrant::DiscoverPoints& request);
Result<std::vector<service::QueryRequest>> ConvertDiscoverBatch(const qdrant::DiscoverBatchPoints& request);

}  // namespace sextant::wire
