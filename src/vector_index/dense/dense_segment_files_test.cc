#include "vector_index/dense/dense_segment_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

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

// Of a file of rows that is verified when it is touched, a block in the middle is damaged.
class LateVerification : public testing::Test {
 protected:
  static constexpr uint32_t kDim = 64, kRows = 6000;
  static constexpr uint32_t kRowsPerBlock = storage::kBlockBytes / (kDim * sizeof(float));
  static constexpr uint32_t kFirstBad = 10 * kRowsPerBlock, kEndBad = kFirstBad + kRowsPerBlock;

  LateVerification() : rows_(kDim, ClusteredVectors(kDim, kRows, 10, 1)) {
    EXPECT_TRUE(fs_->CreateDirs(directory_ / "s").ok());
    EXPECT_TRUE(WriteSegment(fs_.get(), directory_ / "s", {.dim = kDim, .distance = Distance::kDot}, rows_, {}).ok());
  }
  std::shared_ptr<DenseSealedSegment> Open(storage::Placement rows) {
    auto segment = DenseSealedSegment::Open(fs_.get(), directory_ / "s", {.rows = rows, .rows_verified_at_open = 0});
    EXPECT_TRUE(segment.ok()) << segment.status();
    return *segment;
  }
  void Damage() {
    const std::string path = SegmentFilePath(directory_ / "s", SegmentFile::kRows);
    const std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(path.c_str(), "r+b"), &fclose);
    ASSERT_NE(file, nullptr);
    ASSERT_EQ(fseek(file.get(), 10 * storage::kBlockBytes + 17, SEEK_SET), 0);
    ASSERT_EQ(fwrite("damaged!", 1, 8, file.get()), 8u);
  }
  static void ExpectDamage(const Status& status) {
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << status;
    EXPECT_NE(status.message().find("rows.bin"), std::string_view::npos) << status;
  }

  storage::TemporaryDirectory directory_;
  std::unique_ptr<storage::FileSystem> fs_ = storage::MakePosixFileSystem();
  ArrayRows rows_;
};

TEST_F(LateVerification, SearchesAnswerTheSameBeforeAndAfter) {
  for (const auto placement : {storage::Placement::kMapped, storage::Placement::kCached}) {
    for (auto search :
         {&DenseSealedSegment::SearchGraph, &DenseSealedSegment::SearchScan, &DenseSealedSegment::SearchExact}) {
      const auto segment = Open(placement);
      std::vector<std::vector<RowHit>> answers;
      for (const bool verify : {false, true}) {
        if (verify)
          while (!segment->VerifyMore(1).value()) continue;
        SearchStats stats;
        answers.push_back(Unwrap(((*segment).*search)({.query = rows_.row(70), .k = 20}, &stats)));
      }
      ASSERT_EQ(answers[0].size(), 20u);
      for (size_t i = 0; i < 20; ++i) {
        EXPECT_EQ(answers[0][i].row, answers[1][i].row);
        EXPECT_EQ(answers[0][i].similarity, answers[1][i].similarity);
      }
    }
  }
}

TEST_F(LateVerification, WhoeverTouchesADamagedRowIsToldSoAndNobodyElse) {
  const auto sound = Open(storage::Placement::kMapped);
  RowScratch scratch;
  const VectorRef lost = sound->Row(kFirstBad + 3, &scratch);
  const std::vector<float> lost_values(lost.values.begin(), lost.values.end());
  std::vector<uint32_t> elsewhere;  // ordinals of the rows outside of the damaged block
  for (uint32_t row = 0; row < kRows; ++row)
    if (row < kFirstBad || row >= kEndBad) elsewhere.push_back(Index(sound->ordinal(row)));
  std::sort(elsewhere.begin(), elsewhere.end());
  Damage();
  for (const auto placement : {storage::Placement::kMapped, storage::Placement::kCached}) {
    const auto segment = Open(placement);
    SearchStats stats;
    for (uint32_t row = 0; row < kRows; row += 5)
      EXPECT_EQ(segment->TouchRow(row).ok(), row < kFirstBad || row >= kEndBad) << row;
    const SearchRequest request{.query = {lost_values, {}}, .k = 5};
    ExpectDamage(segment->SearchExact(request, &stats).status());
    ExpectDamage(segment->SearchGraph(request, &stats).status());
    ExpectDamage(segment->SearchScan(request, &stats).status());
    ExpectDamage(segment->VisitRows(request, [](uint32_t, VectorRef) { return OkStatus(); }));
    ExpectDamage(segment->VerifyMore(UINT64_MAX).status());

    const OrdinalSet accept = OrdinalSet::FromSorted(elsewhere);
    SearchRequest sound_rows = request;
    sound_rows.accept = &accept;
    EXPECT_EQ(Unwrap(segment->SearchScan(sound_rows, &stats)).size(), 5u);
    const std::vector<uint32_t> few(elsewhere.begin(), elsewhere.begin() + 300);
    const OrdinalSet few_of_them = OrdinalSet::FromSorted(few);
    sound_rows.accept = &few_of_them;
    EXPECT_EQ(Unwrap(segment->SearchExact(sound_rows, &stats)).size(), 5u);
  }
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
