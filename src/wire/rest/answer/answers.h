#pragma once

#include <string>
#include <vector>

#include "points/point.h"
#include "service/query/query_request.h"
#include "service/requests.h"

namespace sextant::wire {

// The `result` of an answer as JSON text. Optional members are left out, never null, except `next_page_offset`.
std::string EncodeRecord(const Record& record);
std::string EncodeRecords(const std::vector<Record>& records);
std::string EncodeScroll(const service::ScrollResult& result);
std::string EncodeCount(uint64_t count);
std::string EncodeHits(const std::vector<service::ScoredPoint>& hits);  // [hit] of a search
std::string EncodeHitLists(const std::vector<std::vector<service::ScoredPoint>>& lists);
std::string EncodePoints(const std::vector<service::ScoredPoint>& hits);  // {"points": [hit]} of a query
std::string EncodePointLists(const std::vector<std::vector<service::ScoredPoint>>& lists);
std::string EncodeGroups(const std::vector<service::PointGroup>& groups);
std::string EncodeFacet(const std::vector<service::FacetHit>& hits);
std::string EncodeMatrixPairs(const service::Matrix& matrix);
std::string EncodeMatrixOffsets(const service::Matrix& matrix);
std::string EncodeUpdateResult(const service::UpdateResult& result);
std::string EncodeUpdateResults(const std::vector<service::UpdateResult>& results);

std::string EncodeCollectionNames(const std::vector<std::string>& names);
std::string EncodeAliases(const std::vector<service::AliasDescription>& aliases);
std::string EncodeCollectionInfo(const service::CollectionInfo& info);

}  // namespace sextant::wire
