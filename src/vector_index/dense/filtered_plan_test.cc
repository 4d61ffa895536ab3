#include "vector_index/dense/filtered_plan.h"

#include <gtest/gtest.h>

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
  FilteredPlan Plan(double pass_rate, uint32_t ef = 100, uint32_t k = 10) const {
    return PlanFilteredSearch({kRows, k, ef, pass_rate, walks, probes, clusters});
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

TEST(FilteredPlan, ASampleOverrulesAGuessThatItContradicts) {
  constexpr uint32_t kRows = 50'000;
  std::vector<uint32_t> ordinals(kRows), third;
  std::iota(ordinals.begin(), ordinals.end(), 0U);
  for (uint32_t i = 0; i < kRows; i += 3) third.push_back(i);
  const OrdinalSet accept = OrdinalSet::FromSorted(third);
  const Liveness liveness(kRows);
  SearchRequest request;
  request.accept = &accept;
  const RowFilter filter(request, liveness, ordinals.data());
  for (const double right : {0.3, 0.35}) {
    request.accept_share = right;
    EXPECT_EQ(SamplePassRate(filter, kRows, request), right);
  }
  for (const double wrong : {0.0, 0.05, 0.8, 1.0}) {
    request.accept_share = wrong;
    EXPECT_NEAR(SamplePassRate(filter, kRows, request), 1.0 / 3, 0.08) << wrong;
  }
}

TEST(FilteredPlan, FewMatchesAmongTheNearestTellOfAFilterAgainstTheQuery) {
  EXPECT_TRUE(IsAgainstQuery(10, 200, 0.2));
  EXPECT_FALSE(IsAgainstQuery(30, 200, 0.2));
}

}  // namespace
}  // namespace sextant::vector_index
