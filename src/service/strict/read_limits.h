#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "collection/sharding/collection_view.h"
#include "service/query/query_request.h"
#include "service/requests.h"
#include "service/strict/strict_mode.h"

namespace sextant::service {

// Whether strict mode lets a (checked) read pass: batch size, then for each request its own rules, limit, filter,
// exactness and search parameters, in this order. kBadRequest otherwise.
Status CheckRead(const StrictMode& mode, const collection::CollectionView& view, const RetrieveRequest& request);
Status CheckRead(const StrictMode& mode, const collection::CollectionView& view, const ScrollRequest& request);
Status CheckRead(const StrictMode& mode, const collection::CollectionView& view, const CountRequest& request);
Status CheckRead(const StrictMode& mode, const collection::CollectionView& view, const QueryRequest& request);
Status CheckRead(const StrictMode& mode, const collection::CollectionView& view,
                 const std::vector<QueryRequest>& requests);
Status CheckRead(const StrictMode& mode, const collection::CollectionView& view, const QueryGroupsRequest& request);
Status CheckRead(const StrictMode& mode, const collection::CollectionView& view, const FacetRequest& request);
Status CheckRead(const StrictMode& mode, const collection::CollectionView& view, const MatrixRequest& request);

// The tokens that a read costs: one for each id, or for each search or scroll one and one for each condition.
uint64_t ReadCost(const RetrieveRequest& request);
uint64_t ReadCost(const ScrollRequest& request);
uint64_t ReadCost(const CountRequest& request);
uint64_t ReadCost(const QueryRequest& request);
uint64_t ReadCost(const std::vector<QueryRequest>& requests);
uint64_t ReadCost(const QueryGroupsRequest& request);
uint64_t ReadCost(const FacetRequest& request);
uint64_t ReadCost(const MatrixRequest& request);

}  // namespace sextant::service
