#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "points.pb.h"
#include "service/query/query_request.h"
#include "wire/grpc/convert/convert_selectors.h"
#include "wire/grpc/convert/filter/convert_filter.h"

namespace sextant::wire {

// The parts that several query messages share. kFormat for members without a form, kValidation for values that make no
// sense, kWrongInput for what is not supported yet, which is named; the service checks the rest.

// How many queries and prefetches a message may still have: each costs much more memory than its bytes.
struct QueryBudget {
  size_t left = 16384;

  Status Take();
};

Result<service::VectorInput> ConvertVectorInput(const qdrant::VectorInput& input);
Result<service::RecommendStrategy> ConvertStrategy(qdrant::RecommendStrategy strategy);
Result<search::SearchParams> ConvertSearchParams(const qdrant::SearchParams& params);
Result<service::LookupLocation> ConvertLookupFrom(const qdrant::LookupLocation& lookup);
Result<service::GroupLookup> ConvertWithLookup(const qdrant::WithLookup& lookup);

// One of the query forms.
Result<service::Query> ConvertQueryVariant(const qdrant::Query& query);
Result<search::Formula> ConvertFormula(const qdrant::Formula& formula);

// filter, params and score_threshold of any stage of a query.
template <typename Request>
Status ConvertStageParts(const Request& request, service::QueryStage* out) {
  ASSIGN_OR_RETURN(out->filter, ConvertOptionalFilter(request));
  ASSIGN_OR_RETURN(out->params, ConvertSearchParams(request.params()));
  if constexpr (requires { request.has_score_threshold(); }) {
    if (request.has_score_threshold()) out->score_threshold = request.score_threshold();
  }
  return OkStatus();
}

// What stages of a query have and the older searches lack.
template <typename Request>
Status ConvertLookupOf(const Request& request, service::QueryStage* out) {
  out->using_name = request.using_();
  if (!request.has_lookup_from()) return OkStatus();
  ASSIGN_OR_RETURN(out->lookup_from, ConvertLookupFrom(request.lookup_from()));
  return OkStatus();
}

// What all queries and searches share.
template <typename Request>
Status ConvertCommon(const Request& request, service::QueryRequest* out) {
  RETURN_IF_ERROR(ConvertStageParts(request, out));
  if constexpr (requires { request.has_offset(); }) {
    if (request.has_offset()) out->offset = request.offset();
  }
  return ConvertReadSelectors(request, out);
}

// group_by and with_lookup.
template <typename Request>
Status ConvertGroupParts(const Request& request, service::QueryGroupsRequest* out) {
  ASSIGN_OR_RETURN(out->group_by, PayloadPath::Parse(request.group_by()));
  if (!request.has_with_lookup()) return OkStatus();
  ASSIGN_OR_RETURN(out->with_lookup, ConvertWithLookup(request.with_lookup()));
  return OkStatus();
}

// All of a batch, or the first error.
template <typename Requests, typename Convert>
Result<std::vector<service::QueryRequest>> ConvertBatch(const Requests& requests, const Convert& convert) {
  std::vector<service::QueryRequest> out;
  QueryBudget budget;
  for (const auto& request : requests) {
    ASSIGN_OR_RETURN(service::QueryRequest converted, convert(request, &budget));
    out.push_back(std::move(converted));
  }
  return out;
}

}  // namespace sextant::wire
