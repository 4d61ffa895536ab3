#include "vector_index/sparse/sparse_growing_segment.h"

#include <gtest/gtest.h>

#include <thread>

#include "vector_index/sparse/sparse_testing.h"

namespace sextant::vector_index {
namespace {

void Fill(const SparseArrayRows& rows, SparseGrowingSegment* growing) {
  for (uint32_t i = 0; i < rows.size(); ++i) ASSERT_EQ(growing->Append(rows.row(i), rows.identity(i)), i);
}

void ExpectSame(const Result<std::vector<RowHit>>& found, const SparseTruth& truth) {
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), truth.hits.size());
  for (size_t i = 0; i < found->size(); ++i) {
    EXPECT_EQ((*found)[i].row, truth.hits[i].row);
    EXPECT_EQ((*found)[i].similarity, truth.hits[i].similarity);
  }
}

TEST(SparseGrowingSegment, SearchEqualsBruteForceOverTheRowsOfTheView) {
  for (const SparseShape& shape :
       {SparseShape{.vocabulary = 400, .terms = 20, .negative_share = 0.3},
        SparseShape{.vocabulary = 50, .terms = 5, .empty_share = 0.5, .equal_values = true}}) {
    const SparseArrayRows rows(RandomSparse(shape, 3500, 1));
    SparseGrowingSegment growing(7);
    Fill(rows, &growing);
    EXPECT_EQ(growing.rows(), rows.size());
    for (const uint32_t visible : {0U, 1U, 1023U, 1024U, 1025U, 2048U, 2500U, 3500U}) {
      for (const SparseVector& query : RandomSparse(shape, 5, 2)) {
        SearchStats stats;
        ExpectSame(growing.Search({.query = RefOf(query), .k = 12}, visible, &stats),
                   SparseBruteForce(rows, RefOf(query), 12, [&](uint32_t row) { return row < visible; }));
      }
    }
  }
}

TEST(SparseGrowingSegment, SearchAndCountsSkipRetiredAndRejectedRows) {
  const SparseShape shape{.vocabulary = 100, .terms = 10, .empty_share = 0.1};
  const SparseArrayRows rows(RandomSparse(shape, 2500, 1));
  SparseGrowingSegment growing(0);
  Fill(rows, &growing);
  for (uint32_t row = 0; row < rows.size(); row += 2) growing.Retire(row, 5);
  std::vector<uint32_t> accepted;
  for (uint32_t row = 0; row < rows.size(); row += 3) accepted.push_back(row);
  const OrdinalSet set = OrdinalSet::FromSorted(accepted);
  const SparseVector query = RandomSparse({.vocabulary = 100, .terms = 10}, 1, 2)[0];
  for (const OperationNumber view : {4U, 5U}) {
    for (const OrdinalSet* accept : {static_cast<const OrdinalSet*>(nullptr), &set}) {
      const auto passes = [&](uint32_t row) {
        return (view == 4 || row % 2 == 1) && (accept == nullptr || row % 3 == 0);
      };
      SearchStats stats;
      ExpectSame(growing.Search({.query = RefOf(query), .k = 3000, .view = view, .accept = accept}, 2500, &stats),
                 SparseBruteForce(rows, RefOf(query), 3000, passes));
      DocumentFrequencies expected;
      expected.counts.resize(query.indices.size());
      for (uint32_t i = 0; i < rows.size(); ++i) {
        if (!passes(i)) continue;
        ++expected.rows;
        expected.empty_rows += rows.row(i).size() == 0 ? 1 : 0;
        for (size_t j = 0; j < query.indices.size(); ++j)
          expected.counts[j] +=
              SparseBruteForce(rows, {{&query.values[j], 1}, {&query.indices[j], 1}}, 1, [&](uint32_t row) {
                return row == i;
              }).hits.size();
      }
      const auto found = growing.CountDocuments({.query = RefOf(query), .view = view, .accept = accept}, 2500);
      ASSERT_TRUE(found.ok());
      EXPECT_EQ(found->rows, expected.rows);
      EXPECT_EQ(found->empty_rows, expected.empty_rows);
      EXPECT_EQ(found->counts, expected.counts);
    }
  }
}

TEST(SparseGrowingSegment, TruncateTakesBackRowsAndTheirRetirement) {
  const SparseArrayRows rows(RandomSparse({}, 1100, 1));
  SparseGrowingSegment growing(0, 1100);
  Fill(rows, &growing);
  EXPECT_TRUE(growing.full());
  growing.Retire(1050, 9);
  EXPECT_FALSE(growing.IsLive(1050, 9));
  const uint64_t memory = growing.memory_bytes();
  growing.Truncate(1000);
  EXPECT_EQ(growing.rows(), 1000);
  EXPECT_FALSE(growing.full());
  EXPECT_LT(growing.memory_bytes(), memory);
  // Other rows than before: the inverted index of the first chunk is made anew.
  for (uint32_t i = 0; i < 100; ++i) growing.Append(rows.row(i), rows.identity(i));
  EXPECT_TRUE(growing.IsLive(1050, 9));
  EXPECT_EQ(growing.retired_at(1050), kNever);
  EXPECT_EQ(growing.ordinal(1050), Ordinal{50});
  EXPECT_EQ(growing.identity(1051).id, rows.identity(51).id);
  EXPECT_EQ(CopyOf(growing.Row(1050)), CopyOf(rows.row(50)));
  std::vector<SparseVector> expected;
  for (uint32_t i = 0; i < 1100; ++i) expected.push_back(CopyOf(rows.row(i < 1000 ? i : i - 1000)));
  SearchStats stats;
  ExpectSame(growing.Search({.query = rows.row(5), .k = 1100}, 1100, &stats),
             SparseBruteForce(SparseArrayRows(expected), rows.row(5), 1100));
}

TEST(SparseGrowingSegment, SearchesStopAtTheirDeadline) {
  const SparseArrayRows rows(RandomSparse({}, 10, 1));
  SparseGrowingSegment growing(0);
  Fill(rows, &growing);
  const Deadline past = Deadline::After(std::chrono::milliseconds(-1));
  SearchStats stats;
  EXPECT_EQ(ErrorClassOf(growing.Search({.query = rows.row(0), .deadline = past}, 10, &stats).status()),
            ErrorClass::kTimeout);
  EXPECT_EQ(ErrorClassOf(growing.CountDocuments({.query = {{}, rows.row(0).indices}, .deadline = past}, 10).status()),
            ErrorClass::kTimeout);
}

TEST(SparseGrowingSegment, ReadersSeeWholeRowsWhileTheWriterAppends) {
  constexpr uint32_t kRows = 5000;
  SparseGrowingSegment growing(0);
  const SparseVector query{{0, 1}, {1, 1}};
  std::thread writer([&] {
    for (uint32_t i = 0; i < kRows; ++i) {
      const SparseVector row{{0, 1, 2 + i}, {static_cast<float>(i), static_cast<float>(i), 1}};
      growing.Append(RefOf(row), {.ordinal = Ordinal{i}});
    }
  });
  for (uint32_t seen = 0; seen < kRows;) {
    seen = growing.rows();
    SearchStats stats;
    const auto hits = growing.Search({.query = RefOf(query), .k = seen}, seen, &stats);
    ASSERT_TRUE(hits.ok());
    ASSERT_EQ(hits->size(), seen);
    for (const RowHit& hit : *hits) ASSERT_EQ(hit.similarity, 2 * static_cast<float>(hit.row));
  }
  writer.join();
}

}  // namespace
}  // namespace sextant::vector_index
