#pragma once

#include <vector>

#include "base/status.h"
#include "points.pb.h"
#include "service/requests.h"

namespace sextant::wire {

// Points and results as answers carry them. kCorruption for a stored payload that is not JSON.
using RetrievedPoints = google::protobuf::RepeatedPtrField<qdrant::RetrievedPoint>;
using ScoredPoints = google::protobuf::RepeatedPtrField<qdrant::ScoredPoint>;
using BatchResults = google::protobuf::RepeatedPtrField<qdrant::BatchResult>;

Status FillRecord(const Record& record, qdrant::RetrievedPoint* out);
Status FillRecords(const std::vector<Record>& records, RetrievedPoints* out);
Status FillScroll(const service::ScrollResult& page, qdrant::ScrollResponse* out);
Status FillHits(const std::vector<service::ScoredPoint>& hits, ScoredPoints* out);
Status FillHitLists(const std::vector<std::vector<service::ScoredPoint>>& lists, BatchResults* out);
void FillUpdateResult(const service::UpdateResult& result, qdrant::UpdateResult* out);

}  // namespace sextant::wire
