#include "service/query/query_check.h"

#include <fmt/format.h>

#include <string_view>
#include <variant>

#include "service/checks/read_check.h"
#include "service/checks/vector_check.h"
#include "service/query/stages.h"

namespace sextant::service {
namespace {

constexpr size_t kMaxPrefetchDepth = 64;
constexpr uint64_t kMaxMmrCandidates = 16384;
// Weights of feedback take time with the square of the number of examples.
constexpr size_t kMaxFeedback = 4096;
// A sample is compared with itself.
constexpr uint64_t kMaxMatrixSample = 16384;

Status AtLeast(std::string_view field, std::optional<uint64_t> value, uint64_t least) {
  if (!value || *value >= least) return OkStatus();
  return ValidationError(fmt::format("[{}: value {} invalid, must be {} or larger]", field, *value, least));
}

Status CheckKind(const NearestQuery& nearest, const QueryStage&) {
  if (!nearest.mmr) return OkStatus();
  if (!(nearest.mmr->diversity >= 0 && nearest.mmr->diversity <= 1))
    return ValidationError(
        fmt::format("[mmr.diversity: value {} invalid, must be from 0.0 to 1.0]", nearest.mmr->diversity));
  if (nearest.mmr->candidates_limit.value_or(0) <= kMaxMmrCandidates) return OkStatus();
  return ValidationError(fmt::format("[mmr.candidates_limit: value {} invalid, must be from 0 to {}]",
                                     *nearest.mmr->candidates_limit, kMaxMmrCandidates));
}

Status CheckKind(const RecommendQuery& recommend, const QueryStage&) {
  if (recommend.positive.empty() && recommend.negative.empty())
    return WrongInput("At least one positive or negative vector must be given to recommend by");
  if (recommend.positive.empty() && recommend.strategy == RecommendStrategy::kAverageVector)
    return WrongInput("At least one positive vector ID required with this strategy");
  return OkStatus();
}

Status CheckKind(const DiscoverQuery&, const QueryStage&) {
  return OkStatus();
}
Status CheckKind(const ContextQuery& query, const QueryStage&) {
  if (query.context.empty()) return WrongInput("No target or context given");
  return OkStatus();
}

Status CheckKind(const FeedbackQuery& query, const QueryStage&) {
  if (query.feedback.empty())
    return ValidationError("[relevance_feedback.feedback: at least one feedback item is required]");
  if (!(query.weights.b >= 0))
    return ValidationError(
        fmt::format("[relevance_feedback.strategy.naive.b: value {} invalid, must be 0.0 or larger]", query.weights.b));
  if (query.feedback.size() <= kMaxFeedback) return OkStatus();
  return WrongInput(
      fmt::format("relevance feedback of {} examples, at most {} are allowed", query.feedback.size(), kMaxFeedback));
}

Status CheckFusion(std::string_view what, const QueryStage& stage) {
  if (stage.prefetch.empty()) return BadRequest(fmt::format("cannot apply {} without prefetches", what));
  if (!stage.using_name.empty()) return BadRequest(fmt::format("`using` cannot be set together with {}", what));
  return OkStatus();
}

Status CheckKind(const RrfQuery& rrf, const QueryStage& stage) {
  RETURN_IF_ERROR(AtLeast("rrf.k", rrf.k, 1));
  RETURN_IF_ERROR(CheckFusion("fusion", stage));
  if (!rrf.weights || rrf.weights->size() == stage.prefetch.size()) return OkStatus();
  return BadRequest(fmt::format("rrf has {} weights for {} prefetches, the two numbers must be equal",
                                rrf.weights->size(), stage.prefetch.size()));
}

Status CheckKind(const DbsfQuery&, const QueryStage& stage) {
  return CheckFusion("fusion", stage);
}

Status CheckKind(const FormulaQuery& formula, const QueryStage& stage) {
  if (stage.prefetch.empty()) return BadRequest("cannot apply a formula without prefetches");
  return CheckExpression(formula.formula.expression);
}

Status CheckKind(const OrderBy&, const QueryStage& stage) {
  if (!stage.score_threshold) return OkStatus();
  return BadRequest("Can't use score_threshold with an order_by query");
}

Status CheckKind(const SampleQuery&, const QueryStage&) {
  return OkStatus();
}

Status CheckParams(const search::SearchParams& params) {
  RETURN_IF_ERROR(AtLeast("params.hnsw_ef", params.hnsw_ef, 1));
  if (!params.recall_target) return OkStatus();
  if (!(*params.recall_target > 0 && *params.recall_target <= 1))
    return ValidationError(fmt::format("[params.recall_target: value {} invalid, must be above 0.0 and at most 1.0]",
                                       *params.recall_target));
  if (params.hnsw_ef)
    return ValidationError(
        fmt::format("[params.recall_target: value {} invalid beside hnsw_ef {}: give either the recall or the effort]",
                    *params.recall_target, *params.hnsw_ef));
  return OkStatus();
}

Status CheckIdf(const VectorParams& vector, const QueryStage& stage) {
  if (stage.params.idf_corpus == nullptr || vector.modifier == SparseModifier::kIdf) return OkStatus();
  return WrongInput(fmt::format(
      "params.idf is for sparse vectors with the modifier idf, which the vector \"{}\" is not", stage.using_name));
}

Status CheckStage(const CollectionConfig& config, const QueryStage& stage, size_t depth) {
  if (depth > kMaxPrefetchDepth)
    return BadRequest(fmt::format("prefetches are nested deeper than {}", kMaxPrefetchDepth));
  RETURN_IF_ERROR(AtLeast("limit", stage.limit, 1));
  RETURN_IF_ERROR(CheckParams(stage.params));
  if (!stage.query) {
    if (!stage.prefetch.empty())
      return BadRequest("A query is needed to merge the prefetches. Can't have prefetches without defining a query.");
    if (stage.score_threshold)
      return BadRequest(
          "A query is needed to use the score_threshold. Can't have score_threshold without defining a query.");
    return OkStatus();
  }
  RETURN_IF_ERROR(std::visit([&](const auto& query) { return CheckKind(query, stage); }, *stage.query));
  if (IsVectorQuery(*stage.query)) {
    ASSIGN_OR_RETURN(const VectorParams* vector, FindVector(config, stage.using_name));
    RETURN_IF_ERROR(CheckIdf(*vector, stage));
    Status inputs;
    ForEachInput(*stage.query, [&](const VectorInput& input) {
      if (inputs.ok()) inputs = CheckVectorInput(config, stage.using_name, input);
    });
    RETURN_IF_ERROR(inputs);
  }
  for (const QueryStage& prefetch : stage.prefetch) RETURN_IF_ERROR(CheckStage(config, prefetch, depth + 1));
  return OkStatus();
}

}  // namespace

Status CheckVectorInput(const CollectionConfig& config, const std::string& name, const VectorInput& input) {
  const auto* value = std::get_if<VectorValue>(&input);
  if (value == nullptr) return OkStatus();
  return CheckVector(name, config.vectors.at(name), *value);
}

Status CheckQuery(const CollectionConfig& config, const QueryRequest& request) {
  RETURN_IF_ERROR(CheckStage(config, request, 0));
  return CheckSelector(config, request.with_vector);
}

Status CheckQueryGroups(const CollectionConfig& config, const QueryGroupsRequest& request) {
  RETURN_IF_ERROR(AtLeast("limit", request.limit, 1));
  RETURN_IF_ERROR(AtLeast("group_size", request.group_size, 1));
  return CheckQuery(config, request.query);
}

Status CheckFacet(const FacetRequest& request) {
  return AtLeast("limit", request.limit, 1);
}

Status CheckMatrix(const CollectionConfig& config, const MatrixRequest& request) {
  RETURN_IF_ERROR(AtLeast("sample", request.sample, 2));
  RETURN_IF_ERROR(AtLeast("limit", request.limit, 1));
  if (request.sample > kMaxMatrixSample)
    return WrongInput(fmt::format("a matrix of {} points, at most {} are allowed", request.sample, kMaxMatrixSample));
  RETURN_IF_ERROR(FindVector(config, request.using_name));
  return OkStatus();
}

}  // namespace sextant::service
