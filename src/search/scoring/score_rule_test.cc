#include "search/scoring/score_rule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace sextant::search {
namespace {

float Score(const ScoreRule& rule, std::vector<float> similarities) {
  return ScoreOf(rule, similarities);
}

float Sigma(float x) {
  return 0.5f * (x / (1 + std::abs(x)) + 1);
}

TEST(ScoreRule, BestScoreTakesTheNearerSide) {
  const BestScoreRule rule{2};
  EXPECT_FLOAT_EQ(Score(rule, {0.2f, 0.7f, 0.5f}), Sigma(0.7f));
  EXPECT_FLOAT_EQ(Score(rule, {0.2f, 0.4f, 0.5f}), -Sigma(0.5f));
  EXPECT_FLOAT_EQ(Score(rule, {0.5f, 0.1f, 0.5f}), -Sigma(0.5f)) << "a tie is the negative's";
  EXPECT_FLOAT_EQ(Score(BestScoreRule{0}, {-3, -2}), -Sigma(-2)) << "negatives alone";
  EXPECT_FLOAT_EQ(Score(BestScoreRule{1}, {-4}), Sigma(-4));
}

TEST(ScoreRule, DiscoverCountsPairsAndThenTheTarget) {
  EXPECT_FLOAT_EQ(Score(DiscoverRule{}, {0.5f, 2, 1, 1, 2, 3, 3, 5, 4}), 1 + Sigma(0.5f));
  EXPECT_FLOAT_EQ(Score(DiscoverRule{}, {-2}), Sigma(-2));
}

TEST(ScoreRule, ContextIsZeroAtBest) {
  EXPECT_FLOAT_EQ(Score(ContextRule{}, {2, 1, 5, 1}), 0);
  EXPECT_FLOAT_EQ(Score(ContextRule{}, {1, 2, 5, 1}), -0.5f);
  EXPECT_LT(Score(ContextRule{}, {1, 1}), 0) << "a point on the border is not inside";
}

TEST(ScoreRule, FeedbackWeighsPairsByHowFarTheirJudgementsAreApart) {
  // Pairs: (0, 1) by 0.5, (0, 2) by 1, (1, 2) by 0.5.
  const auto rule = FeedbackRule(std::vector<float>{1, 0.5f, 0}, {.a = 2, .b = 2, .c = 3});
  const std::vector<float> sims = {10, 4, 3, 1};
  const float expected = 2 * 10 + 0.25f * 3 * (4 - 3) + 3 * (4 - 1) + 0.25f * 3 * (3 - 1);
  EXPECT_FLOAT_EQ(ScoreOf(rule, sims), expected);
  EXPECT_FLOAT_EQ(
      ScoreOf(FeedbackRule(std::vector<float>{1, 1}, {.a = 1, .b = 1, .c = 1}), std::vector<float>{7, 1, 2}), 7)
      << "equal judgements say nothing";
}

}  // namespace
}  // namespace sextant::search
