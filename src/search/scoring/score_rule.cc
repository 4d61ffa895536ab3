#include "search/scoring/score_rule.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sextant::search {
namespace {

float FastSigmoid(float x) {
  return std::isfinite(x) ? x / (1.0f + std::fabs(x)) : x;
}

float ScaledFastSigmoid(float x) {
  return 0.5f * (FastSigmoid(x) + 1.0f);
}

float Largest(std::span<const float> values) {
  float largest = -std::numeric_limits<float>::infinity();
  for (const float value : values) largest = std::max(largest, value);
  return largest;
}

float Score(const BestScoreRule& rule, std::span<const float> similarities) {
  const float positive = Largest(similarities.first(rule.positives));
  const float negative = Largest(similarities.subspan(rule.positives));
  return positive > negative ? ScaledFastSigmoid(positive) : -ScaledFastSigmoid(negative);
}

float Score(const WeightedSumRule& rule, std::span<const float> similarities) {
  double sum = 0;
  for (size_t i = 0; i < similarities.size(); ++i) sum += double{rule.weights[i]} * similarities[i];
  return static_cast<float>(sum);
}

float Score(const DiscoverRule&, std::span<const float> similarities) {
  int rank = 0;
  for (size_t i = 1; i + 1 < similarities.size(); i += 2) {
    if (similarities[i] > similarities[i + 1]) ++rank;
    if (similarities[i] < similarities[i + 1]) --rank;
  }
  return static_cast<float>(rank) + ScaledFastSigmoid(similarities[0]);
}

float Score(const ContextRule&, std::span<const float> similarities) {
  constexpr float kEpsilon = std::numeric_limits<float>::epsilon();
  float sum = 0;
  for (size_t i = 0; i + 1 < similarities.size(); i += 2)
    sum += FastSigmoid(std::min(similarities[i] - similarities[i + 1] - kEpsilon, 0.0f));
  return sum;
}

}  // namespace

float ScoreOf(const ScoreRule& rule, std::span<const float> similarities) {
  return std::visit([&](const auto& one) { return Score(one, similarities); }, rule);
}

WeightedSumRule FeedbackRule(std::span<const float> scores, const FeedbackWeights& weights) {
  std::vector<double> sums(scores.size(), 0.0);
  for (size_t i = 0; i < scores.size(); ++i) {
    for (size_t j = 0; j < scores.size(); ++j) {
      const float confidence = scores[i] - scores[j];
      if (!(confidence > 0)) continue;
      const double weight = std::pow(double{confidence}, double{weights.b}) * weights.c;
      sums[i] += weight;
      sums[j] -= weight;
    }
  }
  WeightedSumRule rule;
  rule.weights.push_back(weights.a);
  for (const double sum : sums) rule.weights.push_back(static_cast<float>(sum));
  return rule;
}

}  // namespace sextant::search
