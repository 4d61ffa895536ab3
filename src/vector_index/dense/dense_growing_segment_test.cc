#include "vector_index/dense/dense_growing_segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>
#include <vector>

#include "vector_index/segment_testing.h"

namespace sextant::vector_index {
namespace {

TEST(DenseGrowingSegment, SearchEqualsBruteForceOverTheRowsOfTheView) {
  for (Distance distance : {Distance::kCosine, Distance::kEuclid, Distance::kDot, Distance::kManhattan}) {
    const ArrayRows rows(20, ClusteredVectors(20, 2500, 10, 1));
    DenseGrowingSegment growing({.dim = 20, .distance = distance}, 7);
    for (uint32_t i = 0; i < rows.size(); ++i) EXPECT_EQ(growing.Append(rows.row(i), rows.identity(i)), i);
    EXPECT_EQ(growing.rows(), rows.size());
    for (uint32_t visible : {0U, 1U, 1024U, 1500U, 2500U}) {
      SearchStats stats;
      const auto hits = growing.Search({.query = rows.row(3), .k = 12}, visible, &stats);
      ASSERT_TRUE(hits.ok());
      const auto expected = BruteForce(rows, distance, rows.values(3), 12, [&](uint32_t row) { return row < visible; });
      ASSERT_EQ(hits->size(), expected.size());
      for (size_t i = 0; i < expected.size(); ++i) EXPECT_FLOAT_EQ((*hits)[i].similarity, expected[i]);
    }
  }
}

// Bounds from codes leave out most rows and none that counts, whatever the rows look like.
TEST(DenseGrowingSegment, BoundsKeepEveryHit) {
  constexpr uint32_t kRows = 3000;
  std::mt19937 random(4);
  std::normal_distribution<float> normal;
  for (const uint32_t dim : {1U, 3U, 64U, 100U, 768U}) {
    for (const float spread : {1.0F, 1e-4F, 1e15F}) {
      for (const float offset : {0.0F, 50.0F}) {
        std::vector<float> values(size_t{kRows} * dim);
        for (size_t i = 0; i < values.size(); ++i) {
          const size_t row = i / dim;
          // Some are zero, some equal, some have one component that dwarfs all others.
          values[i] = spread * (offset + normal(random));
          if (row % 50 == 0) values[i] = 0;
          if (row % 7 == 0 && row > 51) values[i] = values[51 * dim + i % dim];
          if (i % 997 == 0) values[i] *= 1000;
        }
        const ArrayRows rows(dim, values);
        for (const Distance distance : {Distance::kDot, Distance::kEuclid}) {
          DenseGrowingSegment growing({.dim = dim, .distance = distance}, 0);
          for (uint32_t i = 0; i < kRows; ++i) growing.Append(rows.row(i), rows.identity(i));
          for (const uint32_t asked : {0U, 51U, 1234U}) {
            SearchStats stats;
            const auto hits = growing.Search({.query = rows.row(asked), .k = 10}, kRows, &stats);
            ASSERT_TRUE(hits.ok());
            const std::vector<float> expected = BruteForce(rows, distance, rows.values(asked), 10);
            ASSERT_EQ(hits->size(), expected.size());
            for (size_t i = 0; i < expected.size(); ++i)
              EXPECT_FLOAT_EQ((*hits)[i].similarity, expected[i]) << dim << " " << spread << " " << offset;
          }
        }
      }
    }
  }
}

TEST(DenseGrowingSegment, BoundsLeaveOutMostRows) {
  const ArrayRows rows(384, ClusteredVectors(384, 5000, 50, 3));
  DenseGrowingSegment growing({.dim = 384, .distance = Distance::kEuclid}, 0);
  for (uint32_t i = 0; i < rows.size(); ++i) growing.Append(rows.row(i), rows.identity(i));
  SearchStats stats;
  for (uint32_t i = 0; i < 20; ++i) ASSERT_TRUE(growing.Search({.query = rows.row(i)}, rows.size(), &stats).ok());
  EXPECT_EQ(stats.rows_scored, 20 * rows.size());
  EXPECT_LT(stats.rows_rescored, stats.rows_scored / 10);
}

TEST(DenseGrowingSegment, SearchSkipsRetiredAndRejectedRows) {
  const ArrayRows rows(8, ClusteredVectors(8, 1500, 3, 1));
  DenseGrowingSegment growing({.dim = 8, .distance = Distance::kEuclid}, 0);
  for (uint32_t i = 0; i < rows.size(); ++i) growing.Append(rows.row(i), rows.identity(i));
  for (uint32_t i = 0; i < rows.size(); i += 2) growing.Retire(i, 5);
  std::vector<uint32_t> accepted;
  for (uint32_t i = 0; i < rows.size(); i += 3) accepted.push_back(i);
  const OrdinalSet set = OrdinalSet::FromSorted(accepted);
  SearchStats stats;
  const auto now = growing.Search({.query = rows.row(0), .k = 2000, .view = 5, .accept = &set}, growing.rows(), &stats);
  ASSERT_TRUE(now.ok());
  EXPECT_EQ(now->size(), 250);
  for (const RowHit& hit : *now) EXPECT_TRUE(hit.row % 3 == 0 && hit.row % 2 == 1);
  const auto before = growing.Search({.query = rows.row(0), .k = 2000, .view = 4}, growing.rows(), &stats);
  ASSERT_TRUE(before.ok());
  EXPECT_EQ(before->size(), 1500);
}

TEST(DenseGrowingSegment, TruncateTakesBackRowsAndTheirRetirement) {
  const ArrayRows rows(4, ClusteredVectors(4, 1100, 3, 1));
  DenseGrowingSegment growing({.dim = 4, .distance = Distance::kEuclid}, 0, 1100);
  for (uint32_t i = 0; i < rows.size(); ++i) growing.Append(rows.row(i), rows.identity(i));
  EXPECT_TRUE(growing.full());
  growing.Retire(1050, 9);
  EXPECT_FALSE(growing.IsLive(1050, 9));
  growing.Truncate(1000);
  EXPECT_EQ(growing.rows(), 1000);
  EXPECT_FALSE(growing.full());
  for (uint32_t i = 0; i < 100; ++i) growing.Append(rows.row(i), rows.identity(i));
  EXPECT_TRUE(growing.IsLive(1050, 9));
  EXPECT_EQ(growing.retired_at(1050), kNever);
  EXPECT_EQ(growing.ordinal(1050), Ordinal{50});
  EXPECT_EQ(growing.identity(1051).id, rows.identity(51).id);
  EXPECT_TRUE(std::ranges::equal(rows.row(50).values, growing.Row(1050).values));
}

TEST(DenseGrowingSegment, ReadersSeeWholeRowsWhileTheWriterAppends) {
  constexpr uint32_t kDim = 64;
  DenseGrowingSegment growing({.dim = kDim, .distance = Distance::kManhattan}, 0);
  const std::vector<float> query(kDim, 0);
  std::thread writer([&] {
    for (uint32_t i = 0; i < 5000; ++i)
      growing.Append({std::vector<float>(kDim, static_cast<float>(i)), {}}, {.ordinal = Ordinal{i}});
  });
  for (uint32_t seen = 0; seen < 5000;) {
    seen = growing.rows();
    SearchStats stats;
    const auto hits = growing.Search({.query = {query, {}}, .k = seen}, seen, &stats);
    ASSERT_TRUE(hits.ok());
    ASSERT_EQ(hits->size(), seen);
    for (const RowHit& hit : *hits) ASSERT_EQ(hit.similarity, -static_cast<float>(hit.row) * kDim);
  }
  writer.join();
}

}  // namespace
}  // namespace sextant::vector_index
