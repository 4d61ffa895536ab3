#pragma once

#include <cstddef>
#include <span>
#include <variant>
#include <vector>

namespace sextant::search {

// How the raw similarities of a point to several example vectors (larger is nearer for every distance: Euclid −d²,
// Manhattan −d) make up one score; larger is better.

// The nearest positive if it is nearer than the nearest negative: σ of its similarity, else −σ of the negative's, with
// σ(x) = ½(x/(1+|x|) + 1). Examples: the positives, then the negatives.
struct BestScoreRule {
  size_t positives = 0;
};
// Examples: one for each weight.
struct WeightedSumRule {
  std::vector<float> weights;
};
// Pairs on the right side minus pairs on the wrong one, plus σ of the similarity to the target. Examples: the target,
// then positive and negative of each pair.
struct DiscoverRule {};
// How far pairs are on the wrong side: the sum of x/(1+|x|), x = min(positive − negative − ε, 0). Examples: positive
// and negative of each pair.
struct ContextRule {};

using ScoreRule = std::variant<BestScoreRule, WeightedSumRule, DiscoverRule, ContextRule>;

// Precondition: one similarity for each example of the rule.
float ScoreOf(const ScoreRule& rule, std::span<const float> similarities);

// The coefficients of the naive strategy of relevance feedback.
struct FeedbackWeights {
  float a = 0, b = 0, c = 0;
};
// a·sim(target) + Σ (Δᵇ·c)·(sim(i) − sim(j)) over the examples i that were judged better than j by Δ, as weights of
// the target and each example.
WeightedSumRule FeedbackRule(std::span<const float> scores, const FeedbackWeights& weights);

}  // namespace sextant::search
