#include "vector_index/multi/multi_growing_segment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "vector_index/multi/multi_testing.h"

namespace sextant::vector_index {
namespace {

SegmentSpec SpecOf(uint32_t dim, Distance distance) {
  return {.kind = VectorKind::kMulti, .dim = dim, .distance = distance};
}

void AppendAll(const MultiArrayRows& rows, MultiGrowingSegment* growing) {
  for (uint32_t i = 0; i < rows.size(); ++i) growing->Append(rows.row(i), rows.identity(i));
}

class MultiGrowingDistances : public testing::TestWithParam<Distance> {};

TEST_P(MultiGrowingDistances, SearchEqualsBruteForceOverTheRowsOfTheView) {
  for (const uint32_t dim : {1, 2, 3, 33}) {
    const MultiShape shape{.dim = dim, .most_tokens = 12, .distance = GetParam()};
    const MultiArrayRows rows(dim, RandomMulti(shape, 1500, 1));
    MultiGrowingSegment growing(SpecOf(dim, GetParam()), 0);
    AppendAll(rows, &growing);
    for (const uint32_t query_rows : {1, 5, 16, 21, 40}) {
      std::vector<float> query;
      for (const auto& row : RandomMulti(shape, 100, 2)) query.insert(query.end(), row.begin(), row.end());
      query.resize(size_t{query_rows} * dim);
      for (const uint32_t visible : {0U, 1U, 1024U, 1500U}) {
        SearchStats stats;
        const auto hits = growing.Search({.query = {query, {}}, .k = 12}, visible, &stats);
        ASSERT_TRUE(hits.ok());
        const auto expected = MultiBruteForce(rows, GetParam(), query, 12, [&](uint32_t row) { return row < visible; });
        ASSERT_EQ(hits->size(), expected.size());
        for (size_t i = 0; i < expected.size(); ++i)
          EXPECT_NEAR((*hits)[i].similarity, expected[i], 1e-4 + 1e-5 * std::fabs(expected[i])) << dim;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Distances, MultiGrowingDistances,
                         testing::Values(Distance::kCosine, Distance::kEuclid, Distance::kDot, Distance::kManhattan));

TEST(MultiGrowingSegment, SearchSkipsRetiredAndRejectedRows) {
  const MultiArrayRows rows(8, RandomMulti({.dim = 8, .distance = Distance::kEuclid}, 1500, 1));
  MultiGrowingSegment growing(SpecOf(8, Distance::kEuclid), 0);
  AppendAll(rows, &growing);
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
  uint32_t visited = 0;
  const Status status =
      growing.VisitRows({.query = {}, .view = 5, .accept = &set}, 1000, [&](uint32_t row, VectorRef values) {
        EXPECT_TRUE(std::ranges::equal(values.values, rows.row(row).values));
        ++visited;
        return OkStatus();
      });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(visited, 167);
}

TEST(MultiGrowingSegment, TruncateTakesBackRowsTheirRetirementAndMemory) {
  const MultiArrayRows rows(4, RandomMulti({.dim = 4}, 1100, 1));
  MultiGrowingSegment growing(SpecOf(4, Distance::kDot), 7, 1100);
  EXPECT_EQ(growing.first_sequence(), 7);
  AppendAll(rows, &growing);
  EXPECT_TRUE(growing.full());
  EXPECT_EQ(growing.value_bytes(), rows.tokens() * 4 * sizeof(float));
  EXPECT_GE(growing.memory_bytes(), growing.value_bytes());
  growing.Retire(1050, 9);
  EXPECT_FALSE(growing.IsLive(1050, 9));
  uint64_t taken = 0;
  for (uint32_t i = 1000; i < 1100; ++i) taken += rows.row(i).size() * sizeof(float);
  growing.Truncate(1000);
  EXPECT_EQ(growing.value_bytes(), rows.tokens() * 4 * sizeof(float) - taken);
  EXPECT_FALSE(growing.full());
  for (uint32_t i = 0; i < 100; ++i) growing.Append(rows.row(i), rows.identity(i));
  EXPECT_TRUE(growing.IsLive(1050, 9));
  EXPECT_EQ(growing.retired_at(1050), kNever);
  EXPECT_EQ(growing.ordinal(1050), Ordinal{50});
  EXPECT_EQ(growing.identity(1051).id, rows.identity(51).id);
  EXPECT_TRUE(std::ranges::equal(rows.row(50).values, growing.Row(1050).values));
}

TEST(MultiGrowingSegment, ReadersSeeWholeRowsWhileTheWriterAppends) {
  MultiGrowingSegment growing(SpecOf(2, Distance::kManhattan), 0);
  const std::vector<float> query(2, 0);
  std::thread writer([&] {
    for (uint32_t i = 0; i < 5000; ++i) {
      const std::vector<float> values(2 + 2 * (i % 7), static_cast<float>(i));
      growing.Append({values, {}}, {.ordinal = Ordinal{i}});
    }
  });
  for (uint32_t seen = 0; seen < 5000;) {
    seen = growing.rows();
    SearchStats stats;
    const auto hits = growing.Search({.query = {query, {}}, .k = seen}, seen, &stats);
    ASSERT_TRUE(hits.ok());
    ASSERT_EQ(hits->size(), seen);
    for (const RowHit& hit : *hits) ASSERT_EQ(hit.similarity, -static_cast<float>(hit.row) * 2);
  }
  writer.join();
}

TEST(MultiGrowingSegment, SearchesStopAtTheirDeadline) {
  const MultiArrayRows rows(8, RandomMulti({.dim = 8}, 10, 1));
  MultiGrowingSegment growing(SpecOf(8, Distance::kCosine), 0);
  AppendAll(rows, &growing);
  SearchStats stats;
  const SearchRequest request{.query = rows.row(0), .deadline = Deadline::After(std::chrono::milliseconds(-1))};
  EXPECT_EQ(ErrorClassOf(growing.Search(request, 10, &stats).status()), ErrorClass::kTimeout);
}

}  // namespace
}  // namespace sextant::vector_index
