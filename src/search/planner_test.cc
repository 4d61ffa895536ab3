#include "search/planner.h"

#include "gtest/gtest.h"

namespace sextant::search {
namespace {

PlanInput Segment(uint64_t rows, uint64_t matches, uint64_t ef = 100) {
  PlanInput input;
  input.has_graph = true;
  input.rows = rows;
  input.points = rows;
  input.matches = matches;
  input.ef = ef;
  return input;
}

TEST(Planner, WalksTheGraphWithoutAFilter) {
  EXPECT_EQ(ChoosePlan(Segment(60'000, 60'000)), Plan::kGraph);
  EXPECT_EQ(ChoosePlan(Segment(1'000'000, 1'000'000)), Plan::kGraph);
}

TEST(Planner, ScoresRowsWhenTheClientAsksForExactness) {
  PlanInput input = Segment(1'000'000, 1'000'000);
  input.exact = true;
  EXPECT_EQ(ChoosePlan(input), Plan::kExact);
}

TEST(Planner, ScoresFewMatchesExactly) {
  EXPECT_EQ(ChoosePlan(Segment(1'000'000, 100)), Plan::kExact);
  EXPECT_EQ(ChoosePlan(Segment(300, 300)), Plan::kExact);
}

TEST(Planner, ScansCodesOfModeratelyManyMatches) {
  EXPECT_EQ(ChoosePlan(Segment(1'000'000, 10'000)), Plan::kScan);
}

TEST(Planner, NeverWalksWithoutAGraph) {
  PlanInput input = Segment(1'000'000, 1'000'000);
  input.has_graph = false;
  EXPECT_EQ(ChoosePlan(input), Plan::kScan);
}

TEST(Planner, ALargerEffortMovesTheBorderTowardsScans) {
  EXPECT_EQ(ChoosePlan(Segment(100'000, 30'000, 100)), Plan::kGraph);
  EXPECT_EQ(ChoosePlan(Segment(100'000, 30'000, 2000)), Plan::kScan);
}

TEST(Planner, EffortGrowsWithTheSegmentUpToEfConstructAndCoversTheLimit) {
  VectorQuery query;
  VectorView vectors;
  vectors.params.size = 384;
  query.limit = 10;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 50'000'000}), 100u);
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 1'000'000}), 100u);
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 62'500}), 50u);
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 10}), 25u);
  vectors.params.size = 768;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 62'500}), 100u);
  query.limit = 200;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 62'500}), 200u);
}

TEST(Planner, TheDefaultEffortReachesItsRecallWhereThatWasMeasured) {
  const vector_index::RecallCurve easy({{.effort = 20, .few = {0.99F, 0}, .many = {0.9F, 0}}});
  const vector_index::RecallCurve hard(
      {{.effort = 20, .few = {0.8F, 0}, .many = {}}, {.effort = 180, .few = {0.98F, 0}, .many = {0.9F, 0}}});
  const vector_index::RecallCurve hopeless({{.effort = 3200, .few = {0.5F, 0}, .many = {0.4F, 0}}});
  VectorQuery query;
  VectorView vectors;
  vectors.params.size = 384;
  query.limit = 10;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 62'500, .recall = &easy}), 50u);
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 62'500, .recall = &hard}), 180u);
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 62'500, .recall = &hopeless}), 400u);
  query.limit = 200;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 62'500, .recall = &hopeless}), 800u);
  query.limit = 10;
  query.params.hnsw_ef = 16;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 62'500, .recall = &hard}), 16u);
}

TEST(Planner, TheClientsEffortIsTakenAsItIs) {
  VectorQuery query;
  query.limit = 10;
  query.params.hnsw_ef = 16;
  EXPECT_EQ(EffectiveEf(query, VectorView(), {.rows = 1000}), 16u);
  query.limit = 50;
  EXPECT_EQ(EffectiveEf(query, VectorView(), {.rows = 1'000'000}), 50u);
}

TEST(Planner, QuantizationParametersMoveTheCandidatesOfQuantizedVectorsAlone) {
  VectorQuery query;
  query.limit = 10;
  query.params.hnsw_ef = 16;
  query.params.oversampling = 3.5;
  VectorView plain, quantized;
  quantized.is_quantized = true;
  EXPECT_EQ(EffectiveEf(query, plain, {.rows = 1000}), 16u);
  EXPECT_EQ(EffectiveEf(query, quantized, {.rows = 1000}), 35u);
  query.params.ignore_quantization = true;
  EXPECT_EQ(EffectiveEf(query, quantized, {.rows = 1000}), 32u);
  query.params.ignore_quantization = false;
  query.params.oversampling = 1e300;
  EXPECT_EQ(EffectiveEf(query, quantized, {.rows = 1000}), UINT32_MAX);
}

TEST(Planner, SeveralSegmentsTogetherNeedLessOfAMarginEach) {
  const vector_index::RecallCurve measured(
      {{.effort = 20, .few = {0.9F, 0.01F}, .many = {}}, {.effort = 200, .few = {0.99F, 0.01F}, .many = {}}});
  VectorQuery query;
  VectorView vectors;
  query.limit = 10;
  query.params.recall_target = 0.95;
  const WalkFacts one{.rows = 10'000, .recall = &measured};
  WalkFacts one_of_four = one;
  one_of_four.error_of_all = 0.5;
  EXPECT_LT(EffectiveEf(query, vectors, one_of_four), EffectiveEf(query, vectors, one));
  query.params.recall_target = 0.98;
  EXPECT_EQ(EffectiveEf(query, vectors, one), std::nullopt);
  EXPECT_TRUE(EffectiveEf(query, vectors, one_of_four));
}

TEST(Planner, ARecallTargetTakesTheCandidatesThatReachedIt) {
  const vector_index::RecallCurve measured(
      {{.effort = 20, .few = {0.9F, 0}, .many = {}}, {.effort = 200, .few = {0.99F, 0}, .many = {0.95F, 0}}});
  VectorQuery query;
  VectorView vectors;
  query.limit = 10;
  query.params.recall_target = 0.9;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 1'000'000, .recall = &measured}), 20u);
  query.params.recall_target = 0.99;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 1'000'000, .recall = &measured}), 200u);
  query.limit = 100;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 1'000'000, .recall = &measured}), std::nullopt);
  query.limit = 10;
  query.params.recall_target = 0.84;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 1'000'000, .recall = &measured, .filtered = true}), 20u);
  query.params.recall_target = 0.9;
  EXPECT_GT(EffectiveEf(query, vectors, {.rows = 1'000'000, .recall = &measured, .filtered = true}), 20u);
  query.params.recall_target = 1;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 1'000'000, .recall = &measured}), std::nullopt)
      << "only an exact search misses nothing";
}

TEST(Planner, WithoutMeasuredRecallATargetMovesTheDefault) {
  VectorQuery query;
  VectorView vectors;
  vectors.params.size = 384;
  query.limit = 10;
  query.params.recall_target = 0.96;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 1'000'000}), 100u);
  query.params.recall_target = 0.99;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 1'000'000}), 400u);
  query.params.recall_target = 0.9;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 1'000'000}), 40u);
  query.params.recall_target = 1;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 1'000'000}), std::nullopt);
  vectors.params.kind = VectorKind::kSparse;
  EXPECT_EQ(EffectiveEf(query, vectors, {.rows = 1'000'000}), 100u) << "an index of sparse vectors is exact";
}

}  // namespace
}  // namespace sextant::search
