#include "collection/sharding/routing.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace sextant::collection {
namespace {

// Points stay where they were written: these values are part of the disk format and must not change.
TEST(ShardOf, KeepsItsPublishedValues) {
  const std::vector<uint32_t> expected = {7, 1, 4, 6, 6, 7, 4, 2, 4, 7, 1, 6, 5, 7, 6, 5};
  std::vector<uint32_t> got;
  for (uint64_t id = 0; id < expected.size(); ++id) got.push_back(ShardOf(PointId::Number(id), 8));
  EXPECT_EQ(got, expected);
  EXPECT_EQ(ShardOf(PointId::Uuid(0x0123456789abcdefull, 0xfedcba9876543210ull), 1000), 428u);
  EXPECT_EQ(ShardOf(PointId::Number(UINT64_MAX), 1000), 816u);
}

TEST(ShardOf, SpreadsPointsEvenly) {
  constexpr uint32_t kShards = 7;
  constexpr uint64_t kPoints = 70'000;
  std::vector<int> counts(kShards);
  for (uint64_t id = 0; id < kPoints; ++id) ++counts[ShardOf(PointId::Number(id), kShards)];
  for (const int count : counts) EXPECT_NEAR(count, kPoints / kShards, 500);
}

TEST(ShardOf, OneMoreShardMovesOnlyPointsToIt) {
  int moved = 0;
  for (uint64_t id = 0; id < 1000; ++id) {
    const uint32_t before = ShardOf(PointId::Number(id), 4);
    const uint32_t after = ShardOf(PointId::Number(id), 5);
    if (before == after) continue;
    EXPECT_EQ(after, 4u);
    ++moved;
  }
  EXPECT_NEAR(moved, 200, 60);
}

TEST(SplitByShard, KeepsOrderAndLosesNoPoint) {
  constexpr uint32_t kShards = 3;
  shard::Upsert upsert;
  for (uint64_t i = 0; i < 100; ++i) upsert.points.push_back({PointId::Number(i % 40), {}, std::to_string(i)});
  const auto parts = SplitByShard(upsert, kShards);
  ASSERT_EQ(parts.size(), kShards);
  size_t total = 0;
  for (uint32_t shard = 0; shard < kShards; ++shard) {
    ASSERT_TRUE(parts[shard]);
    int last = -1;
    for (const PointInput& point : std::get<shard::Upsert>(*parts[shard]).points) {
      EXPECT_EQ(ShardOf(point.id, kShards), shard);
      EXPECT_GT(std::stoi(point.payload), last);
      last = std::stoi(point.payload);
      ++total;
    }
  }
  EXPECT_EQ(total, upsert.points.size());
}

TEST(SplitByShard, EveryPartHasTheConditionOfTheWhole) {
  shard::Upsert upsert;
  upsert.mode = shard::UpdateMode::kUpdateOnly;
  upsert.update_filter = Filter{};
  shard::UpdateVectors update;
  update.update_filter = Filter{};
  for (uint64_t i = 0; i < 20; ++i) {
    upsert.points.push_back({PointId::Number(i), {}, ""});
    update.points.push_back({PointId::Number(i), {{"", DenseVector{1}}}});
  }
  size_t points = 0;
  for (const auto& part : SplitByShard(upsert, 3)) {
    EXPECT_EQ(std::get<shard::Upsert>(*part).mode, shard::UpdateMode::kUpdateOnly);
    EXPECT_TRUE(std::get<shard::Upsert>(*part).update_filter);
  }
  for (const auto& part : SplitByShard(update, 3)) {
    EXPECT_TRUE(std::get<shard::UpdateVectors>(*part).update_filter);
    points += std::get<shard::UpdateVectors>(*part).points.size();
  }
  EXPECT_EQ(points, 20u);
}

TEST(SplitByShard, SendsIdsHomeAndFiltersEverywhere) {
  shard::SetPayload by_ids;
  by_ids.payload = Json(Json::Object{{"a", Json(1)}});
  by_ids.points.ids = {PointId::Number(1), PointId::Number(2), PointId::Number(3)};
  size_t ids = 0;
  const auto parts = SplitByShard(by_ids, 5);
  for (uint32_t shard = 0; shard < parts.size(); ++shard) {
    if (!parts[shard]) continue;
    const auto& part = std::get<shard::SetPayload>(*parts[shard]);
    EXPECT_EQ(part.payload, by_ids.payload);
    for (const PointId& id : part.points.ids) EXPECT_EQ(ShardOf(id, 5), shard);
    ids += part.points.ids.size();
  }
  EXPECT_EQ(ids, 3u);

  shard::DeletePoints by_filter;
  by_filter.points.filter = Filter{};
  for (const auto& part : SplitByShard(by_filter, 5)) {
    ASSERT_TRUE(part);
    EXPECT_TRUE(std::get<shard::DeletePoints>(*part).points.filter);
  }
  // With both, ids still go to their own shard only.
  shard::DeleteVectors by_both;
  by_both.names = {"a"};
  by_both.points.filter = Filter{};
  by_both.points.ids = by_ids.points.ids;
  ids = 0;
  const auto both = SplitByShard(by_both, 5);
  for (uint32_t shard = 0; shard < both.size(); ++shard) {
    ASSERT_TRUE(both[shard]);
    const auto& part = std::get<shard::DeleteVectors>(*both[shard]);
    EXPECT_TRUE(part.points.filter);
    EXPECT_EQ(part.names, by_both.names);
    for (const PointId& id : part.points.ids) EXPECT_EQ(ShardOf(id, 5), shard);
    ids += part.points.ids.size();
  }
  EXPECT_EQ(ids, 3u);
  for (const auto& part : SplitByShard(shard::DropIndex{}, 5)) EXPECT_TRUE(part);
  for (const auto& part : SplitByShard(shard::DeletePoints{}, 5)) EXPECT_FALSE(part);
}

}  // namespace
}  // namespace sextant::collection
