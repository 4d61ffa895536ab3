#include "wire/grpc/convert/query/convert_queries.h"

#include "wire/grpc/convert/query/convert_query_parts.h"

namespace sextant::wire {
namespace {

using service::QueryGroupsRequest;
using service::QueryRequest;
using service::QueryStage;

// What queries and prefetches have in common. Prefetches nest as deep as the library lets messages nest.
template <typename Request>
Status ConvertStage(const Request& request, QueryBudget* budget, QueryStage* out) {
  RETURN_IF_ERROR(budget->Take());
  if (request.has_query()) {
    ASSIGN_OR_RETURN(out->query, ConvertQueryVariant(request.query()));
  }
  for (const qdrant::PrefetchQuery& prefetch : request.prefetch()) {
    QueryStage& stage = out->prefetch.emplace_back();
    RETURN_IF_ERROR(ConvertStage(prefetch, budget, &stage));
    RETURN_IF_ERROR(ConvertStageParts(prefetch, &stage));
  }
  if (request.has_limit()) out->limit = request.limit();
  return ConvertLookupOf(request, out);
}

Status CheckHasQuery(const QueryStage& stage) {
  if (stage.query) return OkStatus();
  if (!stage.prefetch.empty())
    return BadRequest("A query is needed to merge the prefetches. Can't have prefetches without defining a query.");
  if (stage.score_threshold)
    return BadRequest(
        "A query is needed to use the score_threshold. Can't have score_threshold without defining a query.");
  return OkStatus();
}

Result<QueryRequest> ConvertBudgeted(const qdrant::QueryPoints& request, QueryBudget* budget) {
  QueryRequest out;
  RETURN_IF_ERROR(ConvertStage(request, budget, &out));
  RETURN_IF_ERROR(ConvertCommon(request, &out));
  RETURN_IF_ERROR(CheckHasQuery(out));
  return out;
}

}  // namespace

Result<QueryRequest> ConvertQuery(const qdrant::QueryPoints& request) {
  QueryBudget budget;
  return ConvertBudgeted(request, &budget);
}

Result<std::vector<QueryRequest>> ConvertQueryBatch(const qdrant::QueryBatchPoints& request) {
  return ConvertBatch(request.query_points(), ConvertBudgeted);
}

Result<QueryGroupsRequest> ConvertQueryGroups(const qdrant::QueryPointGroups& request) {
  QueryGroupsRequest out;
  QueryBudget budget;
  RETURN_IF_ERROR(ConvertStage(request, &budget, &out.query));
  RETURN_IF_ERROR(ConvertCommon(request, &out.query));
  RETURN_IF_ERROR(ConvertGroupParts(request, &out));
  out.query.limit = QueryRequest().limit;
  if (request.has_limit()) out.limit = request.limit();
  if (request.has_group_size()) out.group_size = request.group_size();
  return out;
}

Result<service::FacetRequest> ConvertFacet(const qdrant::FacetCounts& request) {
  service::FacetRequest out;
  ASSIGN_OR_RETURN(out.key, PayloadPath::Parse(request.key()));
  ASSIGN_OR_RETURN(out.filter, ConvertOptionalFilter(request));
  if (request.has_limit()) out.limit = request.limit();
  out.exact = request.exact();
  RETURN_IF_ERROR(RejectShardKeysOf(request));
  return out;
}

Result<service::MatrixRequest> ConvertMatrix(const qdrant::SearchMatrixPoints& request) {
  service::MatrixRequest out;
  ASSIGN_OR_RETURN(out.filter, ConvertOptionalFilter(request));
  out.using_name = request.using_();
  if (request.has_sample()) out.sample = request.sample();
  if (request.has_limit()) out.limit = request.limit();
  RETURN_IF_ERROR(RejectShardKeysOf(request));
  return out;
}

}  // namespace sextant::wire
