#pragma once

#include <vector>

#include "base/status.h"
#include "points.pb.h"
#include "service/query/query_request.h"

namespace sextant::wire {

// Answers of queries that are no lists of hits. kCorruption for a stored payload that is not JSON.
using FacetHits = google::protobuf::RepeatedPtrField<qdrant::FacetHit>;

Status FillGroups(const std::vector<service::PointGroup>& groups, qdrant::GroupsResult* out);
void FillFacet(const std::vector<service::FacetHit>& hits, FacetHits* out);
void FillMatrixPairs(const service::Matrix& matrix, qdrant::SearchMatrixPairs* out);
void FillMatrixOffsets(const service::Matrix& matrix, qdrant::SearchMatrixOffsets* out);

}  // namespace sextant::wire
