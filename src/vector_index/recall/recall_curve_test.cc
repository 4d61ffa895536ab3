#include "vector_index/recall/recall_curve.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sextant::vector_index {
namespace {

RecallPoint Point(uint32_t ef, float few, float many, float error = 0) {
  return {ef, {few, error}, {many, error}};
}

// Each doubling of the candidates halves what is missed; of the many nearest twice as much is missed.
RecallCurve Halving() {
  return RecallCurve({Point(50, 0.92F, 0.5F), Point(100, 0.96F, 0.92F), Point(200, 0.98F, 0.96F),
                      Point(400, 0.99F, 0.98F), Point(800, 0.995F, 0.99F)});
}

TEST(RecallCurve, TakesTheFewestCandidatesThatReachTheRecall) {
  EXPECT_EQ(Halving().EfFor(0.98, 10), 200u);
  EXPECT_EQ(Halving().EfFor(0.99, 10), 400u);
  EXPECT_EQ(Halving().EfFor(0.5, 10), 50u);
}

TEST(RecallCurve, BetweenTwoPointsMissesFallAsAPowerOfTheCandidates) {
  EXPECT_EQ(Halving().EfFor(1 - 0.02 / 1.5, 10), 300u);
}

TEST(RecallCurve, ManyHitsTakeMoreCandidatesThanFew) {
  EXPECT_EQ(Halving().EfFor(0.98, 1), 200u);
  EXPECT_EQ(Halving().EfFor(0.98, 100), 400u);
  EXPECT_EQ(Halving().EfFor(0.98, 32), 284u);  // the geometric middle, as 32 is of 10 and 100
  EXPECT_EQ(Halving().EfFor(0.98, 1000), 4000u);
  EXPECT_EQ(Halving().EfFor(0.5, 100), 100u) << "a walk keeps as many candidates as hits";
}

TEST(RecallCurve, TakesStandardErrorsOffWhatWasMeasured) {
  const RecallCurve curve({Point(100, 0.97F, 0.97F, 0.02F), Point(200, 0.99F, 0.99F, 0.01F), Point(400, 1, 1)});
  EXPECT_NEAR(*curve.EfFor(0.93, 10), 100, 1);
  EXPECT_NEAR(*curve.EfFor(0.97, 10), 200, 1);
  EXPECT_EQ(curve.EfFor(0.94, 10, kErrorsOfEstimate), 100u);
  EXPECT_EQ(curve.EfFor(0.98, 10, kErrorsOfEstimate), 200u);
}

TEST(RecallCurve, KnowsNoWalkForWhatNoneReached) {
  EXPECT_EQ(Halving().EfFor(0.997, 10), std::nullopt);
  EXPECT_EQ(Halving().EfFor(0.995, 100), std::nullopt) << "of few hits it was reached";
  EXPECT_EQ(RecallCurve({Point(100, 1, 1)}).EfFor(1, 10), std::nullopt) << "no sample shows that nothing is missed";
  EXPECT_EQ(RecallCurve({Point(100, 1, 1)}).EfFor(0.9999, 10), 100u);
}

TEST(RecallCurve, MissesBelowWhatASampleCanTellAreNotInterpolated) {
  const RecallCurve curve({Point(100, 0.9F, 0.9F), Point(1000, 1, 1)});
  EXPECT_EQ(curve.EfFor(0.99, 10), 316u);
  EXPECT_EQ(curve.EfFor(0.9995, 10), 1000u);
}

TEST(RecallCurve, TellsWhatAnEffortFinds) {
  EXPECT_NEAR(Halving().RecallOf(200, 10), 0.98, 1e-6);
  EXPECT_NEAR(Halving().RecallOf(283, 10), 1 - 0.02 / std::sqrt(2.0), 1e-4);
  EXPECT_NEAR(Halving().RecallOf(400, 100), 0.98, 1e-6);
  EXPECT_NEAR(Halving().RecallOf(400, 1000), 0.98, 1e-6) << "nothing is known of more";
  EXPECT_NEAR(Halving().RecallOf(5, 10), 0.92, 1e-6);
  EXPECT_NEAR(Halving().RecallOf(100'000, 10), 0.995, 1e-6);
  EXPECT_LT(RecallCurve({Point(100, 1, 1)}).RecallOf(100, 10), 1) << "no sample shows that nothing is missed";
}

TEST(ProbeCurve, TheShareGrowsAsAPowerOfTheRank) {
  const ProbeCurve curve(
      {Point(1000, 0.9F, 0.6F), Point(10'000, 0.99F, 0.9F), Point(100'000, 1, 0.99F), Point(1'000'000, 1, 1)});
  EXPECT_NEAR(curve.ShareFor(0.9, 10), 0.001, 1e-6);
  EXPECT_NEAR(curve.ShareFor(0.99, 1), 0.01, 1e-6);
  EXPECT_NEAR(curve.ShareFor(0.99, 100), 0.1, 1e-6);
  EXPECT_NEAR(curve.ShareFor(0.9, 100), 0.01, 1e-6);
  EXPECT_NEAR(curve.ShareFor(0.9, 1000), 0.1, 1e-6);
  EXPECT_NEAR(curve.ShareFor(0.9, std::sqrt(1000.0)), 0.001 * std::sqrt(10.0), 1e-6);
  EXPECT_EQ(curve.ShareFor(0.99, 1e6), 1) << "there is no more than all";
  EXPECT_LE(curve.ShareFor(1, 10), 1);
}

}  // namespace
}  // namespace sextant::vector_index
