#include "service/query/examples.h"

#include <utility>

#include "service/query/stages.h"

namespace sextant::service {
namespace {

DenseVector Mean(const QueryStage& stage, const std::vector<VectorInput>& inputs, const VectorSources& sources) {
  DenseVector sum;
  for (const VectorInput& input : inputs) {
    const auto& vector = std::get<DenseVector>(sources.Get(stage, input));
    sum.resize(vector.size());
    for (size_t i = 0; i < vector.size(); ++i) sum[i] += vector[i];
  }
  for (float& value : sum) value /= static_cast<float>(inputs.size());
  return sum;
}

search::ScoreRule RuleOf(const RecommendQuery& query) {
  if (query.strategy == RecommendStrategy::kBestScore) return search::BestScoreRule{query.positive.size()};
  search::WeightedSumRule rule;
  rule.weights.assign(query.positive.size(), 1.0f);
  rule.weights.resize(query.positive.size() + query.negative.size(), -1.0f);
  return rule;
}

search::ScoreRule RuleOf(const FeedbackQuery& query) {
  std::vector<float> scores;
  for (const FeedbackItem& item : query.feedback) scores.push_back(item.score);
  return search::FeedbackRule(scores, query.weights);
}

}  // namespace

VectorValue AverageVector(const QueryStage& stage, const RecommendQuery& query, const VectorSources& sources) {
  DenseVector positive = Mean(stage, query.positive, sources);
  if (query.negative.empty()) return positive;
  const DenseVector negative = Mean(stage, query.negative, sources);
  for (size_t i = 0; i < positive.size(); ++i) positive[i] += positive[i] - negative[i];
  return positive;
}

Examples ExamplesOf(const QueryStage& stage, const VectorSources& sources) {
  Examples examples;
  ForEachInput(*stage.query, [&](const VectorInput& input) { examples.vectors.push_back(sources.Get(stage, input)); });
  if (const auto* recommend = std::get_if<RecommendQuery>(&*stage.query)) {
    examples.rule = RuleOf(*recommend);
  } else if (const auto* feedback = std::get_if<FeedbackQuery>(&*stage.query)) {
    examples.rule = RuleOf(*feedback);
  } else if (std::holds_alternative<DiscoverQuery>(*stage.query)) {
    examples.rule = search::DiscoverRule{};
  } else {
    examples.rule = search::ContextRule{};
  }
  return examples;
}

}  // namespace sextant::service
