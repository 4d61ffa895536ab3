#include "c_api/search_batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "c_api/point_columns.h"
#include "wire/rest/request/query/query_requests.h"

namespace sextant::c_api {
namespace {

constexpr uint64_t kQueriesAtOnce = 256;

Status CheckArrays(const sextant_search& search, const sextant_hits& hits) {
  if (search.queries == nullptr || search.dim == 0) return WrongInput("queries: there are no values");
  if (search.row_stride != 0 && search.row_stride < search.dim)
    return WrongInput(fmt::format("queries: row_stride {} is less than dim {}", search.row_stride, search.dim));
  if (hits.ids == nullptr || hits.uuids == nullptr || hits.is_uuid == nullptr || hits.scores == nullptr ||
      hits.counts == nullptr)
    return WrongInput("hits: an array is missing");
  return OkStatus();
}

void FillIn(const std::vector<service::ScoredPoint>& found, uint64_t query, const sextant_hits& hits) {
  hits.counts[query] = found.size();
  uint64_t at = query * hits.limit;
  for (const service::ScoredPoint& point : found) {
    const PointId& id = point.record.id;
    hits.ids[at] = id.low();
    hits.uuids[at] = id.high();
    hits.is_uuid[at] = id.is_uuid();
    hits.scores[at] = point.score;
    ++at;
  }
}

}  // namespace

Status SearchBatch(const service::Service& service, const std::string& collection, const sextant_search& search,
                   const sextant_hits& hits) {
  RETURN_IF_ERROR(CheckArrays(search, hits));
  const std::string body = search.body != nullptr ? std::string(search.body, search.body_size) : "{}";
  ASSIGN_OR_RETURN(const service::QueryRequest common, wire::DecodeQuery(body));
  if (common.limit > hits.limit)
    return WrongInput(fmt::format("limit: {} is more than the {} columns of the hits", common.limit, hits.limit));
  const uint64_t stride = search.row_stride != 0 ? search.row_stride : search.dim;
  for (uint64_t begin = 0; begin < search.count; begin += kQueriesAtOnce) {
    std::vector<service::QueryRequest> requests(std::min(kQueriesAtOnce, search.count - begin), common);
    for (uint64_t i = 0; i < requests.size(); ++i) {
      const float* values = search.queries + (begin + i) * stride;
      if (!AreFinite(values, search.dim))
        return ValidationError(fmt::format("queries: row {} has a value that is not a finite number", begin + i));
      requests[i].query = service::NearestQuery{DenseVector(values, values + search.dim), {}};
    }
    ASSIGN_OR_RETURN(const auto answers, service.QueryBatch(collection, requests, {}));
    for (uint64_t i = 0; i < answers.size(); ++i) FillIn(answers[i], begin + i, hits);
  }
  return OkStatus();
}

}  // namespace sextant::c_api
