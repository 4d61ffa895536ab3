#include "vector_index/dense/filtered_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <vector>

namespace sextant::vector_index {
namespace {

// A million rows in clusters of 256, whose walks and probes find what those of real embeddings do.
struct MillionRows {
  static constexpr uint32_t kRows = 1'000'000;
  RecallCurve walks{{{32, {0.967F, 0}, {0.9F, 0}},
                     {100, {0.987F, 0}, {0.95F, 0}},
                     {320, {0.996F, 0}, {0.985F, 0}},
                     {1000, {0.999F, 0}, {0.996F, 0}}}};
  ProbeCurve probes{{{4000, {0.95F, 0}, {0.88F, 0}},
                     {16'000, {0.98F, 0}, {0.95F, 0}},
                     {64'000, {0.995F, 0}, {0.985F, 0}},
                     {256'000, {0.999F, 0}, {0.997F, 0}},
                     {1'000'000, {1, 0}, {1, 0}}}};
  std::vector<uint32_t> starts = std::vector<uint32_t>(3907);
  RowClusters clusters;

  MillionRows() {
    for (size_t i = 0; i < starts.size(); ++i) starts[i] = static_cast<uint32_t>(i * kRows / (starts.size() - 1));
    clusters.starts = starts;
    clusters.centers.rows = static_cast<uint32_t>(starts.size() - 1);
  }
  FilteredPlan Plan(double pass_rate, uint32_t ef = 100, uint32_t k = 10, double concentration = 0) const {
    return PlanFilteredSearch({kRows, k, ef, {pass_rate, std::max(pass_rate, concentration)}, walks, probes, clusters});
  }
};

TEST(FilteredPlan, ManyMatchesAreWalkedSomeProbedFewScanned) {
  const MillionRows segment;
  EXPECT_EQ(segment.Plan(0.9).way, FilteredWay::kWalk);
  EXPECT_EQ(segment.Plan(0.3).way, FilteredWay::kWalk);
  EXPECT_EQ(segment.Plan(0.02).way, FilteredWay::kProbe);
  EXPECT_EQ(segment.Plan(0.001).way, FilteredWay::kScan);
  EXPECT_EQ(segment.Plan(0).way, FilteredWay::kScan);
}

TEST(FilteredPlan, TheFewerPassTheMoreCandidatesAWalkKeeps) {
  const MillionRows segment;
  EXPECT_GE(segment.Plan(1).walk_ef, 20u);
  EXPECT_GT(segment.Plan(0.5).walk_ef, segment.Plan(1).walk_ef);
  EXPECT_GT(segment.Plan(0.2).walk_ef, segment.Plan(0.5).walk_ef);
  // A match must be among them for each hit, whatever the effort.
  EXPECT_GE(segment.Plan(0.2, 10).walk_ef, 19 / 0.2);
}

TEST(FilteredPlan, MoreEffortAndMoreHitsLookAtMore) {
  const MillionRows segment;
  EXPECT_LT(segment.Plan(0.02, 32).probe.share, segment.Plan(0.02, 100).probe.share);
  EXPECT_LT(segment.Plan(0.02).probe.share, segment.Plan(0.005).probe.share);
  EXPECT_LT(segment.Plan(0.02, 100, 1).probe.share, segment.Plan(0.02, 100, 50).probe.share);
  EXPECT_LE(segment.Plan(1e-6).probe.share, 1);
}

// 50,000 rows that lie in the order of their clusters, some of which are accepted.
class AcceptedRows {
 public:
  template <typename Accepts>
  explicit AcceptedRows(Accepts&& accepts) : ordinals_(kRows), liveness_(kRows) {
    std::iota(ordinals_.begin(), ordinals_.end(), 0U);
    std::vector<uint32_t> accepted;
    std::copy_if(ordinals_.begin(), ordinals_.end(), std::back_inserter(accepted), accepts);
    accept_ = OrdinalSet::FromSorted(accepted);
    clusters_.starts = starts_;
  }
  PassSample Sample(double guess) const {
    SearchRequest request;
    request.accept = &accept_;
    request.accept_share = guess;
    return SamplePasses(RowFilter(request, liveness_, ordinals_.data()), clusters_, request);
  }

 private:
  static constexpr uint32_t kRows = 50'000;
  const std::vector<uint32_t> starts_ = {0, kRows};
  std::vector<uint32_t> ordinals_;
  OrdinalSet accept_;
  Liveness liveness_;
  RowClusters clusters_;
};

TEST(FilteredPlan, ASampleOverrulesAGuessThatItContradicts) {
  const AcceptedRows third([](uint32_t row) { return row % 3 == 0; });
  for (const double right : {0.3, 0.35}) EXPECT_EQ(third.Sample(right).rate, right);
  for (const double wrong : {0.0, 0.05, 0.8, 1.0}) EXPECT_NEAR(third.Sample(wrong).rate, 1.0 / 3, 0.08) << wrong;
}

TEST(FilteredPlan, ASampleTellsWhetherMatchesLieTogether) {
  const AcceptedRows scattered([](uint32_t row) { return row * 0x9E3779B97F4A7C15ull >> 60 < 2; });
  EXPECT_NEAR(scattered.Sample(0.125).concentration, 0.125, 0.12);
  const AcceptedRows together([](uint32_t row) { return row / 1000 % 8 == 3; });
  EXPECT_GT(together.Sample(0.125).concentration, 0.8);
  const AcceptedRows all([](uint32_t) { return true; });
  EXPECT_EQ(all.Sample(1).concentration, 1);
  const AcceptedRows none([](uint32_t) { return false; });
  EXPECT_EQ(none.Sample(0).concentration, 0);
}

TEST(FilteredPlan, MatchesThatLieTogetherAreScannedSooner) {
  const MillionRows segment;
  EXPECT_EQ(segment.Plan(0.02).way, FilteredWay::kProbe);
  EXPECT_EQ(segment.Plan(0.02, 100, 10, 0.9).way, FilteredWay::kScan);
}

TEST(FilteredPlan, FewMatchesAmongTheNearestTellOfAFilterAgainstTheQuery) {
  EXPECT_TRUE(IsAgainstQuery(10, 200, 0.2));
  EXPECT_FALSE(IsAgainstQuery(30, 200, 0.2));
}

}  // namespace
}  // namespace sextant::vector_index
