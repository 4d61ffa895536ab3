#include "wire/grpc/convert/convert_point_id.h"
#include "wire/grpc/convert/convert_vectors.h"
#include "wire/grpc/convert/query/convert_queries.h"
#include "wire/grpc/convert/query/convert_query_parts.h"

namespace sextant::wire {
namespace {

using service::QueryGroupsRequest;
using service::QueryRequest;
using service::VectorInput;

template <typename Request>
Result<QueryRequest> ConvertSearchParts(const Request& request) {
  QueryRequest out;
  VectorValue vector = ConvertDense(request.vector());
  if (request.has_sparse_indices()) {
    ASSIGN_OR_RETURN(vector, ConvertSparse(request.sparse_indices().data(), request.vector()));
  }
  out.query = service::NearestQuery{std::move(vector), std::nullopt};
  out.using_name = request.vector_name();
  RETURN_IF_ERROR(ConvertCommon(request, &out));
  return out;
}

using PointIdMessages = google::protobuf::RepeatedPtrField<qdrant::PointId>;
using VectorMessages = google::protobuf::RepeatedPtrField<qdrant::Vector>;

Result<std::vector<VectorInput>> ConvertExamples(const PointIdMessages& ids, const VectorMessages& vectors) {
  std::vector<VectorInput> out;
  ASSIGN_OR_RETURN(const std::vector<PointId> converted, ConvertPointIds(ids));
  for (const PointId& id : converted) out.emplace_back(id);
  for (const qdrant::Vector& vector : vectors) {
    ASSIGN_OR_RETURN(VectorValue value, ConvertVector(vector, service::VectorUse::kQuery));
    out.emplace_back(std::move(value));
  }
  return out;
}

// These methods mean the unnamed vector of the other collection where they name none.
template <typename Request>
Status ConvertOlderLookup(const Request& request, QueryRequest* out) {
  RETURN_IF_ERROR(ConvertLookupOf(request, out));
  if (out->lookup_from && !out->lookup_from->vector) out->lookup_from->vector = "";
  return OkStatus();
}

template <typename Request>
Result<QueryRequest> ConvertRecommendParts(const Request& request) {
  QueryRequest out;
  service::RecommendQuery recommend;
  ASSIGN_OR_RETURN(recommend.positive, ConvertExamples(request.positive(), request.positive_vectors()));
  ASSIGN_OR_RETURN(recommend.negative, ConvertExamples(request.negative(), request.negative_vectors()));
  if (request.has_strategy()) {
    ASSIGN_OR_RETURN(recommend.strategy, ConvertStrategy(request.strategy()));
  }
  out.query = std::move(recommend);
  RETURN_IF_ERROR(ConvertOlderLookup(request, &out));
  RETURN_IF_ERROR(ConvertCommon(request, &out));
  return out;
}

Result<VectorInput> ConvertExample(const qdrant::VectorExample& example) {
  if (example.has_id()) {
    ASSIGN_OR_RETURN(const PointId id, ConvertPointId(example.id()));
    return VectorInput(id);
  }
  if (!example.has_vector()) return FormatError("VectorExample is missing");
  ASSIGN_OR_RETURN(VectorValue vector, ConvertVector(example.vector(), service::VectorUse::kQuery));
  return VectorInput(std::move(vector));
}

Result<service::Query> ConvertTargetAndContext(const qdrant::DiscoverPoints& request) {
  std::vector<service::ContextPair> context;
  for (const qdrant::ContextExamplePair& pair : request.context()) {
    service::ContextPair& converted = context.emplace_back();
    ASSIGN_OR_RETURN(converted.positive, ConvertExample(pair.positive()));
    ASSIGN_OR_RETURN(converted.negative, ConvertExample(pair.negative()));
  }
  if (!request.has_target()) return service::Query(service::ContextQuery{std::move(context)});
  service::DiscoverQuery discover;
  ASSIGN_OR_RETURN(discover.target, ConvertExample(request.target().single()));
  discover.context = std::move(context);
  return service::Query(std::move(discover));
}

// A batch element: counted, then converted.
template <typename Request, Result<QueryRequest> (*kConvert)(const Request&)>
Result<QueryRequest> Counted(const Request& request, QueryBudget* budget) {
  RETURN_IF_ERROR(budget->Take());
  return kConvert(request);
}

template <typename Request>
Result<QueryGroupsRequest> ToGroups(const Request& request, Result<QueryRequest> query) {
  RETURN_IF_ERROR(query.status());
  QueryGroupsRequest out;
  out.query = *std::move(query);
  RETURN_IF_ERROR(ConvertGroupParts(request, &out));
  out.limit = request.limit();
  out.group_size = request.group_size();
  return out;
}

}  // namespace

Result<QueryRequest> ConvertSearch(const qdrant::SearchPoints& request) {
  ASSIGN_OR_RETURN(QueryRequest out, ConvertSearchParts(request));
  out.limit = request.limit();
  return out;
}

Result<QueryRequest> ConvertRecommend(const qdrant::RecommendPoints& request) {
  ASSIGN_OR_RETURN(QueryRequest out, ConvertRecommendParts(request));
  out.limit = request.limit();
  return out;
}

Result<QueryRequest> ConvertDiscover(const qdrant::DiscoverPoints& request) {
  QueryRequest out;
  ASSIGN_OR_RETURN(out.query, ConvertTargetAndContext(request));
  RETURN_IF_ERROR(ConvertOlderLookup(request, &out));
  RETURN_IF_ERROR(ConvertCommon(request, &out));
  out.limit = request.limit();
  return out;
}

Result<std::vector<QueryRequest>> ConvertSearchBatch(const qdrant::SearchBatchPoints& request) {
  return ConvertBatch(request.search_points(), Counted<qdrant::SearchPoints, ConvertSearch>);
}
Result<std::vector<QueryRequest>> ConvertRecommendBatch(const qdrant::RecommendBatchPoints& request) {
  return ConvertBatch(request.recommend_points(), Counted<qdrant::RecommendPoints, ConvertRecommend>);
}
Result<std::vector<QueryRequest>> ConvertDiscoverBatch(const qdrant::DiscoverBatchPoints& request) {
  return ConvertBatch(request.discover_points(), Counted<qdrant::DiscoverPoints, ConvertDiscover>);
}

Result<QueryGroupsRequest> ConvertSearchGroups(const qdrant::SearchPointGroups& request) {
  return ToGroups(request, ConvertSearchParts(request));
}
Result<QueryGroupsRequest> ConvertRecommendGroups(const qdrant::RecommendPointGroups& request) {
  return ToGroups(request, ConvertRecommendParts(request));
}

}  // namespace sextant::wire
