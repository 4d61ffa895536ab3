#include "wire/grpc/convert/convert_queries.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "wire/grpc/convert/convert_point_id.h"
#include "wire/grpc/convert/convert_selectors.h"
#include "wire/grpc/convert/convert_vectors.h"
#include "wire/grpc/convert/filter/convert_filter.h"
#include "wire/grpc/unsupported.h"

namespace sextant::wire {
namespace {

using service::QueryRequest;

Status CheckFraction(const char* field, double value, double least, double most) {
  // Written so that NaN fails.
  if (value >= least && value <= most) return OkStatus();
  return ValidationError(
      absl::StrCat("[", field, ": value ", value, " invalid, must be from ", least, " to ", most, "]"));
}

Status ConvertParams(const qdrant::SearchParams& params, search::SearchParams* out) {
  if (params.has_hnsw_ef())
    out->hnsw_ef = static_cast<uint32_t>(std::min<uint64_t>(params.hnsw_ef(), std::numeric_limits<uint32_t>::max()));
  out->exact = params.exact();
  out->indexed_only = params.indexed_only();
  // Quantization and ACORN switches steer how the reference searches, never what is right: checked, then unused.
  if (params.quantization().has_oversampling())
    RETURN_IF_ERROR(CheckFraction("params.quantization.oversampling", params.quantization().oversampling(), 1.0,
                                  std::numeric_limits<double>::infinity()));
  if (params.acorn().has_max_selectivity())
    RETURN_IF_ERROR(CheckFraction("params.acorn.max_selectivity", params.acorn().max_selectivity(), 0.0, 1.0));
  return params.has_idf() ? Unsupported("params.idf") : OkStatus();
}

Status ConvertVectorInput(const qdrant::VectorInput& input, QueryRequest* out) {
  switch (input.variant_case()) {
    case qdrant::VectorInput::kId: {
      ASSIGN_OR_RETURN(out->query, ConvertPointId(input.id()));
      return OkStatus();
    }
    case qdrant::VectorInput::kDense: out->query = ConvertDense(input.dense().data()); return OkStatus();
    case qdrant::VectorInput::kSparse: return Unsupported("a sparse query");
    case qdrant::VectorInput::kMultiDense: return Unsupported("a multivector query");
    case qdrant::VectorInput::kDocument:
    case qdrant::VectorInput::kImage:
    case qdrant::VectorInput::kObject: return Unsupported("server-side inference of a query");
    case qdrant::VectorInput::VARIANT_NOT_SET: break;
  }
  return FormatError("VectorInput variant is missing");
}

Status ConvertVariant(const qdrant::Query& query, QueryRequest* out) {
  switch (query.variant_case()) {
    case qdrant::Query::kNearest: return ConvertVectorInput(query.nearest(), out);
    case qdrant::Query::VARIANT_NOT_SET: return FormatError("Query variant is missing");
    default: break;
  }
  const auto* variant = qdrant::Query::descriptor()->FindFieldByNumber(static_cast<int>(query.variant_case()));
  return Unsupported(absl::StrCat("the query variant `", variant->name(), "`"));
}

Status RejectUnsupportedParts(const qdrant::QueryPoints& request) {
  if (!request.prefetch().empty()) {
    if (!request.has_query())
      return BadRequest("A query is needed to merge the prefetches. Can't have prefetches without defining a query.");
    return Unsupported("a query over prefetches");
  }
  return request.has_lookup_from() ? Unsupported("a lookup in another collection") : OkStatus();
}

// What queries and searches share.
template <typename Request>
Status ConvertCommon(const Request& request, QueryRequest* out) {
  ASSIGN_OR_RETURN(out->filter, ConvertOptionalFilter(request));
  RETURN_IF_ERROR(ConvertParams(request.params(), &out->params));
  if (request.has_offset()) out->offset = request.offset();
  if (request.has_score_threshold()) out->score_threshold = request.score_threshold();
  return ConvertReadSelectors(request, out);
}

template <typename Requests>
Result<std::vector<QueryRequest>> ConvertAll(const Requests& requests,
                                             Result<QueryRequest> (*convert)(const typename Requests::value_type&)) {
  std::vector<QueryRequest> out;
  out.reserve(static_cast<size_t>(requests.size()));
  for (const auto& request : requests) {
    ASSIGN_OR_RETURN(QueryRequest converted, convert(request));
    out.push_back(std::move(converted));
  }
  return out;
}

}  // namespace

Result<QueryRequest> ConvertQuery(const qdrant::QueryPoints& request) {
  QueryRequest out;
  RETURN_IF_ERROR(RejectUnsupportedParts(request));
  if (request.has_query()) RETURN_IF_ERROR(ConvertVariant(request.query(), &out));
  if (request.has_score_threshold() && !request.has_query())
    return BadRequest(
        "A query is needed to use the score_threshold. Can't have score_threshold without defining a query.");
  out.using_name = request.using_();
  if (request.has_limit()) out.limit = request.limit();
  RETURN_IF_ERROR(ConvertCommon(request, &out));
  return out;
}

Result<QueryRequest> ConvertSearch(const qdrant::SearchPoints& request) {
  QueryRequest out;
  if (request.has_sparse_indices()) return Unsupported("a sparse query");
  out.query = ConvertDense(request.vector());
  out.using_name = request.vector_name();
  out.limit = request.limit();
  RETURN_IF_ERROR(ConvertCommon(request, &out));
  return out;
}

Result<std::vector<QueryRequest>> ConvertQueryBatch(const qdrant::QueryBatchPoints& request) {
  return ConvertAll(request.query_points(), ConvertQuery);
}

Result<std::vector<QueryRequest>> ConvertSearchBatch(const qdrant::SearchBatchPoints& request) {
  return ConvertAll(request.search_points(), ConvertSearch);
}

}  // namespace sextant::wire
