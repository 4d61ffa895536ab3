#include "vector_index/dense/reused_graphs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

#include "vector_index/dense/dense_segment_files.h"
#include "vector_index/graph/graph_repair.h"
#include "vector_index/segment_testing.h"

namespace sextant::vector_index {
namespace {

using Segments = std::vector<std::shared_ptr<SealedRows>>;

// What: writes segments of some rows of an array, merges them and looks at what comes out.
class MergeTest : public testing::Test {
 protected:
  void Use(ArrayRows rows, NpyMatrix queries, SegmentSpec spec = {}) {
    rows_ = std::make_unique<ArrayRows>(std::move(rows));
    queries_ = std::move(queries);
    spec_ = spec;
    spec_.dim = rows_->dim();
  }
  void UseSample(uint32_t count) {
    NpyMatrix vectors = SampleVectors(count);
    Use(ArrayRows(vectors.columns, std::move(vectors.values)), SampleQueries());
  }

  std::shared_ptr<SealedRows> Write(const RowSource& rows) {
    const std::string directory = "s" + std::to_string(directories_++);
    EXPECT_TRUE(fs_->CreateDirs(directory).ok());
    const Status status = WriteSegment(fs_.get(), directory, spec_, rows, {});
    EXPECT_TRUE(status.ok()) << status;
    auto opened = OpenSegment(fs_.get(), directory, VectorKind::kDense, {});
    EXPECT_TRUE(opened.ok()) << opened.status();
    auto files = OpenSegmentFiles(fs_.get(), directory, {});
    EXPECT_TRUE(files.ok());
    const size_t links = size_t{files->header.rows} * files->header.degree;
    last_graph_ = {files->header.degree, files->entries, {files->links, files->links + links}};
    EXPECT_EQ(CountUnreachable(files->header.rows, last_graph_), 0);
    EXPECT_TRUE(fs_->RemoveTree(directory).ok());
    return *opened;
  }
  std::shared_ptr<SealedRows> WriteRange(uint32_t begin, uint32_t end) {
    std::vector<uint32_t> ids(end - begin);
    std::iota(ids.begin(), ids.end(), begin);
    return Write(PickedRows(*rows_, ids));
  }

  static void Retire(double share, uint32_t seed, SealedRows* segment) {
    std::mt19937 random(seed);
    for (uint32_t row = 0; row < segment->rows(); ++row)
      if (random() < share * static_cast<double>(std::mt19937::max())) segment->Retire(row, 1);
  }

  // Mean recall@10 over the live rows.
  double RecallOf(const SealedRows& segment, uint32_t ef = 64) const {
    double recall = 0;
    SearchStats stats;
    for (uint32_t i = 0; i < queries_.rows; ++i) {
      const float* const query = queries_.values.data() + size_t{i} * rows_->dim();
      const auto is_in = [&](uint32_t row) { return segment.RowOf(rows_->identity(row).ordinal).has_value(); };
      recall += Recall(Unwrap(segment.SearchGraph({.query = {{query, rows_->dim()}, {}}, .ef = ef}, &stats)),
                       BruteForce(*rows_, spec_.distance, query, 10, is_in)) /
                queries_.rows;
    }
    return recall;
  }

  // Merges with the graphs reused; the recall must be that of a build anew. Returns the merged segment.
  std::shared_ptr<SealedRows> MergeWell(const Segments& segments) {
    auto merged = Write(MergedRows(segments, true));
    EXPECT_GE(RecallOf(*merged), RecallOf(*Write(MergedRows(segments, false))) - 0.005);
    return merged;
  }

  std::unique_ptr<storage::FileSystem> fs_ = storage::MakeMemoryFileSystem();
  std::unique_ptr<ArrayRows> rows_;
  NpyMatrix queries_;
  SegmentSpec spec_;
  Graph last_graph_;  // of the segment written last
  uint32_t directories_ = 0;
};

TEST_F(MergeTest, MergedAndVacuumedSegmentsOfRealVectorsAreSearchedAsWellAsNewOnes) {
  UseSample(3000);
  MergeWell({WriteRange(0, 1500), WriteRange(1500, 3000)});
  MergeWell({WriteRange(0, 750), WriteRange(750, 1500), WriteRange(1500, 2250), WriteRange(2250, 3000)});
  for (const double share : {0.2, 0.5}) {
    const auto segment = WriteRange(0, 3000);
    Retire(share, 3, segment.get());
    MergeWell({segment});
  }
}

// Sanitizers see in a few cycles what they see in all.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kCycles = 20;
#else
constexpr int kCycles = 100;
#endif

TEST_F(MergeTest, AHundredMergesAndDeletionsLoseNoRowAndNoRecall) {
  constexpr uint32_t kRows = 2500, kLive = 2000;
  UseSample(kRows);
  std::mt19937 random(1);
  std::vector<uint32_t> in(kRows);
  std::iota(in.begin(), in.end(), 0U);
  std::shuffle(in.begin(), in.end(), random);
  std::vector<uint32_t> out(in.begin() + kLive, in.end());
  in.resize(kLive);
  auto base = Write(PickedRows(*rows_, in));
  Segments last;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    std::shuffle(in.begin(), in.end(), random);
    std::shuffle(out.begin(), out.end(), random);
    std::swap_ranges(in.begin(), in.begin() + kLive / 10, out.begin());
    for (uint32_t i = 0; i < kLive / 10; ++i) base->Retire(base->RowOf(rows_->identity(out[i]).ordinal).value(), 1);
    last = {base, Write(PickedRows(*rows_, {in.begin(), in.begin() + kLive / 10}))};
    base = Write(MergedRows(last, true));
  }
  EXPECT_GE(RecallOf(*base), RecallOf(*Write(MergedRows(last, false))) - 0.005);
}

TEST_F(MergeTest, ARegionThatDiesWholeIsClosed) {
  UseSample(3000);
  const auto segment = WriteRange(0, 2700);
  SearchStats stats;
  const auto region = Unwrap(segment->SearchExact({.query = rows_->row(17), .k = 900}, &stats));
  for (const RowHit& hit : region) segment->Retire(hit.row, 1);
  MergeWell({segment, WriteRange(2700, 3000)});
}

TEST_F(MergeTest, OneLiveRowOfTheLargestSegmentIsEnough) {
  UseSample(1200);
  const auto segment = WriteRange(0, 1000);
  for (uint32_t row = 0; row < 1000; ++row)
    if (row != 500) segment->Retire(row, 1);
  EXPECT_EQ(Write(MergedRows({segment}, true))->rows(), 1);
  EXPECT_EQ(MergeWell({segment, WriteRange(1000, 1200)})->rows(), 201);
}

TEST_F(MergeTest, EveryDistanceAndKindOfDataKeepsItsRowsReachable) {
  constexpr uint32_t kDim = 8, kRows = 1500;
  const std::vector<float> equal(kDim * kRows, 0.25F), zero(kDim * kRows, 0);
  std::vector<float> mixed = ClusteredVectors(kDim, kRows, 30, 1);
  std::copy(zero.begin(), zero.begin() + kDim * 200, mixed.begin());
  std::copy(equal.begin(), equal.begin() + kDim * 200, mixed.begin() + kDim * 200);
  for (const auto& values : {equal, zero, mixed})
    for (Distance distance : {Distance::kCosine, Distance::kEuclid, Distance::kDot, Distance::kManhattan}) {
      std::vector<float> rows = values;
      if (distance == Distance::kCosine) NormalizeRows(kDim, &rows);
      Use(ArrayRows(kDim, std::move(rows)), {20, kDim, ClusteredVectors(kDim, 20, 30, 2)}, {.distance = distance});
      const auto base = WriteRange(0, 800), second = WriteRange(800, 1300), third = WriteRange(1300, kRows);
      Retire(0.3, 5, base.get());
      Retire(0.1, 6, second.get());
      auto merged = Write(MergedRows({base, second, third}, true));
      Retire(0.2, 7, merged.get());
      EXPECT_GE(RecallOf(*Write(MergedRows({merged}, true)), 100), 0.98);
    }
}

TEST_F(MergeTest, OnlyGraphsOfTheSameShapeAndEffortAreReused) {
  UseSample(1000);
  const Segments segments = {WriteRange(0, 800), WriteRange(800, 1000)};
  const auto is_like_new = [&] {
    Write(MergedRows(segments, true));
    const std::vector<uint32_t> reused = last_graph_.links;
    Write(MergedRows(segments, false));
    return last_graph_.links == reused;
  };
  EXPECT_FALSE(is_like_new());
  spec_.ef_construct = 50;
  EXPECT_FALSE(is_like_new());
  spec_.ef_construct = 101;
  EXPECT_TRUE(is_like_new());
  spec_.ef_construct = 100;
  spec_.m = 8;
  EXPECT_TRUE(is_like_new());
  spec_.m = 16;
  spec_.distance = Distance::kEuclid;
  EXPECT_TRUE(is_like_new());
}

TEST_F(MergeTest, AGraphThatLostMoreThanAThirdOfItsRowsIsNotReused) {
  UseSample(1000);
  const auto is_like_new = [&](double share) {
    const auto segment = WriteRange(0, 1000);
    Retire(share, 3, segment.get());
    Write(MergedRows({segment}, true));
    const std::vector<uint32_t> reused = last_graph_.links;
    Write(MergedRows({segment}, false));
    return last_graph_.links == reused;
  };
  EXPECT_FALSE(is_like_new(0.25));
  EXPECT_TRUE(is_like_new(0.45));
}

TEST_F(MergeTest, SegmentsWithoutAGraphAreInsertedIntoTheOthers) {
  UseSample(3000);
  spec_.build_graph = false;
  const std::string plain = "plain";
  ASSERT_TRUE(fs_->CreateDirs(plain).ok());
  std::vector<uint32_t> ids(1500);
  std::iota(ids.begin(), ids.end(), 1500U);
  ASSERT_TRUE(WriteSegment(fs_.get(), plain, spec_, PickedRows(*rows_, ids), {}).ok());
  auto opened = OpenSegment(fs_.get(), plain, VectorKind::kDense, {});
  ASSERT_TRUE(opened.ok());
  spec_.build_graph = true;
  MergeWell({WriteRange(0, 1500), *opened});
  MergeWell({WriteRange(0, 200), *opened});
  MergeWell({WriteRange(0, 20), *opened});
}

}  // namespace
}  // namespace sextant::vector_index
