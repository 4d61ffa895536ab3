#include "vector_index/sparse/sparse_sealed_segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "vector_index/sparse/sparse_testing.h"

namespace sextant::vector_index {
namespace {

struct SparseFixture {
  std::unique_ptr<storage::FileSystem> fs = storage::MakeMemoryFileSystem();
  std::unique_ptr<SparseArrayRows> rows;
  std::shared_ptr<SparseSealedSegment> segment;
};

SparseFixture MakeSparseFixture(std::unique_ptr<SparseArrayRows> rows, Datatype datatype = Datatype::kFloat32) {
  SparseFixture fixture;
  fixture.rows = std::move(rows);
  EXPECT_TRUE(fixture.fs->CreateDirs("s").ok());
  const Status written = WriteSparseSegment(fixture.fs.get(), "s", {.datatype = datatype}, *fixture.rows, {});
  EXPECT_TRUE(written.ok()) << written;
  auto opened = SparseSealedSegment::Open(fixture.fs.get(), "s", {});
  EXPECT_TRUE(opened.ok()) << opened.status();
  fixture.segment = *opened;
  return fixture;
}

SparseFixture MakeSparseFixture(std::vector<SparseVector> rows, Datatype datatype = Datatype::kFloat32) {
  return MakeSparseFixture(std::make_unique<SparseArrayRows>(std::move(rows)), datatype);
}

// Sums in another order may round to a neighbouring float: scores agree to 1e-6, and where they are equal to the last
// bit, rows do too.
void ExpectSame(const Result<std::vector<RowHit>>& found, const SparseTruth& truth, const std::string& what) {
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), truth.hits.size()) << what;
  for (size_t i = 0; i < found->size(); ++i) {
    const RowHit &hit = (*found)[i], &expected = truth.hits[i];
    ASSERT_NEAR(hit.similarity, truth.scores[i], 1e-6 * std::fabs(truth.scores[i]) + 1e-12) << what << " hit " << i;
    if (hit.similarity == expected.similarity) {
      ASSERT_EQ(hit.row, expected.row) << what << " hit " << i;
    }
  }
}

struct Shape {
  const char* name;
  SparseShape rows, queries;
  uint32_t count;
};
const Shape kShapes[] = {
    {"zipf", {.vocabulary = 3000, .terms = 40}, {.vocabulary = 3000, .terms = 8}, 30000},
    {"signed",
     {.vocabulary = 500, .terms = 20, .negative_share = 0.4},
     {.vocabulary = 500, .terms = 8, .negative_share = 0.4},
     20000},
    {"negative", {.vocabulary = 200, .terms = 10, .negative_share = 1}, {.vocabulary = 200, .terms = 5}, 9000},
    {"ties",
     {.vocabulary = 60, .terms = 6, .equal_values = true},
     {.vocabulary = 60, .terms = 4, .equal_values = true},
     20000},
    {"empty rows", {.vocabulary = 1000, .terms = 5, .empty_share = 0.7}, {.vocabulary = 1000, .terms = 6}, 12000},
    {"rare", {.vocabulary = 200000, .terms = 15, .skew = 0.2}, {.vocabulary = 200000, .terms = 30, .skew = 0.2}, 40000},
    {"long queries", {.vocabulary = 800, .terms = 15}, {.vocabulary = 800, .terms = 900}, 10000},
};

class EveryShape : public testing::TestWithParam<Shape> {};

TEST_P(EveryShape, SearchEqualsBruteForce) {
  const Shape& shape = GetParam();
  const SparseFixture fixture = MakeSparseFixture(RandomSparse(shape.rows, shape.count, 1));
  for (const SparseVector& query : RandomSparse(shape.queries, 12, 2)) {
    const SparseTruth all = SparseBruteForce(*fixture.rows, RefOf(query), 300);
    for (const uint32_t k : {1U, 10U, 300U}) {
      SparseTruth truth = all;
      truth.hits.resize(std::min<size_t>(k, all.hits.size()));
      SearchStats stats;
      ExpectSame(fixture.segment->SearchExact({.query = RefOf(query), .k = k}, &stats), truth,
                 "k " + std::to_string(k));
    }
  }
}

TEST_P(EveryShape, FiltersDeletionsAndOldViewsAreKeptApart) {
  const Shape& shape = GetParam();
  const SparseFixture fixture = MakeSparseFixture(RandomSparse(shape.rows, shape.count, 3));
  std::mt19937 random(5);
  std::vector<OperationNumber> retired(shape.count, kNever);
  for (uint32_t row = 0; row < shape.count; ++row) {
    if (random() % 3 != 0) continue;
    retired[row] = 10 + random() % 3;
    fixture.segment->Retire(row, retired[row]);
  }
  const std::vector<SparseVector> queries = RandomSparse(shape.queries, 3, 4);
  for (const double share : {0.0, 0.0005, 0.01, 0.2, 0.9, 1.0}) {
    std::vector<uint32_t> accepted;
    for (uint32_t row = 0; row < shape.count; ++row)
      if (static_cast<double>(random() % 100000) < share * 100000) accepted.push_back(row);
    std::vector<bool> in(shape.count);
    for (const uint32_t row : accepted) in[row] = true;
    const OrdinalSet set = OrdinalSet::FromSorted(accepted);
    for (const OperationNumber view : {9U, 11U, 20U}) {
      const auto passes = [&](uint32_t row) { return in[row] && retired[row] > view; };
      for (const SparseVector& query : queries) {
        SearchStats stats;
        ExpectSame(fixture.segment->SearchExact({.query = RefOf(query), .view = view, .accept = &set}, &stats),
                   SparseBruteForce(*fixture.rows, RefOf(query), 10, passes), "share " + std::to_string(share));
      }
    }
  }
}

TEST_P(EveryShape, QuantisedWeightsCountAsTheNumbersTheyStandFor) {
  const Shape& shape = GetParam();
  for (const Datatype datatype : {Datatype::kFloat16, Datatype::kUint8}) {
    const SparseFixture fixture = MakeSparseFixture(RandomSparse(shape.rows, shape.count / 2, 6), datatype);
    // The range of each index, as its weights are divided.
    std::map<uint32_t, std::pair<float, float>> ranges;
    for (uint32_t i = 0; i < fixture.rows->size(); ++i) {
      const VectorRef row = fixture.rows->row(i);
      for (size_t j = 0; j < row.size(); ++j) {
        auto& [min, max] = ranges.try_emplace(row.indices[j], row.values[j], row.values[j]).first->second;
        min = std::min(min, row.values[j]);
        max = std::max(max, row.values[j]);
      }
    }
    const WeightOf weight = [&](uint32_t index, float value) {
      return WeightCodec(datatype, ranges.at(index).first, ranges.at(index).second).Round(value);
    };
    std::vector<uint32_t> few;
    for (uint32_t row = 0; row < fixture.rows->size(); row += 400) few.push_back(row);
    const OrdinalSet set = OrdinalSet::FromSorted(few);
    for (const SparseVector& query : RandomSparse(shape.queries, 4, 7)) {
      for (const OrdinalSet* accept : {static_cast<const OrdinalSet*>(nullptr), &set}) {
        SearchStats stats;
        const auto found = fixture.segment->SearchExact({.query = RefOf(query), .k = 20, .accept = accept}, &stats);
        ExpectSame(found,
                   SparseBruteForce(
                       *fixture.rows, RefOf(query), 20,
                       [&](uint32_t row) { return accept == nullptr || row % 400 == 0; }, weight),
                   "quantised");
      }
    }
  }
}

TEST_P(EveryShape, CountsEqualThoseOfTheLiveAcceptedRows) {
  const Shape& shape = GetParam();
  const SparseFixture fixture = MakeSparseFixture(RandomSparse(shape.rows, shape.count / 2, 8));
  const std::vector<SparseVector> queries = RandomSparse(shape.queries, 3, 9);
  std::vector<uint32_t> few, half;
  for (uint32_t row = 0; row < fixture.rows->size(); ++row) {
    if (row % 700 == 3) few.push_back(row);
    if (row % 2 == 0) half.push_back(row);
  }
  const OrdinalSet few_set = OrdinalSet::FromSorted(few), half_set = OrdinalSet::FromSorted(half);
  for (const bool some_retired : {false, true}) {
    for (uint32_t row = 0; some_retired && row < fixture.rows->size(); row += 3) fixture.segment->Retire(row, 50);
    for (const OrdinalSet* accept : {static_cast<const OrdinalSet*>(nullptr), &few_set, &half_set}) {
      for (const OperationNumber view : {49U, 50U}) {
        for (const SparseVector& query : queries) {
          DocumentFrequencies expected;
          expected.counts.resize(query.indices.size());
          for (uint32_t i = 0; i < fixture.rows->size(); ++i) {
            if (some_retired && view == 50 && i % 3 == 0) continue;
            if (accept != nullptr && !accept->Contains(Ordinal{i})) continue;
            const VectorRef row = fixture.rows->row(i);
            ++expected.rows;
            expected.empty_rows += row.size() == 0 ? 1 : 0;
            for (size_t j = 0; j < query.indices.size(); ++j)
              expected.counts[j] += std::binary_search(row.indices.begin(), row.indices.end(), query.indices[j]);
          }
          const auto found = fixture.segment->CountDocuments({.query = RefOf(query), .view = view, .accept = accept});
          ASSERT_TRUE(found.ok());
          EXPECT_EQ(found->rows, expected.rows);
          EXPECT_EQ(found->empty_rows, expected.empty_rows);
          EXPECT_EQ(found->counts, expected.counts);
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, EveryShape, testing::ValuesIn(kShapes), [](const auto& param) {
  std::string name = param.param.name;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

TEST(SparseSealedSegment, KeepsRowsAndIdentities) {
  auto rows = std::make_unique<SparseArrayRows>(RandomSparse({.empty_share = 0.2}, 700, 1));
  rows->first_ordinal = 5000;
  rows->ordinal_step = 300;  // sparse: no direct table
  const SparseFixture fixture = MakeSparseFixture(std::move(rows), Datatype::kUint8);
  EXPECT_EQ(fixture.segment->rows(), 700);
  EXPECT_EQ(fixture.segment->spec().datatype, Datatype::kUint8);
  for (uint32_t i = 0; i < 700; ++i) {
    const RowIdentity expected = fixture.rows->identity(i);
    const std::optional<uint32_t> row = fixture.segment->RowOf(expected.ordinal);
    ASSERT_TRUE(row.has_value());
    EXPECT_EQ(fixture.segment->ordinal(*row), expected.ordinal);
    EXPECT_EQ(fixture.segment->identity(*row).id, expected.id);
    EXPECT_EQ(fixture.segment->identity(*row).version, expected.version);
    EXPECT_EQ(CopyOf(fixture.segment->Row(*row, nullptr)), CopyOf(fixture.rows->row(i)));
  }
  EXPECT_FALSE(fixture.segment->RowOf(Ordinal{0}).has_value());
  EXPECT_FALSE(fixture.segment->RowOf(Ordinal{5001}).has_value());
}

TEST(SparseSealedSegment, ScoresOfZeroAndBelowAreHitsIfAnIndexIsShared) {
  const SparseFixture fixture =
      MakeSparseFixture({{{1, 2}, {1, -1}}, {{1}, {-3}}, {{7}, {5}}, {{}, {}}, {{UINT32_MAX}, {0}}});
  const auto search = [&](const SparseVector& query) {
    SearchStats stats;
    const auto found = fixture.segment->SearchExact({.query = RefOf(query)}, &stats);
    EXPECT_TRUE(found.ok());
    std::vector<std::pair<uint32_t, float>> hits;
    for (const RowHit& hit : *found) hits.emplace_back(hit.row, hit.similarity);
    return hits;
  };
  using Hits = std::vector<std::pair<uint32_t, float>>;
  EXPECT_EQ(search({{1, 2}, {1, 1}}), (Hits{{0, 0}, {1, -3}}));
  EXPECT_EQ(search({{7}, {0}}), (Hits{{2, 0}}));
  EXPECT_EQ(search({{UINT32_MAX}, {-1}}), (Hits{{4, 0}}));
  EXPECT_EQ(search({{3, 8}, {1, 1}}), Hits());
  EXPECT_EQ(search({}), Hits());
}

TEST(SparseSealedSegment, OneRowAndRowsWithoutAnyElementAreSegmentsToo) {
  const SparseFixture one = MakeSparseFixture({{{9}, {2}}});
  SearchStats stats;
  const SparseVector query{{9}, {3}};
  const auto found = one.segment->SearchExact({.query = RefOf(query)}, &stats);
  ASSERT_TRUE(found.ok() && found->size() == 1);
  EXPECT_EQ(found->front().similarity, 6);
  const SparseFixture empty = MakeSparseFixture(std::vector<SparseVector>(3));
  const auto none = empty.segment->SearchExact({.query = RefOf(query)}, &stats);
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->empty());
  EXPECT_EQ(empty.segment->Row(2, nullptr).size(), 0);
  EXPECT_EQ(empty.segment->CountDocuments({.query = RefOf(query)})->empty_rows, 3);
}

TEST(SparseSealedSegment, EqualRowsRankByTheirNumber) {
  const SparseFixture fixture = MakeSparseFixture(std::vector<SparseVector>(30000, {{1, 5, 8}, {0.1F, 0.7F, 0.3F}}));
  const SparseVector query{{1, 5, 8}, {0.3F, 0.9F, 1.1F}};
  std::vector<uint32_t> late;
  for (uint32_t row = 29000; row < 29100; ++row) late.push_back(row);
  const OrdinalSet set = OrdinalSet::FromSorted(late);
  for (const OrdinalSet* accept : {static_cast<const OrdinalSet*>(nullptr), &set}) {
    SearchStats stats;
    const auto found = fixture.segment->SearchExact({.query = RefOf(query), .k = 20, .accept = accept}, &stats);
    ASSERT_TRUE(found.ok() && found->size() == 20);
    for (uint32_t i = 0; i < 20; ++i) EXPECT_EQ((*found)[i].row, (accept == nullptr ? 0 : 29000) + i);
  }
}

TEST(SparseSealedSegment, BoundsSkipMostOfTheRowsOfFrequentIndices) {
  const SparseShape shape{.vocabulary = 20000, .terms = 40};
  const SparseFixture fixture = MakeSparseFixture(RandomSparse(shape, 40000, 1));
  // Weighted as by IDF: frequent indices count little.
  const SparseVector query{{0, 7100, 7919}, {0.05F, 4, 0.2F}};
  SearchStats stats;
  ExpectSame(fixture.segment->SearchExact({.query = RefOf(query)}, &stats),
             SparseBruteForce(*fixture.rows, RefOf(query), 10), "idf");
  EXPECT_LT(stats.rows_scored, 12000);
}

TEST(SparseSealedSegment, ZeroHitsAreAskedForAndGiven) {
  const SparseFixture fixture = MakeSparseFixture(RandomSparse({}, 200, 1));
  const OrdinalSet none;
  SearchStats stats;
  const auto nothing = fixture.segment->SearchExact({.query = fixture.rows->row(0), .k = 0}, &stats);
  const auto nobody = fixture.segment->SearchExact({.query = fixture.rows->row(0), .accept = &none}, &stats);
  ASSERT_TRUE(nothing.ok() && nobody.ok());
  EXPECT_TRUE(nothing->empty());
  EXPECT_TRUE(nobody->empty());
}

TEST(SparseSealedSegment, SearchesAndCountsStopAtTheirDeadline) {
  const SparseFixture fixture = MakeSparseFixture(RandomSparse({}, 5000, 1));
  fixture.segment->Retire(0, 1);
  const Deadline past = Deadline::After(std::chrono::milliseconds(-1));
  const OrdinalSet few = OrdinalSet::FromSorted({1, 2, 3});
  const VectorRef query = fixture.rows->row(0);
  for (const OrdinalSet* accept : {static_cast<const OrdinalSet*>(nullptr), &few}) {
    SearchStats stats;
    EXPECT_EQ(ErrorClassOf(
                  fixture.segment->SearchExact({.query = query, .accept = accept, .deadline = past}, &stats).status()),
              ErrorClass::kTimeout);
    EXPECT_EQ(
        ErrorClassOf(fixture.segment->CountDocuments({.query = {{}, query.indices}, .accept = accept, .deadline = past})
                         .status()),
        ErrorClass::kTimeout);
  }
}

TEST(SparseSealedSegment, ACancelledBuildStops) {
  auto fs = storage::MakeMemoryFileSystem();
  ASSERT_TRUE(fs->CreateDirs("s").ok());
  CancelToken cancel;
  cancel.Cancel();
  const SparseArrayRows rows(RandomSparse({}, 100, 1));
  const Status status = WriteSparseSegment(fs.get(), "s", {}, rows, {.cancel = &cancel});
  EXPECT_EQ(ErrorClassOf(status), ErrorClass::kUnavailable);
}

}  // namespace
}  // namespace sextant::vector_index
