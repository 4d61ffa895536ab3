#include "absl/strings/str_cat.h"
#include "wire/grpc/convert/convert_reads.h"
#include "wire/grpc/convert/query/convert_query_parts.h"
#include "wire/grpc/unsupported.h"

namespace sextant::wire {
namespace {

using service::Query;
using service::VectorInput;

Result<Query> ConvertNearestWithMmr(const qdrant::NearestInputWithMmr& input) {
  service::NearestQuery nearest;
  ASSIGN_OR_RETURN(nearest.vector, ConvertVectorInput(input.nearest()));
  if (!input.has_mmr()) return FormatError("mmr parameters are required");
  nearest.mmr.emplace();
  if (input.mmr().has_diversity()) nearest.mmr->diversity = input.mmr().diversity();
  if (input.mmr().has_candidates_limit()) nearest.mmr->candidates_limit = input.mmr().candidates_limit();
  return Query(std::move(nearest));
}

Result<std::vector<VectorInput>> ConvertInputs(const google::protobuf::RepeatedPtrField<qdrant::VectorInput>& inputs) {
  std::vector<VectorInput> out;
  for (const qdrant::VectorInput& input : inputs) {
    ASSIGN_OR_RETURN(VectorInput converted, ConvertVectorInput(input));
    out.push_back(std::move(converted));
  }
  return out;
}

Result<Query> ConvertRecommendInput(const qdrant::RecommendInput& input) {
  service::RecommendQuery recommend;
  ASSIGN_OR_RETURN(recommend.positive, ConvertInputs(input.positive()));
  ASSIGN_OR_RETURN(recommend.negative, ConvertInputs(input.negative()));
  if (input.has_strategy()) {
    ASSIGN_OR_RETURN(recommend.strategy, ConvertStrategy(input.strategy()));
  }
  return Query(std::move(recommend));
}

Result<std::vector<service::ContextPair>> ConvertPairs(const qdrant::ContextInput& context) {
  std::vector<service::ContextPair> out;
  for (const qdrant::ContextInputPair& pair : context.pairs()) {
    service::ContextPair& converted = out.emplace_back();
    ASSIGN_OR_RETURN(converted.positive, ConvertVectorInput(pair.positive()));
    ASSIGN_OR_RETURN(converted.negative, ConvertVectorInput(pair.negative()));
  }
  return out;
}

Result<Query> ConvertDiscoverInput(const qdrant::DiscoverInput& input) {
  service::DiscoverQuery discover;
  ASSIGN_OR_RETURN(discover.target, ConvertVectorInput(input.target()));
  if (!input.has_context()) return FormatError("discover.context is missing");
  ASSIGN_OR_RETURN(discover.context, ConvertPairs(input.context()));
  return Query(std::move(discover));
}

Result<Query> ConvertContextInput(const qdrant::ContextInput& input) {
  service::ContextQuery context;
  ASSIGN_OR_RETURN(context.context, ConvertPairs(input));
  return Query(std::move(context));
}

Result<Query> ConvertFeedbackInput(const qdrant::RelevanceFeedbackInput& input) {
  service::FeedbackQuery feedback;
  ASSIGN_OR_RETURN(feedback.target, ConvertVectorInput(input.target()));
  for (const qdrant::FeedbackItem& item : input.feedback()) {
    service::FeedbackItem& converted = feedback.feedback.emplace_back();
    ASSIGN_OR_RETURN(converted.example, ConvertVectorInput(item.example()));
    converted.score = item.score();
  }
  if (!input.strategy().has_naive()) return FormatError("relevance_feedback.strategy is missing");
  const qdrant::NaiveFeedbackStrategy& naive = input.strategy().naive();
  feedback.weights = {naive.a(), naive.b(), naive.c()};
  return Query(std::move(feedback));
}

Result<Query> ConvertFusion(qdrant::Fusion fusion) {
  if (fusion == qdrant::RRF) return Query(service::RrfQuery{});
  if (fusion == qdrant::DBSF) return Query(service::DbsfQuery{});
  return FormatError(absl::StrCat("unknown fusion: ", static_cast<int>(fusion)));
}

Query ConvertRrf(const qdrant::Rrf& rrf) {
  service::RrfQuery query;
  if (rrf.has_k()) query.k = rrf.k();
  if (!rrf.weights().empty()) query.weights.emplace(rrf.weights().begin(), rrf.weights().end());
  return query;
}

Result<Query> ConvertFormulaQuery(const qdrant::Formula& formula) {
  service::FormulaQuery query;
  ASSIGN_OR_RETURN(query.formula, ConvertFormula(formula));
  return Query(std::move(query));
}

}  // namespace

Result<Query> ConvertQueryVariant(const qdrant::Query& query) {
  switch (query.variant_case()) {
    case qdrant::Query::kNearest: {
      service::NearestQuery nearest;
      ASSIGN_OR_RETURN(nearest.vector, ConvertVectorInput(query.nearest()));
      return Query(std::move(nearest));
    }
    case qdrant::Query::kNearestWithMmr: return ConvertNearestWithMmr(query.nearest_with_mmr());
    case qdrant::Query::kRecommend: return ConvertRecommendInput(query.recommend());
    case qdrant::Query::kDiscover: return ConvertDiscoverInput(query.discover());
    case qdrant::Query::kContext: return ConvertContextInput(query.context());
    case qdrant::Query::kRelevanceFeedback: return ConvertFeedbackInput(query.relevance_feedback());
    case qdrant::Query::kOrderBy: {
      ASSIGN_OR_RETURN(service::OrderBy order, ConvertOrderBy(query.order_by()));
      return Query(std::move(order));
    }
    case qdrant::Query::kFusion: return ConvertFusion(query.fusion());
    case qdrant::Query::kRrf: return ConvertRrf(query.rrf());
    case qdrant::Query::kFormula: return ConvertFormulaQuery(query.formula());
    case qdrant::Query::kSample: {
      if (query.sample() == qdrant::Random) return Query(service::SampleQuery{});
      return FormatError(absl::StrCat("unknown sample: ", static_cast<int>(query.sample())));
    }
    case qdrant::Query::VARIANT_NOT_SET: return FormatError("Query variant is missing");
    default: break;
  }
  const auto* variant = qdrant::Query::descriptor()->FindFieldByNumber(static_cast<int>(query.variant_case()));
  return Unsupported(absl::StrCat("the query variant `", variant->name(), "`"));
}

}  // namespace sextant::wire
