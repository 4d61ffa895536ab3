#include "vector_index/dense/dense_segment_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "storage/file_system_testing.h"
#include "vector_index/segment_damage_testing.h"
#include "vector_index/segment_testing.h"

namespace sextant::vector_index {
namespace {

constexpr const char* kDenseFiles[] = {"rows.bin", "codes.bin", "graph.bin", "identity.bin", "segment.bin"};

class SegmentFilesTest : public testing::Test {
 protected:
  SegmentFilesTest() : rows_(16, ClusteredVectors(16, 2000, 10, 1)) { Write("s"); }
  void Write(const std::string& name) {
    ASSERT_TRUE(fs_->CreateDirs(directory_ / name).ok());
    const Status status =
        WriteSegment(fs_.get(), directory_ / name, {.dim = 16, .distance = Distance::kEuclid}, rows_, {});
    ASSERT_TRUE(status.ok()) << status;
  }
  Status Open() { return DenseSealedSegment::Open(fs_.get(), directory_ / "s", {}).status(); }
  SegmentOnDisk OnDisk() {
    return {directory_ / "s", kDenseFiles, [this] { return Open(); }};
  }

  storage::TemporaryDirectory directory_;
  std::unique_ptr<storage::FileSystem> fs_ = storage::MakePosixFileSystem();
  ArrayRows rows_;
};

TEST_F(SegmentFilesTest, EveryPlacementAnswersTheSame) {
  using storage::Placement;
  std::vector<std::vector<RowHit>> answers;
  for (Placement placement : {Placement::kPinned, Placement::kCached, Placement::kMapped}) {
    auto segment = DenseSealedSegment::Open(fs_.get(), directory_ / "s", {placement, placement, placement});
    ASSERT_TRUE(segment.ok()) << segment.status();
    std::vector<RowHit> answer;
    for (uint32_t i = 0; i < 20; ++i) {
      SearchStats stats;
      for (auto search :
           {&DenseSealedSegment::SearchGraph, &DenseSealedSegment::SearchScan, &DenseSealedSegment::SearchExact}) {
        const auto hits = ((**segment).*search)({.query = rows_.row(i * 7), .k = 5}, &stats);
        ASSERT_TRUE(hits.ok());
        answer.insert(answer.end(), hits->begin(), hits->end());
      }
    }
    answers.push_back(std::move(answer));
  }
  for (const auto& answer : answers) {
    ASSERT_EQ(answer.size(), answers[0].size());
    for (size_t i = 0; i < answer.size(); ++i) {
      EXPECT_EQ(answer[i].row, answers[0][i].row);
      EXPECT_EQ(answer[i].similarity, answers[0][i].similarity);
    }
  }
}

// Segments of random normalised rows: version 1 with codes of bytes, version 2 with codes of two bits, version 3
// with codes of bytes and measured recall, of 120 rows each, and version 4 with clusters, of 4,100.
TEST(SegmentCompatibility, SegmentsOfEveryVersionAreReadAndSearched) {
  const std::unique_ptr<storage::FileSystem> fs = storage::MakePosixFileSystem();
  for (const std::string name : {"dense_segment_1", "dense_segment_2", "dense_segment_3", "dense_segment_4"}) {
    const auto segment = DenseSealedSegment::Open(fs.get(), CompatDirectory(name), {});
    ASSERT_TRUE(segment.ok()) << segment.status();
    EXPECT_EQ((*segment)->rows(), name == "dense_segment_4" ? 4100u : 120u);
    EXPECT_EQ((*segment)->spec().codes.format,
              name == "dense_segment_2" ? std::optional(CodeFormat::kPacked2) : std::nullopt);
    SearchStats stats;
    RowScratch scratch;
    for (uint32_t row = 0; row < 120; ++row) {
      SearchRequest request{.query = (*segment)->Row(row, &scratch), .k = 3, .ef = 50};
      const auto found = Unwrap((*segment)->SearchGraph(request, &stats));
      ASSERT_EQ(found.size(), 3u);
      EXPECT_EQ(found[0].row, row);
      EXPECT_NEAR(found[0].similarity, 1, 1e-5);
      // Codes mean what they meant when they were written.
      request.rescore = false;
      const auto estimated = Unwrap((*segment)->SearchGraph(request, &stats));
      EXPECT_TRUE(estimated[0].row == row || name == "dense_segment_4") << "many rows in few dimensions are alike";
      EXPECT_NEAR(estimated[0].similarity, 1, name == "dense_segment_2" ? 0.1 : 0.02);
    }
  }
}

TEST(SegmentCompatibility, ClustersAreReadBackAndProbed) {
  const std::unique_ptr<storage::FileSystem> fs = storage::MakePosixFileSystem();
  const auto segment = DenseSealedSegment::Open(fs.get(), CompatDirectory("dense_segment_4"), {});
  ASSERT_TRUE(segment.ok());
  std::vector<uint32_t> every_other;
  for (uint32_t ordinal = 0; ordinal < 4100; ordinal += 2) every_other.push_back(ordinal);
  const OrdinalSet accept = OrdinalSet::FromSorted(every_other);
  RowScratch scratch;
  SearchStats stats;
  for (uint32_t row = 0; row < 4100; row += 50) {
    const SearchRequest request{
        .query = (*segment)->Row(row, &scratch), .k = 3, .accept = &accept, .accept_share = 0.5};
    const auto found = Unwrap((*segment)->SearchGraph(request, &stats)),
               exact = Unwrap((*segment)->SearchExact(request, &stats));
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].similarity, exact[0].similarity) << row;
  }
  EXPECT_GT(stats.probes, 0u);
}

TEST(SegmentCompatibility, MeasuredRecallIsReadBackWhereThereIsAny) {
  const std::unique_ptr<storage::FileSystem> fs = storage::MakePosixFileSystem();
  for (const char* name : {"dense_segment_1", "dense_segment_2"})
    EXPECT_EQ((*DenseSealedSegment::Open(fs.get(), CompatDirectory(name), {}))->recall_curve(), nullptr);
  const auto segment = DenseSealedSegment::Open(fs.get(), CompatDirectory("dense_segment_3"), {});
  const RecallCurve* const curve = (*segment)->recall_curve();
  ASSERT_NE(curve, nullptr);
  ASSERT_EQ(curve->points().size(), 6u);
  EXPECT_EQ(curve->points().front().effort, 10u);
  EXPECT_FLOAT_EQ(curve->points().front().few.mean, 0.984375F);
  EXPECT_NEAR(curve->points().front().few.error, 0.0045387, 1e-6);
  EXPECT_EQ(curve->points().back().effort, 180u);
  EXPECT_EQ(curve->points().back().many.mean, 1);
}

TEST_F(SegmentFilesTest, PinnedFilesCountAsResident) {
  using storage::Placement;
  const auto mapped = DenseSealedSegment::Open(fs_.get(), directory_ / "s",
                                               {Placement::kMapped, Placement::kMapped, Placement::kMapped});
  const auto pinned = DenseSealedSegment::Open(fs_.get(), directory_ / "s",
                                               {Placement::kPinned, Placement::kPinned, Placement::kPinned});
  ASSERT_TRUE(mapped.ok() && pinned.ok());
  EXPECT_GE((*pinned)->resident_bytes(), (*mapped)->resident_bytes() + 2000 * 16 * (sizeof(float) + 1));
  EXPECT_GE((*mapped)->disk_bytes(), 2000 * (16 * sizeof(float) + 16 + 32 * sizeof(uint32_t)));
}

TEST_F(SegmentFilesTest, AFlippedBitAnywhereIsCorruptionThatNamesTheFile) {
  ExpectFlippedBitsToBeFound(OnDisk());
}

TEST_F(SegmentFilesTest, AMissingOrCutFileIsCorruptionThatNamesIt) {
  ExpectMissingAndCutFilesToBeFound(OnDisk());
}

TEST_F(SegmentFilesTest, AWholeFileOfAnotherSegmentIsCorruption) {
  rows_.values()[5] += 1;
  rows_.first_ordinal = 77;
  Write("other");
  ExpectFilesOfAnotherToBeFound(OnDisk(), directory_ / "other");
}

}  // namespace
}  // namespace sextant::vector_index
