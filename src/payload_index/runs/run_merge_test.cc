#include "payload_index/runs/run_merge.h"

#include <gtest/gtest.h>

#include "payload_index/index_snapshot_testing.h"

namespace sextant::payload_index {
namespace {

TEST(RunMerge, AnswersAsBruteForceWhereRunsAreMergedWhileChangesGoOn) {
  size_t merged = 0, late = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    Pair pair;
    for (int step = 0; step < 40; ++step) {
      for (uint32_t more = static_cast<uint32_t>(random() % 4); more > 0; --more) RandomStep(&pair, random, 300, 20);
      if (!pair.snapshot->HasRunsToMerge(true)) continue;
      const auto merge = pair.snapshot->MergeRuns(true);
      for (uint32_t more = static_cast<uint32_t>(random() % 3); more > 0; --more) RandomStep(&pair, random, 300, 3);
      const Snapshot with = pair.snapshot->WithRunMerge(*merge);
      ++(with != nullptr ? merged : late);
      if (with != nullptr) pair.snapshot = with;
      EXPECT_EQ(with == nullptr ? with : with->WithRunMerge(*merge), nullptr) << "its inputs are gone";
      ExpectSame(pair, random, 4);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
  EXPECT_GT(merged, 100u);
  EXPECT_GT(late, 10u) << "fields came and went, or runs were merged otherwise";
}

TEST(RunMerge, AtRestFewRunsAreLeftAndAtAnyTimeNoLargeOneThatIsMostlyDead) {
  constexpr uint32_t kPoints = 1 << 19;
  Filter five;
  five.must.emplace().push_back(FieldCondition{Path("n"), MatchValue{int64_t{5}}});
  Pair pair;
  pair.SetField("n", Schema(FieldType::kInteger));
  std::vector<PayloadChange> changes;
  for (uint32_t first = 0; first < kPoints; first += 1 << 14) {
    changes.clear();
    for (uint32_t i = first; i < first + (1 << 14); ++i) changes.push_back({Ordinal{i}, true, R"({"n":5})"});
    pair.snapshot = pair.snapshot->With(changes);
  }
  EXPECT_FALSE(pair.snapshot->HasRunsToMerge(false));
  ASSERT_TRUE(pair.snapshot->HasRunsToMerge(true));
  pair.snapshot = pair.snapshot->WithRunMerge(*pair.snapshot->MergeRuns(true));
  ASSERT_NE(pair.snapshot, nullptr);
  EXPECT_FALSE(pair.snapshot->HasRunsToMerge(true)) << "one run is left";
  EXPECT_EQ(pair.Evaluate(five).size(), kPoints);

  changes.clear();
  for (uint32_t i = 0; i < kPoints / 2 + 1; ++i) changes.push_back({Ordinal{i}, false, ""});
  pair.snapshot = pair.snapshot->With(changes);
  const size_t before = pair.snapshot->memory_bytes();
  ASSERT_TRUE(pair.snapshot->HasRunsToMerge(false));
  pair.snapshot = pair.snapshot->WithRunMerge(*pair.snapshot->MergeRuns(false));
  EXPECT_FALSE(pair.snapshot->HasRunsToMerge(false));
  EXPECT_LT(pair.snapshot->memory_bytes(), before * 2 / 3);
  EXPECT_EQ(pair.Evaluate(five).size(), kPoints / 2 - 1);
}

}  // namespace
}  // namespace sextant::payload_index
