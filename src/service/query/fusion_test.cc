#include "service/query/fusion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace sextant::service {
namespace {

using ::testing::ElementsAre;

QueryHits List(std::vector<std::pair<uint64_t, float>> hits) {
  QueryHits list;
  for (const auto& [id, score] : hits)
    list.push_back({{PointId::Number(id), Ordinal{static_cast<uint32_t>(id)}, 0}, 1, score});
  return list;
}

std::vector<uint64_t> Ids(const QueryHits& hits) {
  std::vector<uint64_t> ids;
  for (const QueryHit& hit : hits) ids.push_back(hit.point.id.number());
  return ids;
}

TEST(FuseByRank, AddsReciprocalRanks) {
  const std::vector<QueryHits> lists = {List({{1, 9}, {2, 8}, {3, 7}}), List({{3, 1}, {1, 0}})};
  const QueryHits fused = FuseByRank(lists, {});
  EXPECT_THAT(Ids(fused), ElementsAre(1, 3, 2));
  EXPECT_FLOAT_EQ(fused[0].score, 1 / 2.0f + 1 / 3.0f);
  EXPECT_FLOAT_EQ(fused[1].score, 1 / 4.0f + 1 / 2.0f);
  EXPECT_FLOAT_EQ(fused[2].score, 1 / 3.0f);
  EXPECT_FLOAT_EQ(FuseByRank(lists, {60, std::nullopt})[0].score, 1 / 60.0f + 1 / 61.0f);
}

TEST(FuseByRank, WeighsLists) {
  const std::vector<QueryHits> lists = {List({{1, 9}, {2, 8}}), List({{3, 1}})};
  const QueryHits fused = FuseByRank(lists, {2, std::vector<float>{2, 0}});
  EXPECT_THAT(Ids(fused), ElementsAre(1, 2, 3));
  EXPECT_FLOAT_EQ(fused[0].score, 1 / (1 / 2.0f + 1));
  EXPECT_FLOAT_EQ(fused[1].score, 1 / (2 / 2.0f + 1));
  EXPECT_FLOAT_EQ(fused[2].score, 0);
}

TEST(FuseByRank, KeepsPointsOfSeveralShardsApart) {
  QueryHits other = List({{1, 1}});
  other[0].point.shard = 1;
  EXPECT_EQ(FuseByRank({List({{1, 1}}), other}, {}).size(), 2u);
  EXPECT_TRUE(FuseByRank({{}, {}}, {}).empty());
}

TEST(FuseByDistribution, ScalesEachListByItsSpread) {
  const QueryHits fused = FuseByDistribution({List({{1, 4}, {2, 2}, {3, 0}}), List({{2, 100}})});
  // Mean 2, deviation 2: from -4 to 8.
  EXPECT_THAT(Ids(fused), ElementsAre(2, 1, 3));
  EXPECT_FLOAT_EQ(fused[0].score, 6 / 12.0f + 0.5f);
  EXPECT_FLOAT_EQ(fused[1].score, 8 / 12.0f);
  EXPECT_FLOAT_EQ(fused[2].score, 4 / 12.0f);
}

TEST(FuseByDistribution, GivesHalfWhereNothingDiffers) {
  const QueryHits fused = FuseByDistribution({List({{1, 3}, {2, 3}}), {}, List({{1, 3}})});
  EXPECT_THAT(Ids(fused), ElementsAre(1, 2));
  EXPECT_FLOAT_EQ(fused[0].score, 1);
  EXPECT_FLOAT_EQ(fused[1].score, 0.5f);
  std::vector<std::pair<uint64_t, float>> twenty;
  for (uint64_t id = 0; id < 20; ++id) twenty.emplace_back(id, 1.0f);
  EXPECT_EQ(FuseByDistribution({List(twenty)})[7].score, 0.5f) << "sums of equal scores are no spread";
}

}  // namespace
}  // namespace sextant::service
