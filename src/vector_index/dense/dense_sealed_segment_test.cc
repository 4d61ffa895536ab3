#include "vector_index/dense/dense_sealed_segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <set>

#include "types/vector_math.h"
#include "vector_index/row_similarity.h"
#include "vector_index/segment_testing.h"

namespace sextant::vector_index {
namespace {

constexpr uint32_t kQueries = 30;
constexpr uint32_t kFewQueries = 10;  // where brute force takes long

// A segment in memory, its source and queries for it.
struct Fixture {
  std::unique_ptr<storage::FileSystem> fs = storage::MakeMemoryFileSystem();
  std::unique_ptr<ArrayRows> rows;
  std::shared_ptr<DenseSealedSegment> segment;
  std::vector<float> queries;

  const float* query(uint32_t i) const { return queries.data() + size_t{i} * rows->dim(); }
  VectorRef query_row(uint32_t i) const { return {{query(i), rows->dim()}, {}}; }
  // The row of the source that became `row` of the segment.
  uint32_t SourceOf(uint32_t row) const {
    return (Index(segment->ordinal(row)) - rows->first_ordinal) / rows->ordinal_step;
  }
};

Fixture MakeFixture(std::unique_ptr<ArrayRows> rows, SegmentSpec spec, BuildOptions options = {}) {
  Fixture fixture;
  fixture.rows = std::move(rows);
  spec.dim = fixture.rows->dim();
  EXPECT_TRUE(fixture.fs->CreateDirs("s").ok());
  const Status written = WriteDenseSegment(fixture.fs.get(), "s", spec, *fixture.rows, options);
  EXPECT_TRUE(written.ok()) << written;
  auto opened = DenseSealedSegment::Open(fixture.fs.get(), "s", {});
  EXPECT_TRUE(opened.ok()) << opened.status();
  fixture.segment = *opened;
  return fixture;
}

Fixture MakeClustered(Distance distance, uint32_t count, uint32_t dim = 48) {
  std::vector<float> values = ClusteredVectors(dim, count, 1 + count / 100, 1);
  std::vector<float> queries = ClusteredVectors(dim, kQueries, 1 + count / 100, 2);
  if (distance == Distance::kCosine) {
    NormalizeRows(dim, &values);
    NormalizeRows(dim, &queries);
  }
  Fixture fixture = MakeFixture(std::make_unique<ArrayRows>(dim, std::move(values)), {.distance = distance});
  fixture.queries = std::move(queries);
  return fixture;
}

class EveryDistance : public testing::TestWithParam<Distance> {};

TEST_P(EveryDistance, ExactSearchEqualsBruteForce) {
  const Fixture fixture = MakeClustered(GetParam(), 3000);
  for (uint32_t i = 0; i < kQueries; ++i) {
    SearchStats stats;
    const auto hits = Unwrap(fixture.segment->SearchExact({.query = fixture.query_row(i), .k = 25}, &stats));
    const std::vector<float> expected = BruteForce(*fixture.rows, GetParam(), fixture.query(i), 25);
    ASSERT_EQ(hits.size(), expected.size());
    for (size_t j = 0; j < hits.size(); ++j) EXPECT_FLOAT_EQ(hits[j].similarity, expected[j]);
    EXPECT_EQ(stats.rows_scored, 3000);
  }
}

TEST_P(EveryDistance, GraphAndScanReachTheirRecallFloors) {
  const Fixture fixture = MakeClustered(GetParam(), 6000);
  double graph = 0, scan = 0;
  SearchStats graph_stats, scan_stats;
  for (uint32_t i = 0; i < kQueries; ++i) {
    const SearchRequest request{.query = fixture.query_row(i), .k = 10, .ef = 100};
    const std::vector<float> expected = BruteForce(*fixture.rows, GetParam(), fixture.query(i), 10);
    graph += Recall(Unwrap(fixture.segment->SearchGraph(request, &graph_stats)), expected) / kQueries;
    scan += Recall(Unwrap(fixture.segment->SearchScan(request, &scan_stats)), expected) / kQueries;
  }
  EXPECT_GE(graph, 0.97);
  EXPECT_GE(scan, 0.999);
  EXPECT_EQ(graph_stats.graph_searches, kQueries);
  EXPECT_LT(graph_stats.rows_scored, kQueries * 6000 / 2);
  EXPECT_EQ(scan_stats.rows_scored, kQueries * 6000);
}

TEST_P(EveryDistance, FilteredSearchFindsTheAcceptedRowsAtEverySelectivity) {
  Fixture fixture = MakeClustered(GetParam(), 20000, 24);
  std::mt19937 random(3);
  for (double share : {0.9, 0.5, 0.2, 0.02, 0.001}) {
    std::vector<uint32_t> accepted;
    for (uint32_t i = 0; i < fixture.rows->size(); ++i)
      if (std::uniform_real_distribution<>()(random) < share) accepted.push_back(i);
    const std::set<uint32_t> in(accepted.begin(), accepted.end());
    const OrdinalSet set = OrdinalSet::FromSorted(accepted);
    double recall = 0;
    for (uint32_t i = 0; i < kQueries; ++i) {
      SearchStats stats;
      const auto hits = Unwrap(
          fixture.segment->SearchGraph({.query = fixture.query_row(i), .k = 10, .ef = 64, .accept = &set}, &stats));
      EXPECT_EQ(hits.size(), std::min<size_t>(10, accepted.size())) << share;
      for (const RowHit& hit : hits) EXPECT_TRUE(in.contains(fixture.SourceOf(hit.row)));
      recall += Recall(hits, BruteForce(*fixture.rows, GetParam(), fixture.query(i), 10,
                                        [&](uint32_t row) { return in.contains(row); })) /
                kQueries;
    }
    EXPECT_GE(recall, 0.95) << "share " << share;
  }
}

// The points least similar to a group of queries: what is near a query is rejected.
TEST_P(EveryDistance, FiltersAgainstTheQueryCostNoRecall) {
  Fixture fixture = MakeClustered(GetParam(), 30000, 24);
  VectorParams params;
  params.distance = GetParam();
  const RowSimilarity similarity(params);
  for (double share : {0.5, 0.2, 0.05}) {
    double recall = 0;
    for (uint32_t i = 0; i < kFewQueries; ++i) {
      std::vector<std::pair<float, uint32_t>> ranked;
      for (uint32_t row = 0; row < fixture.rows->size(); ++row)
        ranked.emplace_back(similarity(fixture.query_row(i), fixture.rows->row(row)), row);
      std::sort(ranked.begin(), ranked.end());
      std::vector<uint32_t> accepted;
      for (size_t j = 0; j < share * ranked.size(); ++j) accepted.push_back(ranked[j].second);
      std::sort(accepted.begin(), accepted.end());
      const OrdinalSet set = OrdinalSet::FromSorted(accepted);
      SearchStats stats;
      const SearchRequest request{
          .query = fixture.query_row(i), .k = 10, .ef = 64, .accept = &set, .accept_share = share};
      const auto hits = Unwrap(fixture.segment->SearchGraph(request, &stats));
      recall += Recall(hits, BruteForce(*fixture.rows, GetParam(), fixture.query(i), 10,
                                        [&](uint32_t row) { return set.Contains(Ordinal{row}); })) /
                kFewQueries;
    }
    EXPECT_GE(recall, 0.95) << "share " << share;
  }
}

// A guess at the share of a filter that is wrong for this segment: of a filter by time, say.
TEST_P(EveryDistance, AWrongGuessAtTheShareOfAFilterCostsNoRecall) {
  Fixture fixture = MakeClustered(GetParam(), 20000, 24);
  for (const auto& [accepts_each, guess] : {std::pair(2u, 0.02), {3u, 1.0}, {40u, 0.5}}) {
    std::vector<uint32_t> accepted;
    for (uint32_t row = 0; row < fixture.rows->size(); row += accepts_each) accepted.push_back(row);
    const OrdinalSet set = OrdinalSet::FromSorted(accepted);
    double recall = 0;
    for (uint32_t i = 0; i < kFewQueries; ++i) {
      SearchStats stats;
      const SearchRequest request{
          .query = fixture.query_row(i), .k = 10, .ef = 64, .accept = &set, .accept_share = guess};
      const auto hits = Unwrap(fixture.segment->SearchGraph(request, &stats));
      recall += Recall(hits, BruteForce(*fixture.rows, GetParam(), fixture.query(i), 10,
                                        [&](uint32_t row) { return row % accepts_each == 0; })) /
                kFewQueries;
    }
    EXPECT_GE(recall, 0.95) << "one in " << accepts_each;
  }
}

INSTANTIATE_TEST_SUITE_P(Distances, EveryDistance,
                         testing::Values(Distance::kCosine, Distance::kEuclid, Distance::kDot, Distance::kManhattan));

struct CodesCase {
  Distance distance;
  CodeFormat format;
};
class EveryCodeFormat : public testing::TestWithParam<CodesCase> {};

TEST_P(EveryCodeFormat, SearchesReachTheirRecallFloorsAndEstimatesAreNear) {
  const auto [distance, format] = GetParam();
  constexpr uint32_t kDim = 150, kRows = 5000;
  std::vector<float> values = ClusteredVectors(kDim, kRows, 50, 1), queries = ClusteredVectors(kDim, kQueries, 50, 2);
  if (distance == Distance::kCosine) {
    NormalizeRows(kDim, &values);
    NormalizeRows(kDim, &queries);
  }
  Fixture fixture =
      MakeFixture(std::make_unique<ArrayRows>(kDim, std::move(values)), {.distance = distance, .codes = {format}});
  fixture.queries = std::move(queries);
  EXPECT_EQ(fixture.segment->spec().codes.format, format);
  std::vector<uint32_t> accepted;
  for (uint32_t row = 0; row < kRows; row += 5) accepted.push_back(row);
  const OrdinalSet fifth = OrdinalSet::FromSorted(accepted);
  double graph = 0, scan = 0, filtered = 0;
  for (uint32_t i = 0; i < kQueries; ++i) {
    SearchStats stats;
    SearchRequest request{.query = fixture.query_row(i), .k = 10, .ef = 150};
    const std::vector<float> expected = BruteForce(*fixture.rows, distance, fixture.query(i), 10);
    const auto exact = Unwrap(fixture.segment->SearchExact(request, &stats));
    EXPECT_EQ(Recall(exact, expected), 1);
    graph += Recall(Unwrap(fixture.segment->SearchGraph(request, &stats)), expected) / kQueries;
    scan += Recall(Unwrap(fixture.segment->SearchScan(request, &stats)), expected) / kQueries;

    request.rescore = false;
    const uint64_t rescored = stats.rows_rescored;
    const auto estimated = Unwrap(fixture.segment->SearchScan(request, &stats));
    ASSERT_EQ(estimated.size(), 10u);
    EXPECT_EQ(stats.rows_rescored, rescored);
    const float spread = std::fabs(exact[0].similarity) + std::fabs(exact[9].similarity);
    for (size_t j = 0; j < 10; ++j) EXPECT_NEAR(estimated[j].similarity, exact[j].similarity, spread / 2);

    request.rescore = true;
    request.accept = &fifth;
    filtered +=
        Recall(Unwrap(fixture.segment->SearchGraph(request, &stats)),
               BruteForce(*fixture.rows, distance, fixture.query(i), 10, [](uint32_t row) { return row % 5 == 0; })) /
        kQueries;
  }
  const bool coarse = format == CodeFormat::kPacked1;
  EXPECT_GE(graph, coarse ? 0.93 : 0.97);
  EXPECT_GE(scan, coarse ? 0.93 : 0.99);
  EXPECT_GE(filtered, coarse ? 0.93 : 0.95);
}

TEST_P(EveryCodeFormat, DegenerateRowsAreFound) {
  const auto [distance, format] = GetParam();
  for (const uint32_t dim : {2U, 3U, 17U, 2048U}) {
    std::vector<float> values(300 * dim, 0.0F);
    for (uint32_t row = 100; row < 300; ++row)
      for (uint32_t d = 0; d < dim; ++d) values[row * dim + d] = row < 200 ? 1.0F : static_cast<float>(row % 7 + d % 3);
    if (distance == Distance::kCosine) NormalizeRows(dim, &values);
    const Fixture fixture =
        MakeFixture(std::make_unique<ArrayRows>(dim, std::move(values)), {.distance = distance, .codes = {format}});
    for (const uint32_t row : {0U, 150U, 299U}) {
      SearchStats stats;
      const float* const query = fixture.rows->values(row);
      const SearchRequest request{.query = {{query, dim}, {}}, .k = 5, .ef = 300};
      const std::vector<float> expected = BruteForce(*fixture.rows, distance, query, 5);
      EXPECT_EQ(Recall(Unwrap(fixture.segment->SearchGraph(request, &stats)), expected), 1) << dim << " row " << row;
      EXPECT_EQ(Recall(Unwrap(fixture.segment->SearchScan(request, &stats)), expected), 1) << dim << " row " << row;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryCodeFormat,
                         testing::Values(CodesCase{Distance::kCosine, CodeFormat::kPacked4},
                                         CodesCase{Distance::kCosine, CodeFormat::kPacked2},
                                         CodesCase{Distance::kCosine, CodeFormat::kPacked1},
                                         CodesCase{Distance::kEuclid, CodeFormat::kPacked4},
                                         CodesCase{Distance::kEuclid, CodeFormat::kPacked1},
                                         CodesCase{Distance::kDot, CodeFormat::kPacked2},
                                         CodesCase{Distance::kManhattan, CodeFormat::kPacked1}));

TEST(DenseSealedSegment, KeepsRowsAndIdentities) {
  auto rows = std::make_unique<ArrayRows>(20, ClusteredVectors(20, 700, 5, 9));
  rows->first_ordinal = 5000;
  rows->ordinal_step = 300;  // sparse: no direct table
  const Fixture fixture = MakeFixture(std::move(rows), {.distance = Distance::kEuclid, .m = 8, .ef_construct = 50});
  EXPECT_EQ(fixture.segment->rows(), 700);
  EXPECT_TRUE(fixture.segment->has_graph());
  EXPECT_EQ(fixture.segment->spec().m, 8);
  EXPECT_EQ(fixture.segment->spec().ef_construct, 50);
  RowScratch scratch;
  for (uint32_t i = 0; i < 700; ++i) {
    const RowIdentity expected = fixture.rows->identity(i);
    const std::optional<uint32_t> row = fixture.segment->RowOf(expected.ordinal);
    ASSERT_TRUE(row.has_value());
    EXPECT_EQ(fixture.segment->identity(*row).id, expected.id);
    EXPECT_EQ(fixture.segment->identity(*row).version, expected.version);
    EXPECT_TRUE(std::ranges::equal(fixture.rows->row(i).values, fixture.segment->Row(*row, &scratch).values));
  }
  EXPECT_FALSE(fixture.segment->RowOf(Ordinal{0}).has_value());
  EXPECT_FALSE(fixture.segment->RowOf(Ordinal{5001}).has_value());
  EXPECT_FALSE(fixture.segment->RowOf(Ordinal{5000 + 700 * 300}).has_value());
}

// Rows of every datatype and distance: kept as they were given, found by exact and approximate searches.
TEST(DenseSealedSegment, DatatypesKeepTheirValuesAndAreSearched) {
  for (Datatype datatype : {Datatype::kFloat16, Datatype::kUint8}) {
    for (Distance distance : {Distance::kCosine, Distance::kEuclid, Distance::kDot, Distance::kManhattan}) {
      constexpr uint32_t kDim = 33, kRows = 4000;
      VectorParams params;
      params.size = kDim;
      params.distance = distance;
      params.datatype = datatype;
      const auto prepared = [&](uint32_t count, uint32_t seed) {
        std::vector<float> values = ClusteredVectors(kDim, count, 40, seed);
        for (float& value : values) value = 100 + 30 * value;
        for (size_t i = 0; i < values.size(); i += kDim) {
          VectorValue row = DenseVector(values.begin() + static_cast<ptrdiff_t>(i),
                                        values.begin() + static_cast<ptrdiff_t>(i + kDim));
          PrepareVector(params, &row);
          std::ranges::copy(std::get<DenseVector>(row), values.begin() + static_cast<ptrdiff_t>(i));
        }
        return values;
      };
      Fixture fixture = MakeFixture(std::make_unique<ArrayRows>(kDim, prepared(kRows, 1)),
                                    {.datatype = datatype, .distance = distance});
      fixture.queries = prepared(kQueries, 2);
      EXPECT_EQ(fixture.segment->spec().datatype, datatype);
      EXPECT_EQ(fixture.segment->value_bytes(), kRows * kDim * (datatype == Datatype::kUint8 ? 1 : 2));
      RowScratch scratch;
      for (uint32_t row = 0; row < kRows; ++row)
        ASSERT_TRUE(std::ranges::equal(fixture.segment->Row(row, &scratch).values,
                                       fixture.rows->row(fixture.SourceOf(row)).values));
      double graph = 0, scan = 0;
      SearchStats stats;
      const RowSimilarity similarity(params);
      for (uint32_t i = 0; i < kQueries; ++i) {
        std::vector<float> expected;
        for (uint32_t row = 0; row < kRows; ++row)
          expected.push_back(similarity(fixture.query_row(i), fixture.rows->row(row)));
        std::partial_sort(expected.begin(), expected.begin() + 10, expected.end(), std::greater<>());
        expected.resize(10);
        const SearchRequest request{.query = fixture.query_row(i), .k = 10, .ef = 100};
        EXPECT_EQ(Recall(Unwrap(fixture.segment->SearchExact(request, &stats)), expected), 1);
        graph += Recall(Unwrap(fixture.segment->SearchGraph(request, &stats)), expected) / kQueries;
        scan += Recall(Unwrap(fixture.segment->SearchScan(request, &stats)), expected) / kQueries;
      }
      EXPECT_GE(graph, 0.95) << DatatypeName(datatype) << " " << static_cast<int>(distance);
      EXPECT_GE(scan, 0.99) << DatatypeName(datatype) << " " << static_cast<int>(distance);
    }
  }
}

TEST(DenseSealedSegment, SearchesSkipRowsRetiredBeforeTheirView) {
  Fixture fixture = MakeClustered(Distance::kEuclid, 4000);
  std::set<uint32_t> dead;
  std::mt19937 random(4);
  // All rows near the first query die, and half of the others.
  SearchStats stats;
  for (const RowHit& hit : Unwrap(fixture.segment->SearchExact({.query = fixture.query_row(0), .k = 500}, &stats)))
    dead.insert(hit.row);
  for (uint32_t row = 0; row < 4000; ++row)
    if (random() % 2 == 0) dead.insert(row);
  for (uint32_t row : dead) fixture.segment->Retire(row, 70);
  for (uint32_t i = 0; i < kQueries; ++i) {
    SearchRequest request{.query = fixture.query_row(i), .k = 10, .ef = 64, .view = 70};
    for (const auto& hits :
         {Unwrap(fixture.segment->SearchGraph(request, &stats)), Unwrap(fixture.segment->SearchScan(request, &stats)),
          Unwrap(fixture.segment->SearchExact(request, &stats))}) {
      EXPECT_EQ(hits.size(), 10);
      for (const RowHit& hit : hits) EXPECT_FALSE(dead.contains(hit.row));
    }
    request.view = 69;
    const auto before = Unwrap(fixture.segment->SearchGraph(request, &stats));
    EXPECT_GE(Recall(before, BruteForce(*fixture.rows, Distance::kEuclid, fixture.query(i), 10)), 0.8);
  }
}

TEST(DenseSealedSegment, AFewLiveRowsAmongDeadOnesAreAllFound) {
  Fixture fixture = MakeClustered(Distance::kCosine, 5000);
  for (uint32_t row = 0; row < 5000; ++row)
    if (row % 1000 != 7) fixture.segment->Retire(row, 1);
  SearchStats stats;
  EXPECT_EQ(Unwrap(fixture.segment->SearchGraph({.query = fixture.query_row(0), .k = 10}, &stats)).size(), 5);
}

TEST(DenseSealedSegment, AFilterAgainstTheQueryIsAnswered) {
  Fixture fixture = MakeClustered(Distance::kEuclid, 20000, 16);
  for (double share : {0.5, 0.25}) {
    for (uint32_t i = 0; i < 10; ++i) {
      // Accept only the rows farthest from the query.
      SearchStats stats;
      auto all = Unwrap(fixture.segment->SearchExact({.query = fixture.query_row(i), .k = 20000}, &stats));
      std::set<uint32_t> in;
      for (size_t j = static_cast<size_t>(20000 * (1 - share)); j < all.size(); ++j)
        in.insert(Index(fixture.segment->ordinal(all[j].row)));
      const OrdinalSet set = OrdinalSet::FromSorted({in.begin(), in.end()});
      const auto hits = Unwrap(
          fixture.segment->SearchGraph({.query = fixture.query_row(i), .k = 10, .ef = 64, .accept = &set}, &stats));
      EXPECT_EQ(hits.size(), 10);
      EXPECT_GE(Recall(hits, BruteForce(*fixture.rows, Distance::kEuclid, fixture.query(i), 10,
                                        [&](uint32_t row) { return in.contains(row); })),
                0.5);
    }
  }
}

TEST(DenseSealedSegment, DegenerateSegmentsAnswerEverything) {
  struct Shape {
    uint32_t dim, rows;
    float value;
  };
  for (const Shape& shape : {Shape{1, 1, 3}, Shape{1, 2000, 0}, Shape{65536, 3, 1}, Shape{8, 5000, 0.5F},
                             Shape{3, 2, 0}, Shape{16, 40, 1e20F}}) {
    for (Distance distance : {Distance::kCosine, Distance::kEuclid, Distance::kDot, Distance::kManhattan}) {
      Fixture fixture = MakeFixture(
          std::make_unique<ArrayRows>(shape.dim, std::vector<float>(size_t{shape.dim} * shape.rows, shape.value)),
          {.distance = distance, .m = 4, .ef_construct = 20});
      const std::vector<float> query(shape.dim, 1);
      for (uint32_t k : {1U, 10U, shape.rows, 3 * shape.rows}) {
        SearchStats stats;
        const SearchRequest request{.query = {query, {}}, .k = k, .ef = 16};
        for (const auto& hits : {Unwrap(fixture.segment->SearchGraph(request, &stats)),
                                 Unwrap(fixture.segment->SearchScan(request, &stats)),
                                 Unwrap(fixture.segment->SearchExact(request, &stats))}) {
          std::set<uint32_t> found;
          for (const RowHit& hit : hits) found.insert(hit.row);
          EXPECT_EQ(found.size(), std::min(k, shape.rows)) << shape.dim << " " << shape.rows << " k " << k;
          EXPECT_EQ(hits.size(), found.size());
        }
      }
    }
  }
}

TEST(DenseSealedSegment, ZeroHitsAreAskedForAndGiven) {
  Fixture fixture = MakeClustered(Distance::kDot, 200);
  SearchStats stats;
  EXPECT_TRUE(Unwrap(fixture.segment->SearchGraph({.query = fixture.query_row(0), .k = 0}, &stats)).empty());
  EXPECT_TRUE(Unwrap(fixture.segment->SearchScan({.query = fixture.query_row(0), .k = 0}, &stats)).empty());
  EXPECT_TRUE(Unwrap(fixture.segment->SearchExact({.query = fixture.query_row(0), .k = 0}, &stats)).empty());
  const OrdinalSet none;
  EXPECT_TRUE(Unwrap(fixture.segment->SearchGraph({.query = fixture.query_row(0), .accept = &none}, &stats)).empty());
}

TEST(DenseSealedSegment, ASegmentWithoutAGraphIsScanned) {
  auto rows = std::make_unique<ArrayRows>(12, ClusteredVectors(12, 900, 5, 9));
  const Fixture fixture = MakeFixture(std::move(rows), {.distance = Distance::kEuclid, .build_graph = false});
  EXPECT_FALSE(fixture.segment->has_graph());
  EXPECT_FALSE(fixture.fs->Exists("s/graph.bin"));
  SearchStats stats;
  const auto hits = Unwrap(fixture.segment->SearchScan({.query = fixture.rows->row(17), .k = 1}, &stats));
  ASSERT_EQ(hits.size(), 1);
  EXPECT_EQ(fixture.SourceOf(hits[0].row), 17);
}

TEST(DenseSealedSegment, AllThreadsBuildOneGoodGraphAndCancellingStopsThem) {
  const std::vector<float> values = ClusteredVectors(32, 8000, 50, 1);
  BuildOptions options{.threads = 4};
  Fixture fixture = MakeFixture(std::make_unique<ArrayRows>(32, values), {.distance = Distance::kEuclid}, options);
  fixture.queries = ClusteredVectors(32, kQueries, 50, 2);
  double recall = 0;
  SearchStats stats;
  for (uint32_t i = 0; i < kQueries; ++i)
    recall += Recall(Unwrap(fixture.segment->SearchGraph({.query = fixture.query_row(i), .k = 10, .ef = 64}, &stats)),
                     BruteForce(*fixture.rows, Distance::kEuclid, fixture.query(i), 10)) /
              kQueries;
  EXPECT_GE(recall, 0.95);
  CancelToken cancel;
  cancel.Cancel();
  options.cancel = &cancel;
  const Status status =
      WriteDenseSegment(fixture.fs.get(), "s", {.dim = 32, .distance = Distance::kEuclid}, *fixture.rows, options);
  EXPECT_EQ(ErrorClassOf(status), ErrorClass::kUnavailable);
}

TEST(DenseSealedSegment, OneThreadAndSeedBuildTheSameFilesAgain) {
  auto fs = storage::MakeMemoryFileSystem();
  const ArrayRows rows(24, ClusteredVectors(24, 3000, 20, 1));
  for (const char* directory : {"a", "b"}) {
    ASSERT_TRUE(fs->CreateDirs(directory).ok());
    ASSERT_TRUE(WriteDenseSegment(fs.get(), directory, {.dim = 24}, rows, {}).ok());
  }
  for (const char* name : {"rows.bin", "codes.bin", "graph.bin", "identity.bin", "segment.bin"}) {
    const auto a = fs->Read(std::string("a/") + name, storage::Placement::kCached);
    const auto b = fs->Read(std::string("b/") + name, storage::Placement::kCached);
    ASSERT_TRUE(a.ok() && b.ok());
    EXPECT_TRUE(std::ranges::equal((*a)->bytes(), (*b)->bytes())) << name;
  }
}

TEST(DenseSealedSegment, SearchesStopAtTheirDeadline) {
  Fixture fixture = MakeClustered(Distance::kEuclid, 5000);
  SearchStats stats;
  const SearchRequest request{
      .query = fixture.query_row(0), .k = 10, .ef = 2000, .deadline = Deadline::After(std::chrono::milliseconds(-1))};
  for (const Status& status :
       {fixture.segment->SearchGraph(request, &stats).status(), fixture.segment->SearchScan(request, &stats).status(),
        fixture.segment->SearchExact(request, &stats).status()})
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kTimeout);
}

TEST(RealData, RecallFloorsOnSentenceEmbeddings) {
  const std::optional<std::string> directory = RealDataDirectory();
  if (!directory) GTEST_SKIP() << "the real data set is not here; set SEXTANT_DATA_DIR";
  auto vectors = ReadNpy(*directory + "/vectors.npy", 12000);
  auto queries = ReadNpy(*directory + "/queries.npy", 100);
  ASSERT_TRUE(vectors && queries);
  NormalizeRows(vectors->columns, &vectors->values);
  Fixture fixture = MakeFixture(std::make_unique<ArrayRows>(vectors->columns, vectors->values), {}, {.threads = 2});
  fixture.queries = queries->values;
  double at_64 = 0, at_256 = 0;
  SearchStats stats;
  for (uint32_t i = 0; i < queries->rows; ++i) {
    const std::vector<float> expected = BruteForce(*fixture.rows, Distance::kCosine, fixture.query(i), 10);
    at_64 += Recall(Unwrap(fixture.segment->SearchGraph({.query = fixture.query_row(i), .ef = 64}, &stats)), expected);
    at_256 +=
        Recall(Unwrap(fixture.segment->SearchGraph({.query = fixture.query_row(i), .ef = 256}, &stats)), expected);
  }
  EXPECT_GE(at_64 / queries->rows, 0.97);
  EXPECT_GE(at_256 / queries->rows, 0.99);
}

TEST(DenseSealedSegment, RowsOfAGroupLieSideBySideAndAreFoundAsBefore) {
  constexpr uint32_t kRows = 18'000, kDim = 48, kGroups = 7;
  std::vector<float> values = ClusteredVectors(kDim, kRows, 60, 1), queries = ClusteredVectors(kDim, kQueries, 60, 2);
  NormalizeRows(kDim, &values);
  NormalizeRows(kDim, &queries);
  for (const std::optional<CodeFormat> format : {std::optional<CodeFormat>(CodeFormat::kInt8), {CodeFormat::kPacked4}})
    for (const bool build_graph : {true, false}) {
      auto rows = std::make_unique<ArrayRows>(kDim, values);
      for (uint32_t row = 0; row < kRows; ++row) rows->row_groups.push_back(row * 31 % kGroups);
      Fixture fixture = MakeFixture(std::move(rows), {.build_graph = build_graph, .codes = {.format = format}});
      std::vector<uint32_t> groups;
      for (uint32_t row = 0; row < kRows; ++row) groups.push_back(fixture.rows->row_groups[fixture.SourceOf(row)]);
      EXPECT_TRUE(std::is_sorted(groups.begin(), groups.end()));
      fixture.queries = queries;
      double recall = 0;
      for (uint32_t i = 0; i < kQueries; ++i) {
        SearchStats stats;
        const SearchRequest request{.query = fixture.query_row(i), .ef = 64};
        const auto hits =
            build_graph ? fixture.segment->SearchGraph(request, &stats) : fixture.segment->SearchScan(request, &stats);
        recall += Recall(Unwrap(hits), BruteForce(*fixture.rows, Distance::kCosine, fixture.query(i), 10)) / kQueries;
      }
      EXPECT_GE(recall, 0.97);
      if (!build_graph) continue;

      // The clusters of their graph's order are found again.
      std::vector<uint32_t> accepted;
      for (uint32_t row = 0; row < kRows; row += 3) accepted.push_back(row);
      const OrdinalSet set = OrdinalSet::FromSorted(accepted);
      recall = 0;
      SearchStats stats;
      for (uint32_t i = 0; i < kQueries; ++i) {
        const SearchRequest request{.query = fixture.query_row(i), .ef = 64, .accept = &set, .accept_share = 1.0 / 3};
        recall += Recall(Unwrap(fixture.segment->SearchGraph(request, &stats)),
                         BruteForce(*fixture.rows, Distance::kCosine, fixture.query(i), 10,
                                    [](uint32_t row) { return row % 3 == 0; })) /
                  kQueries;
      }
      EXPECT_GT(stats.probes, 0u);
      EXPECT_LT(stats.rows_scored, kQueries * kRows / 3) << "as many as a scan of all matches";
      EXPECT_GE(recall, 0.95);
    }
}

}  // namespace
}  // namespace sextant::vector_index
