#include "vector_index/multi/multi_sealed_segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "vector_index/multi/multi_testing.h"
#include "vector_index/segment_testing.h"

namespace sextant::vector_index {
namespace {

constexpr uint32_t kMultiQueries = 20;

// A segment in memory, its source and queries for it.
struct MultiFixture {
  std::unique_ptr<storage::FileSystem> fs = storage::MakeMemoryFileSystem();
  std::unique_ptr<MultiArrayRows> rows;
  std::shared_ptr<MultiSealedSegment> segment;
  std::vector<std::vector<float>> queries;

  VectorRef query(uint32_t i) const { return {queries[i], {}}; }
  std::vector<float> Truth(uint32_t i, uint32_t k, const std::function<bool(uint32_t)>& accepts = nullptr) const {
    return MultiBruteForce(*rows, segment->spec().distance, queries[i], k, accepts);
  }
};

MultiFixture MakeMultiFixture(std::unique_ptr<MultiArrayRows> rows, SegmentSpec spec,
                              const BuildOptions& options = {}) {
  MultiFixture fixture;
  fixture.rows = std::move(rows);
  spec.kind = VectorKind::kMulti;
  spec.dim = fixture.rows->dim();
  EXPECT_TRUE(fixture.fs->CreateDirs("s").ok());
  const Status written = WriteMultiSegment(fixture.fs.get(), "s", spec, *fixture.rows, options);
  EXPECT_TRUE(written.ok()) << written;
  auto opened = MultiSealedSegment::Open(fixture.fs.get(), "s", {});
  EXPECT_TRUE(opened.ok()) << opened.status();
  fixture.segment = *opened;
  return fixture;
}

// Queries of `query_rows` rows, each made of multivectors like the stored ones.
std::vector<std::vector<float>> MakeQueries(const MultiShape& shape, uint32_t query_rows) {
  std::vector<std::vector<float>> queries(kMultiQueries);
  for (uint32_t i = 0; i < kMultiQueries; ++i) {
    while (queries[i].size() < size_t{query_rows} * shape.dim) {
      const auto more = RandomMulti(shape, 1, 1000 + i + static_cast<uint32_t>(queries[i].size()));
      queries[i].insert(queries[i].end(), more[0].begin(), more[0].end());
    }
    queries[i].resize(size_t{query_rows} * shape.dim);
  }
  return queries;
}

MultiFixture MakeRandom(const MultiShape& shape, uint32_t count, uint32_t query_rows, bool build_graph = true) {
  MultiFixture fixture = MakeMultiFixture(std::make_unique<MultiArrayRows>(shape.dim, RandomMulti(shape, count, 1)),
                                          {.distance = shape.distance, .build_graph = build_graph});
  fixture.queries = MakeQueries(shape, query_rows);
  return fixture;
}

void ExpectSimilarities(const std::vector<RowHit>& hits, const std::vector<float>& expected) {
  ASSERT_EQ(hits.size(), expected.size());
  for (size_t i = 0; i < hits.size(); ++i)
    EXPECT_NEAR(hits[i].similarity, expected[i], 1e-4 + 1e-5 * std::fabs(expected[i]));
}

class MultiSealedDistances : public testing::TestWithParam<Distance> {};

TEST_P(MultiSealedDistances, ExactSearchAndScanEqualBruteForce) {
  for (const uint32_t dim : {1, 2, 3, 33, 384}) {
    const MultiFixture fixture = MakeRandom({.dim = dim, .most_tokens = dim == 33 ? 1U : 9U, .distance = GetParam()},
                                            300, dim == 2 ? 1 : 19, dim < 33);
    for (uint32_t i = 0; i < 5; ++i) {
      SearchStats stats;
      const SearchRequest request{.query = fixture.query(i), .k = 25};
      ExpectSimilarities(Unwrap(fixture.segment->SearchExact(request, &stats)), fixture.Truth(i, 25));
      EXPECT_EQ(stats.rows_scored, 300);
      ExpectSimilarities(Unwrap(fixture.segment->SearchScan(request, &stats)), fixture.Truth(i, 25));
    }
  }
}

TEST_P(MultiSealedDistances, GraphReachesItsRecallFloor) {
  for (const uint32_t query_rows : {1, 6}) {
    const MultiShape shape{.dim = 24, .most_tokens = 10, .clusters = 200, .distance = GetParam()};
    const MultiFixture fixture = MakeRandom(shape, 2000, query_rows);
    double recall = 0;
    SearchStats stats;
    for (uint32_t i = 0; i < kMultiQueries; ++i) {
      const auto hits = Unwrap(fixture.segment->SearchGraph({.query = fixture.query(i), .k = 10, .ef = 80}, &stats));
      recall += Recall(hits, fixture.Truth(i, 10)) / kMultiQueries;
    }
    EXPECT_GE(recall, 0.95) << query_rows;
    EXPECT_GE(stats.graph_searches, kMultiQueries / 2);
  }
}

TEST_P(MultiSealedDistances, FilteredSearchFindsTheAcceptedRowsAtEverySelectivity) {
  const MultiShape shape{.dim = 16, .most_tokens = 8, .clusters = 100, .distance = GetParam()};
  const MultiFixture fixture = MakeRandom(shape, 1500, 4);
  std::mt19937 random(3);
  for (const double share : {1.0, 0.9, 0.5, 0.2, 0.02, 0.0005, 0.0}) {
    std::vector<uint32_t> accepted;
    for (uint32_t i = 0; i < fixture.rows->size(); ++i)
      if (std::uniform_real_distribution<>()(random) < share) accepted.push_back(i);
    const std::set<uint32_t> in(accepted.begin(), accepted.end());
    const OrdinalSet set = OrdinalSet::FromSorted(accepted);
    double recall = 0;
    for (uint32_t i = 0; i < 10; ++i) {
      SearchStats stats;
      const SearchRequest request{.query = fixture.query(i), .k = 10, .accept = &set};
      const auto expected = fixture.Truth(i, 10, [&](uint32_t row) { return in.contains(row); });
      const auto hits = Unwrap(fixture.segment->SearchGraph(request, &stats));
      EXPECT_EQ(hits.size(), expected.size()) << share;
      for (const RowHit& hit : hits) EXPECT_TRUE(in.contains(hit.row));
      recall += Recall(hits, expected) / 10;
      ExpectSimilarities(Unwrap(fixture.segment->SearchExact(request, &stats)), expected);
    }
    EXPECT_GE(recall, 0.95) << "share " << share;
  }
}

INSTANTIATE_TEST_SUITE_P(Distances, MultiSealedDistances,
                         testing::Values(Distance::kCosine, Distance::kEuclid, Distance::kDot, Distance::kManhattan));

TEST(MultiSealedSegment, KeepsRowsAndIdentities) {
  auto rows = std::make_unique<MultiArrayRows>(20, RandomMulti({.dim = 20, .most_tokens = 30}, 700, 9));
  rows->first_ordinal = 5000;
  rows->ordinal_step = 300;  // sparse: no direct table
  const MultiFixture fixture =
      MakeMultiFixture(std::move(rows), {.distance = Distance::kEuclid, .m = 8, .ef_construct = 50});
  EXPECT_EQ(fixture.segment->rows(), 700);
  EXPECT_TRUE(fixture.segment->has_graph());
  EXPECT_EQ(fixture.segment->spec().kind, VectorKind::kMulti);
  EXPECT_EQ(fixture.segment->spec().m, 8);
  EXPECT_EQ(fixture.segment->spec().ef_construct, 50);
  EXPECT_EQ(fixture.segment->value_bytes(), fixture.rows->tokens() * 20 * sizeof(float));
  RowScratch scratch;
  for (uint32_t i = 0; i < 700; ++i) {
    const RowIdentity expected = fixture.rows->identity(i);
    const std::optional<uint32_t> row = fixture.segment->RowOf(expected.ordinal);
    ASSERT_TRUE(row.has_value());
    EXPECT_EQ(fixture.segment->ordinal(*row), expected.ordinal);
    EXPECT_EQ(fixture.segment->identity(*row).id, expected.id);
    EXPECT_EQ(fixture.segment->identity(*row).version, expected.version);
    EXPECT_TRUE(std::ranges::equal(fixture.rows->row(i).values, fixture.segment->Row(*row, &scratch).values));
  }
  EXPECT_FALSE(fixture.segment->RowOf(Ordinal{0}).has_value());
  EXPECT_FALSE(fixture.segment->RowOf(Ordinal{5001}).has_value());
}

TEST(MultiSealedSegment, SearchesSkipRowsRetiredBeforeTheirView) {
  const MultiShape shape{.dim = 16, .distance = Distance::kEuclid};
  MultiFixture fixture = MakeRandom(shape, 1200, 2);
  std::set<uint32_t> dead;
  std::mt19937 random(4);
  // All rows near the first query die, and half of the others.
  SearchStats stats;
  for (const RowHit& hit : Unwrap(fixture.segment->SearchExact({.query = fixture.query(0), .k = 80}, &stats)))
    dead.insert(hit.row);
  for (uint32_t row = 0; row < 1200; ++row)
    if (random() % 2 == 0) dead.insert(row);
  for (uint32_t row : dead) fixture.segment->Retire(row, 70);
  EXPECT_EQ(fixture.segment->liveness().retired_count(), dead.size());
  double now = 0, before = 0;
  for (uint32_t i = 0; i < kMultiQueries; ++i) {
    SearchRequest request{.query = fixture.query(i), .k = 10, .ef = 50, .view = 70};
    const auto alive = fixture.Truth(i, 10, [&](uint32_t row) { return !dead.contains(row); });
    ExpectSimilarities(Unwrap(fixture.segment->SearchExact(request, &stats)), alive);
    const auto hits = Unwrap(fixture.segment->SearchGraph(request, &stats));
    EXPECT_EQ(hits.size(), 10);
    for (const RowHit& hit : hits) EXPECT_FALSE(dead.contains(hit.row));
    now += Recall(hits, alive) / kMultiQueries;
    request.view = 69;
    before += Recall(Unwrap(fixture.segment->SearchGraph(request, &stats)), fixture.Truth(i, 10)) / kMultiQueries;
  }
  EXPECT_GE(now, 0.9);
  EXPECT_GE(before, 0.9);
  EXPECT_GT(stats.graph_searches, 0);
}

TEST(MultiSealedSegment, AFewLiveRowsAmongDeadOnesAreAllFound) {
  MultiFixture fixture = MakeRandom({.dim = 16}, 800, 2);
  for (uint32_t row = 0; row < 800; ++row)
    if (row % 100 != 7) fixture.segment->Retire(row, 1);
  SearchStats stats;
  EXPECT_EQ(Unwrap(fixture.segment->SearchGraph({.query = fixture.query(0), .k = 10}, &stats)).size(), 8);
}

TEST(MultiSealedSegment, RowsWithManyTokensNearTheQueryDoNotCrowdOutOthers) {
  // Every row is 120 times nearly the same token: 100 tokens belong to one row.
  std::vector<std::vector<float>> rows(200);
  const std::vector<float> centres = ClusteredVectors(8, 200, 20, 1);
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  for (uint32_t row = 0; row < 200; ++row)
    for (uint32_t i = 0; i < 120 * 8; ++i)
      rows[row].push_back(centres[size_t{row} * 8 + i % 8] + 1e-3F * normal(random));
  MultiFixture fixture =
      MakeMultiFixture(std::make_unique<MultiArrayRows>(8, std::move(rows)), {.distance = Distance::kEuclid});
  fixture.queries = MakeQueries({.dim = 8, .distance = Distance::kEuclid}, 1);
  double recall = 0;
  for (uint32_t i = 0; i < kMultiQueries; ++i) {
    SearchStats stats;
    const auto hits = Unwrap(fixture.segment->SearchGraph({.query = fixture.query(i), .k = 10}, &stats));
    ASSERT_EQ(hits.size(), 10);
    recall += Recall(hits, fixture.Truth(i, 10)) / kMultiQueries;
  }
  EXPECT_GE(recall, 0.95);
}

TEST(MultiSealedSegment, DegenerateSegmentsAnswerEverything) {
  struct Shape {
    uint32_t dim, rows, tokens;
    float value;
  };
  for (const Shape& shape : {Shape{1, 1, 1, 3}, Shape{1, 700, 3, 0}, Shape{65536, 3, 2, 1}, Shape{8, 1500, 4, 0.5F},
                             Shape{3, 2, 1, 0}, Shape{16, 40, 2, 1e20F}, Shape{2, 2, 1500, 1}}) {
    for (Distance distance : {Distance::kCosine, Distance::kEuclid, Distance::kDot, Distance::kManhattan}) {
      const std::vector<float> row(size_t{shape.dim} * shape.tokens, shape.value);
      MultiFixture fixture = MakeMultiFixture(
          std::make_unique<MultiArrayRows>(shape.dim, std::vector<std::vector<float>>(shape.rows, row)),
          {.distance = distance, .m = 4, .ef_construct = 20});
      const std::vector<float> query(size_t{shape.dim} * 2, 1);
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

TEST(MultiSealedSegment, ARowScoresEqualByEveryPlan) {
  const MultiFixture fixture = MakeRandom({.dim = 33, .most_tokens = 20}, 900, 21);
  SearchStats stats;
  for (uint32_t i = 0; i < 5; ++i) {
    const auto exact = Unwrap(fixture.segment->SearchExact({.query = fixture.query(i), .k = 900}, &stats));
    std::vector<float> of_row(900);
    for (const RowHit& hit : exact) of_row[hit.row] = hit.similarity;
    for (const RowHit& hit : Unwrap(fixture.segment->SearchGraph({.query = fixture.query(i), .ef = 10}, &stats)))
      EXPECT_EQ(hit.similarity, of_row[hit.row]);
  }
  EXPECT_GT(stats.graph_searches, 0);
}

TEST(MultiSealedSegment, ZeroHitsAreAskedForAndGiven) {
  const MultiFixture fixture = MakeRandom({.dim = 8}, 200, 2);
  SearchStats stats;
  EXPECT_TRUE(Unwrap(fixture.segment->SearchGraph({.query = fixture.query(0), .k = 0}, &stats)).empty());
  EXPECT_TRUE(Unwrap(fixture.segment->SearchExact({.query = fixture.query(0), .k = 0}, &stats)).empty());
  const OrdinalSet none;
  EXPECT_TRUE(Unwrap(fixture.segment->SearchGraph({.query = fixture.query(0), .accept = &none}, &stats)).empty());
}

TEST(MultiSealedSegment, ASegmentWithoutAGraphIsScanned) {
  const MultiFixture fixture = MakeRandom({.dim = 12}, 900, 5, false);
  EXPECT_FALSE(fixture.segment->has_graph());
  EXPECT_FALSE(fixture.fs->Exists("s/graph.bin"));
  EXPECT_FALSE(fixture.fs->Exists("s/codes.bin"));
  fixture.segment->Retire(3, 1);
  SearchStats stats;
  const auto hits = Unwrap(fixture.segment->SearchScan({.query = fixture.rows->row(17), .k = 1}, &stats));
  ASSERT_EQ(hits.size(), 1);
  EXPECT_EQ(hits[0].row, 17);
}

TEST(MultiSealedSegment, SmallDatatypesKeepWhatTheyHold) {
  std::mt19937 random(7);
  for (Datatype datatype : {Datatype::kFloat16, Datatype::kUint8}) {
    std::vector<std::vector<float>> rows = RandomMulti({.dim = 9, .most_tokens = 6}, 1000, 1);
    for (auto& row : rows)
      for (float& value : row) value = static_cast<float>(random() % 256);
    MultiFixture fixture = MakeMultiFixture(std::make_unique<MultiArrayRows>(9, rows), {.datatype = datatype});
    EXPECT_EQ(fixture.segment->spec().datatype, datatype);
    EXPECT_EQ(fixture.segment->value_bytes(), fixture.rows->tokens() * 9 * (datatype == Datatype::kUint8 ? 1 : 2));
    RowScratch scratch;
    for (uint32_t row = 0; row < 1000; row += 100)
      EXPECT_TRUE(std::ranges::equal(fixture.segment->Row(row, &scratch).values, rows[row]));
    // Cosine compares whole numbers normalised: a row is nearest to itself.
    if (datatype != Datatype::kUint8) continue;
    SearchStats stats;
    for (uint32_t row = 0; row < 900; row += 100) {
      const auto hits = Unwrap(fixture.segment->SearchGraph({.query = fixture.rows->row(row), .k = 1}, &stats));
      ASSERT_EQ(hits.size(), 1);
      EXPECT_NEAR(hits[0].similarity, static_cast<float>(fixture.rows->row(row).size()) / 9, 1e-4);
    }
  }
}

// The rows of an opened segment, as a merge reads them.
class SegmentRows : public RowSource {
 public:
  explicit SegmentRows(const SealedRows& segment) : segment_(segment) {}
  uint32_t size() const override { return segment_.rows(); }
  VectorRef row(uint32_t i, RowScratch* scratch) const override { return segment_.Row(i, scratch); }
  RowIdentity identity(uint32_t i) const override { return segment_.identity(i); }

 private:
  const SealedRows& segment_;
};

TEST(MultiSealedSegment, ASegmentOfASegmentsRowsIsTheSame) {
  for (Datatype datatype : {Datatype::kFloat32, Datatype::kUint8}) {
    std::vector<std::vector<float>> values = RandomMulti({.dim = 16, .most_tokens = 12}, 800, 1);
    for (auto& row : values)
      for (float& value : row) value = std::floor(std::fabs(value) * 100);
    const MultiFixture fixture =
        MakeMultiFixture(std::make_unique<MultiArrayRows>(16, std::move(values)), {.datatype = datatype});
    ASSERT_TRUE(fixture.fs->CreateDirs("merged").ok());
    const SegmentRows source(*fixture.segment);
    ASSERT_TRUE(WriteMultiSegment(fixture.fs.get(), "merged", fixture.segment->spec(), source, {.threads = 3}).ok());
    for (const char* name : {"rows.bin", "offsets.bin", "codes.bin", "identity.bin"}) {
      const auto a = fixture.fs->Read(std::string("s/") + name, storage::Placement::kCached);
      const auto b = fixture.fs->Read(std::string("merged/") + name, storage::Placement::kCached);
      ASSERT_TRUE(a.ok() && b.ok());
      EXPECT_TRUE(std::ranges::equal((*a)->bytes(), (*b)->bytes())) << name;
    }
    auto merged = MultiSealedSegment::Open(fixture.fs.get(), "merged", {});
    ASSERT_TRUE(merged.ok()) << merged.status();
    EXPECT_EQ((*merged)->rows(), 800);
  }
}

TEST(MultiSealedSegment, CancellingStopsTheBuild) {
  CancelToken cancel;
  cancel.Cancel();
  auto fs = storage::MakeMemoryFileSystem();
  ASSERT_TRUE(fs->CreateDirs("s").ok());
  const MultiArrayRows rows(8, RandomMulti({.dim = 8}, 2000, 1));
  const SegmentSpec spec{.kind = VectorKind::kMulti, .dim = 8};
  const Status status = WriteMultiSegment(fs.get(), "s", spec, rows, {.cancel = &cancel});
  EXPECT_EQ(ErrorClassOf(status), ErrorClass::kUnavailable);
}

TEST(MultiSealedSegment, SearchesAndVisitsStopAtTheirDeadline) {
  const MultiFixture fixture = MakeRandom({.dim = 8}, 2000, 3);
  SearchStats stats;
  const SearchRequest request{.query = fixture.query(0), .deadline = Deadline::After(std::chrono::milliseconds(-1))};
  for (const Status& status :
       {fixture.segment->SearchGraph(request, &stats).status(), fixture.segment->SearchScan(request, &stats).status(),
        fixture.segment->SearchExact(request, &stats).status(),
        fixture.segment->VisitRows(request, [](uint32_t, VectorRef) { return OkStatus(); })})
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kTimeout);
}

TEST(MultiSealedSegment, VisitsEveryLiveAcceptedRowOnce) {
  const MultiFixture fixture = MakeRandom({.dim = 8}, 3000, 1);
  fixture.segment->Retire(6, 5);
  for (const uint32_t step : {1U, 2U, 100U}) {
    std::vector<uint32_t> accepted;
    for (uint32_t i = 0; i < 4000; i += step) accepted.push_back(i);  // some belong to other segments
    const OrdinalSet set = OrdinalSet::FromSorted(accepted);
    std::set<uint32_t> seen;
    const auto visit = [&](uint32_t row, VectorRef values) {
      EXPECT_TRUE(seen.insert(row).second);
      EXPECT_TRUE(std::ranges::equal(values.values, fixture.rows->row(row).values));
      return OkStatus();
    };
    ASSERT_TRUE(fixture.segment->VisitRows({.query = {}, .view = 5, .accept = &set}, visit).ok());
    EXPECT_EQ(seen.size(), (3000 + step - 1) / step - (step <= 2 ? 1 : 0));
  }
}

TEST(RealData, RecallFloorOfMultivectorsOfSentenceEmbeddings) {
  const std::optional<std::string> directory = RealDataDirectory();
  if (!directory) GTEST_SKIP() << "the real data set is not here; set SEXTANT_DATA_DIR";
  auto vectors = ReadNpy(*directory + "/vectors.npy", 8000);
  auto queries = ReadNpy(*directory + "/queries.npy", 400);
  ASSERT_TRUE(vectors && queries);
  const uint32_t dim = vectors->columns;
  NormalizeRows(dim, &vectors->values);
  NormalizeRows(dim, &queries->values);
  MultiFixture fixture = MakeMultiFixture(
      std::make_unique<MultiArrayRows>(dim, CutIntoRows(dim, vectors->values, 16, 1)), {}, {.threads = 2});
  for (const uint32_t query_rows : {1, 2, 4, 12}) {  // which have nothing to do with each other
    double recall = 0;
    SearchStats exact, stats;
    for (uint32_t i = 0; i < 30; ++i) {
      const size_t values = size_t{query_rows} * dim;
      const VectorRef query{std::span(queries->values).subspan(i * values, values), {}};
      std::vector<float> expected;
      for (const RowHit& hit : Unwrap(fixture.segment->SearchExact({.query = query}, &exact)))
        expected.push_back(hit.similarity);
      recall += Recall(Unwrap(fixture.segment->SearchGraph({.query = query}, &stats)), expected) / 30;
    }
    EXPECT_GE(recall, 0.97) << query_rows;
    EXPECT_GE(stats.graph_searches, query_rows <= 4 ? 15 : 0) << query_rows;
  }
}

}  // namespace
}  // namespace sextant::vector_index
