#include "service/strict/read_limits.h"

#include <fmt/format.h>

#include <limits>
#include <optional>

#include "service/query/stages.h"
#include "service/strict/filter_limits.h"

namespace sextant::service {
namespace {

using collection::CollectionView;

FindSchema SchemasOf(const CollectionView& view) {
  return [&view](const PayloadPath& field) { return view.SchemaOf(field); };
}

uint64_t SaturatingProduct(uint64_t a, uint64_t b) {
  return b != 0 && a > std::numeric_limits<uint64_t>::max() / b ? std::numeric_limits<uint64_t>::max() : a * b;
}

Status CheckQueryLimit(const StrictMode& mode, uint64_t limit) {
  return CheckLimit(limit, mode.max_query_limit, "limit");
}

Status CheckReadFilter(const StrictMode& mode, const CollectionView& view, const std::optional<Filter>& filter) {
  return filter ? CheckFilter(*filter, mode, mode.unindexed_filtering_retrieve, SchemasOf(view)) : OkStatus();
}

Status CheckUsedField(const StrictMode& mode, const CollectionView& view, const PayloadPath& field, FieldUse use) {
  if (mode.unindexed_filtering_retrieve != false) return OkStatus();
  return CheckField(field, use, SchemasOf(view));
}

Status CheckExact(const StrictMode& mode, bool exact) {
  if (!exact || mode.search_allow_exact != false) return OkStatus();
  return StrictError("Exact search disabled!", "Set exact=false.");
}

Status CheckParams(const StrictMode& mode, const search::SearchParams& params) {
  const std::optional<uint64_t> hnsw_ef = params.hnsw_ef;
  RETURN_IF_ERROR(CheckLimit(hnsw_ef, mode.search_max_hnsw_ef, "hnsw_ef"));
  // What a recall takes is not known before: it may be any number of candidates, or an exact search.
  if (params.recall_target && (mode.search_max_hnsw_ef || mode.search_allow_exact == false))
    return StrictError("recall_target is disabled, because the effort of searches is limited", "Set hnsw_ef.");
  return CheckLimit(params.oversampling, mode.search_max_oversampling, "oversampling");
}

// A vector without a graph is compared with every point, unless there are graphs for tenants and one is asked for.
Status CheckHasGraph(const CollectionView& view, const QueryStage& stage) {
  const auto vector = view.config().vectors.find(stage.using_name);
  if (vector == view.config().vectors.end()) return OkStatus();
  const HnswConfig hnsw = EffectiveHnsw(view.config(), vector->second);
  if (hnsw.m > 0) return OkStatus();
  const std::string on = stage.using_name.empty() ? "" : fmt::format(" on '{}'", stage.using_name);
  if (!stage.filter || !NamesTenant(*stage.filter, SchemasOf(view)))
    return StrictError(
        fmt::format("Request is forbidden{} because global vector indexing is disabled (hnsw_config.m = 0)", on),
        "Use tenant-specific filter, enable global vector indexing or enable strict mode `search_allow_exact` option");
  if (hnsw.payload_m.value_or(0) > 0) return OkStatus();
  return StrictError(fmt::format("Request is forbidden{} because vector indexing is disabled (hnsw_config.m = 0 and "
                                 "hnsw_config.payload_m = 0)",
                                 on),
                     "Enable vector indexing, use a prefetch query with indexed vectors or enable strict mode "
                     "`search_allow_exact` option");
}

Status CheckStage(const StrictMode& mode, const CollectionView& view, const QueryStage& stage, uint64_t limit);

// The rules of its own that a stage has: its prefetches, and what its kind of query reads.
Status CheckParts(const StrictMode& mode, const CollectionView& view, const QueryStage& stage) {
  for (const QueryStage& prefetch : stage.prefetch) RETURN_IF_ERROR(CheckStage(mode, view, prefetch, prefetch.limit));
  if (!stage.query) return OkStatus();
  if (stage.prefetch.empty() && mode.search_allow_exact == false && IsVectorQuery(*stage.query))
    RETURN_IF_ERROR(CheckHasGraph(view, stage));
  if (mode.unindexed_filtering_retrieve != false) return OkStatus();
  if (const auto* formula = std::get_if<FormulaQuery>(&*stage.query))
    return CheckFormula(formula->formula.expression, SchemasOf(view));
  if (const auto* order = std::get_if<OrderBy>(&*stage.query))
    return CheckField(order->key, FieldUse::kOrderBy, SchemasOf(view));
  return OkStatus();
}

Status CheckStage(const StrictMode& mode, const CollectionView& view, const QueryStage& stage, uint64_t limit) {
  RETURN_IF_ERROR(CheckParts(mode, view, stage));
  RETURN_IF_ERROR(CheckQueryLimit(mode, limit));
  RETURN_IF_ERROR(CheckReadFilter(mode, view, stage.filter));
  RETURN_IF_ERROR(CheckExact(mode, stage.params.exact));
  return CheckParams(mode, stage.params);
}

uint64_t CostOf(const std::optional<Filter>& filter) {
  return 1 + (filter ? CountConditions(*filter) : 0);
}

// The filter of a stage is asked by each of its leaves.
uint64_t CostOf(const QueryStage& stage, uint64_t conditions_above) {
  const uint64_t conditions = conditions_above + CostOf(stage.filter) - 1;
  if (stage.prefetch.empty()) return 1 + conditions;
  uint64_t cost = 0;
  for (const QueryStage& prefetch : stage.prefetch) cost += CostOf(prefetch, conditions);
  return cost;
}

}  // namespace

Status CheckRead(const StrictMode&, const CollectionView&, const RetrieveRequest&) {
  return OkStatus();
}

Status CheckRead(const StrictMode& mode, const CollectionView& view, const ScrollRequest& request) {
  if (request.order_by) RETURN_IF_ERROR(CheckUsedField(mode, view, request.order_by->key, FieldUse::kOrderBy));
  RETURN_IF_ERROR(CheckQueryLimit(mode, request.limit));
  return CheckReadFilter(mode, view, request.filter);
}

Status CheckRead(const StrictMode& mode, const CollectionView& view, const CountRequest& request) {
  RETURN_IF_ERROR(CheckReadFilter(mode, view, request.filter));
  return CheckExact(mode, request.exact);
}

Status CheckRead(const StrictMode& mode, const CollectionView& view, const QueryRequest& request) {
  return CheckStage(mode, view, request, request.limit);
}

Status CheckRead(const StrictMode& mode, const CollectionView& view, const std::vector<QueryRequest>& requests) {
  RETURN_IF_ERROR(CheckLimit(uint64_t{requests.size()}, mode.search_max_batchsize, "search batch size"));
  for (const QueryRequest& request : requests) RETURN_IF_ERROR(CheckRead(mode, view, request));
  return OkStatus();
}

Status CheckRead(const StrictMode& mode, const CollectionView& view, const QueryGroupsRequest& request) {
  RETURN_IF_ERROR(CheckUsedField(mode, view, request.group_by, FieldUse::kGroupBy));
  return CheckStage(mode, view, request.query, SaturatingProduct(request.limit, request.group_size));
}

Status CheckRead(const StrictMode& mode, const CollectionView& view, const FacetRequest& request) {
  RETURN_IF_ERROR(CheckQueryLimit(mode, request.limit));
  return CheckReadFilter(mode, view, request.filter);
}

Status CheckRead(const StrictMode& mode, const CollectionView& view, const MatrixRequest& request) {
  RETURN_IF_ERROR(CheckQueryLimit(mode, SaturatingProduct(request.limit, request.sample)));
  return CheckReadFilter(mode, view, request.filter);
}

uint64_t ReadCost(const RetrieveRequest& request) {
  return request.ids.size();
}

uint64_t ReadCost(const ScrollRequest& request) {
  return CostOf(request.filter);
}

uint64_t ReadCost(const CountRequest& request) {
  return CostOf(request.filter);
}

uint64_t ReadCost(const QueryRequest& request) {
  return CostOf(request, 0);
}

uint64_t ReadCost(const std::vector<QueryRequest>& requests) {
  uint64_t cost = 0;
  for (const QueryRequest& request : requests) cost += ReadCost(request);
  return cost;
}

uint64_t ReadCost(const QueryGroupsRequest& request) {
  return ReadCost(request.query);
}

uint64_t ReadCost(const FacetRequest& request) {
  return CostOf(request.filter);
}

uint64_t ReadCost(const MatrixRequest& request) {
  return CostOf(request.filter);
}

}  // namespace sextant::service
