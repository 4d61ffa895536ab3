#include "vector_index/recall/recall_calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "vector_index/segment_testing.h"

namespace sextant::vector_index {
namespace {

constexpr uint32_t kDim = 32;
constexpr uint32_t kQueries = 200;

// A segment of rows in memory and new queries like them.
class CalibratedSegment {
 public:
  explicit CalibratedSegment(SegmentSpec spec, uint32_t count = 20'000) : spec_(spec) {
    spec_.dim = kDim;
    std::vector<float> values = ClusteredVectors(kDim, count, 40, 1);
    queries_ = ClusteredVectors(kDim, kQueries, 40, 2);
    if (spec.distance == Distance::kCosine) {
      NormalizeRows(kDim, &values);
      NormalizeRows(kDim, &queries_);
    }
    rows_ = std::make_unique<ArrayRows>(kDim, std::move(values));
    EXPECT_TRUE(fs_->CreateDirs("s").ok());
    const Status written = WriteSegment(fs_.get(), "s", spec_, *rows_, {.threads = 2});
    EXPECT_TRUE(written.ok()) << written;
    auto opened = OpenSegment(fs_.get(), "s", VectorKind::kDense, {});
    EXPECT_TRUE(opened.ok()) << opened.status();
    segment_ = *opened;
  }

  const RecallCurve* curve() const { return segment_->recall_curve(); }

  // What new queries find.
  double RecallOf(uint32_t ef, uint32_t k) const {
    double sum = 0;
    for (uint32_t i = 0; i < kQueries; ++i) {
      const float* const query = queries_.data() + size_t{i} * kDim;
      SearchStats stats;
      sum += Recall(Unwrap(segment_->SearchGraph({.query = {{query, kDim}, {}}, .k = k, .ef = ef}, &stats)),
                    BruteForce(*rows_, spec_.distance, query, k));
    }
    return sum / kQueries;
  }

 private:
  SegmentSpec spec_;
  std::unique_ptr<storage::FileSystem> fs_ = storage::MakeMemoryFileSystem();
  std::unique_ptr<ArrayRows> rows_;
  std::vector<float> queries_;
  std::shared_ptr<SealedRows> segment_;
};

class CalibrationOfEveryDistance : public testing::TestWithParam<Distance> {};

TEST_P(CalibrationOfEveryDistance, TellsTheRecallOfNewQueriesAndTheEffortForIt) {
  const CalibratedSegment segment({.distance = GetParam()});
  ASSERT_NE(segment.curve(), nullptr);
  for (const RecallPoint& point : segment.curve()->points()) {
    if (point.effort > 400) break;
    EXPECT_NEAR(point.few.mean, segment.RecallOf(point.effort, kFewNearest), 0.025 + 2 * point.few.error)
        << point.effort;
    if (point.effort < kManyNearest) continue;
    EXPECT_NEAR(point.many.mean, segment.RecallOf(point.effort, kManyNearest), 0.025 + 2 * point.many.error)
        << point.effort;
  }
  uint32_t before = 0;
  for (const double target : {0.85, 0.95, 0.99}) {
    const std::optional<uint32_t> ef = segment.curve()->EfFor(target, 10);
    ASSERT_TRUE(ef);
    EXPECT_GT(*ef, before);
    EXPECT_GE(segment.RecallOf(*ef, 10), target - 0.5 * (1 - target)) << *ef;
    before = *ef;
  }
}

INSTANTIATE_TEST_SUITE_P(Distances, CalibrationOfEveryDistance,
                         testing::Values(Distance::kCosine, Distance::kEuclid, Distance::kDot, Distance::kManhattan));

TEST(RecallCalibration, MeasuresTheCodesThatSearchesUse) {
  const auto recall_at_ten = [](CodeFormat format) {
    const CalibratedSegment segment({.distance = Distance::kEuclid, .codes = {format}});
    return segment.curve()->points().front().few.mean;
  };
  EXPECT_LT(recall_at_ten(CodeFormat::kPacked1) + 0.1, recall_at_ten(CodeFormat::kInt8));
}

TEST(RecallCalibration, RowsThatAreKeptUnnormalizedAreComparedNormalized) {
  std::vector<float> values = ClusteredVectors(kDim, 4000, 20, 1);
  for (float& value : values) value = std::clamp(std::round(128 + 30 * value), 0.0F, 255.0F);
  const ArrayRows rows(kDim, std::move(values));
  const auto fs = storage::MakeMemoryFileSystem();
  ASSERT_TRUE(fs->CreateDirs("s").ok());
  ASSERT_TRUE(WriteSegment(fs.get(), "s", {.datatype = Datatype::kUint8, .dim = kDim}, rows, {}).ok());
  const auto segment = OpenSegment(fs.get(), "s", VectorKind::kDense, {});
  ASSERT_TRUE(segment.ok());
  EXPECT_GE((*segment)->recall_curve()->points().back().few.mean, 0.99);
}

TEST(RecallCalibration, SegmentsOfFewRowsAreMeasuredUntilAWalkHoldsThemAll) {
  const CalibratedSegment few({}, 40);
  ASSERT_NE(few.curve(), nullptr);
  EXPECT_EQ(few.curve()->points().back().effort, 56u);
  EXPECT_EQ(few.curve()->points().back().few.mean, 1);
  EXPECT_EQ(few.curve()->points().back().many.mean, 1);
  EXPECT_NE(CalibratedSegment({}, 2).curve(), nullptr);
  EXPECT_EQ(CalibratedSegment({}, 1).curve(), nullptr) << "a row has no neighbours to find";
}

TEST(RecallCalibration, SegmentsWithoutAGraphHaveNone) {
  EXPECT_EQ(CalibratedSegment({.build_graph = false}, 500).curve(), nullptr);
}

}  // namespace
}  // namespace sextant::vector_index
