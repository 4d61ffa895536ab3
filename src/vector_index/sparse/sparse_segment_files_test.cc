#include "vector_index/sparse/sparse_segment_files.h"

#include <gtest/gtest.h>

#include <cstring>

#include "storage/file_system_testing.h"
#include "vector_index/segment_damage_testing.h"
#include "vector_index/segment_testing.h"
#include "vector_index/sparse/sparse_testing.h"

namespace sextant::vector_index {
namespace {

constexpr const char* kSparseFiles[] = {"rows.bin", "postings.bin", "tables.bin", "identity.bin", "segment.bin"};

class SparseSegmentFilesTest : public testing::Test {
 protected:
  SparseSegmentFilesTest() { Write("s", {}); }
  void Write(const std::string& name, const SegmentSpec& spec) {
    ASSERT_TRUE(fs_->CreateDirs(directory_ / name).ok());
    const Status status = WriteSparseSegment(fs_.get(), directory_ / name, spec, rows_, {});
    ASSERT_TRUE(status.ok()) << status;
  }
  Status Open() { return SparseSealedSegment::Open(fs_.get(), directory_ / "s", {}).status(); }
  SegmentOnDisk OnDisk() {
    return {directory_ / "s", kSparseFiles, [this] { return Open(); }};
  }

  storage::TemporaryDirectory directory_;
  std::unique_ptr<storage::FileSystem> fs_ = storage::MakePosixFileSystem();
  SparseArrayRows rows_{RandomSparse({}, 2000, 1)};
};

TEST_F(SparseSegmentFilesTest, EveryPlacementAnswersTheSame) {
  using storage::Placement;
  for (const Datatype datatype : {Datatype::kFloat32, Datatype::kFloat16, Datatype::kUint8}) {
    const std::string name = "d" + std::to_string(static_cast<uint32_t>(datatype));
    Write(name, {.datatype = datatype});
    std::vector<std::vector<RowHit>> answers;
    const OrdinalSet few = OrdinalSet::FromSorted({3, 500, 501});
    for (const Placement placement : {Placement::kPinned, Placement::kCached, Placement::kMapped}) {
      auto segment = SparseSealedSegment::Open(fs_.get(), directory_ / name, {placement, placement});
      ASSERT_TRUE(segment.ok()) << segment.status();
      (*segment)->Retire(1, 1);
      std::vector<RowHit>& answer = answers.emplace_back();
      for (uint32_t i = 0; i < 20; ++i) {
        for (const OrdinalSet* accept : {static_cast<const OrdinalSet*>(nullptr), &few}) {
          SearchStats stats;
          const auto hits = (*segment)->SearchExact({.query = rows_.row(i * 7), .k = 5, .accept = accept}, &stats);
          ASSERT_TRUE(hits.ok());
          answer.insert(answer.end(), hits->begin(), hits->end());
        }
        const auto counts = (*segment)->CountDocuments({.query = {{}, rows_.row(i).indices}});
        ASSERT_TRUE(counts.ok());
        EXPECT_EQ(counts->rows, 1999);
      }
    }
    for (const auto& answer : answers) {
      ASSERT_EQ(answer.size(), answers[0].size());
      EXPECT_GT(answer.size(), 100);
      for (size_t i = 0; i < answer.size(); ++i) {
        EXPECT_EQ(answer[i].row, answers[0][i].row);
        EXPECT_EQ(answer[i].similarity, answers[0][i].similarity);
      }
    }
  }
}

TEST_F(SparseSegmentFilesTest, PinnedFilesCountAsResident) {
  using storage::Placement;
  const auto mapped = SparseSealedSegment::Open(fs_.get(), directory_ / "s", {Placement::kMapped, Placement::kMapped});
  const auto pinned = SparseSealedSegment::Open(fs_.get(), directory_ / "s", {Placement::kPinned, Placement::kPinned});
  ASSERT_TRUE(mapped.ok() && pinned.ok());
  uint64_t elements = 0;
  for (uint32_t i = 0; i < rows_.size(); ++i) elements += rows_.row(i).size();
  EXPECT_GE((*pinned)->resident_bytes(), (*mapped)->resident_bytes() + 16 * elements);
  EXPECT_GE((*mapped)->disk_bytes(), 16 * elements);
}

TEST_F(SparseSegmentFilesTest, AFlippedBitAnywhereIsCorruptionThatNamesTheFile) {
  ExpectFlippedBitsToBeFound(OnDisk());
}

TEST_F(SparseSegmentFilesTest, AMissingOrCutFileIsCorruptionThatNamesIt) {
  ExpectMissingAndCutFilesToBeFound(OnDisk());
}

TEST_F(SparseSegmentFilesTest, AWholeFileOfAnotherSegmentIsCorruption) {
  rows_ = SparseArrayRows(RandomSparse({}, 2000, 2));
  rows_.first_ordinal = 77;
  Write("other", {});
  ExpectFilesOfAnotherToBeFound(OnDisk(), directory_ / "other");
}

// Tables whose checksums are right, but which lead out of the other files.
TEST_F(SparseSegmentFilesTest, TablesThatDoNotFitTogetherAreCorruption) {
  auto opened = OpenSparseSegmentFiles(fs_.get(), directory_ / "s", {});
  ASSERT_TRUE(opened.ok());
  const std::span<const uint8_t> content = opened->file(SparseFile::kTables).content();
  const std::string good(content.begin(), content.end());
  const size_t entries = (2000 + 1) * sizeof(uint64_t);
  const auto write_with = [&](size_t at, uint32_t value) {
    std::string tables = good;
    std::memcpy(tables.data() + at, &value, sizeof(value));
    const std::string path = SparseFilePath(directory_ / "s", SparseFile::kTables);
    auto writer = storage::BlockFileWriter::Create(fs_.get(), path, SparseBlockKind(SparseFile::kTables));
    ASSERT_TRUE(writer.ok() && writer->Append(tables).ok() && writer->Finish().ok());
    SparseHeader header = opened->header;
    header.checksums[static_cast<uint32_t>(SparseFile::kTables)] = writer->checksum();
    const std::string segment = SparseFilePath(directory_ / "s", SparseFile::kSegment);
    auto header_writer = storage::BlockFileWriter::Create(fs_.get(), segment, SparseBlockKind(SparseFile::kSegment));
    ASSERT_TRUE(header_writer.ok() && header_writer->Append(&header, sizeof(header)).ok());
    ASSERT_TRUE(header_writer->Finish().ok());
  };
  write_with(0, 0);
  EXPECT_TRUE(Open().ok());
  for (const size_t at : {size_t{0}, size_t{8 * 1000}, size_t{8 * 2000}, entries + 4, entries + 8, entries + 24}) {
    write_with(at, 0x7FFF'FFFF);
    const Status status = Open();
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << at << ": " << status;
    EXPECT_NE(status.message().find("tables.bin"), std::string::npos) << status;
  }
}

// What format version 2 looks like, byte by byte.
TEST(SparseFormat, LayoutIsTheOneOfVersion2) {
  const SparseArrayRows rows({{{2, 9}, {1, -127}}, {{}, {}}, {{9}, {128}}});
  std::string row_bytes, table_bytes, identity_bytes;
  AppendRaw<uint32_t>(&row_bytes, {2, 9, 9});
  AppendRaw<float>(&row_bytes, {1, -127, 128});
  AppendRaw<uint64_t>(&table_bytes, {0, 2, 2, 3});
  AppendRaw<uint32_t>(&table_bytes, {2, 1});
  AppendRaw<uint64_t>(&table_bytes, {0});
  AppendRaw<float>(&table_bytes, {1, 1});
  AppendRaw<uint32_t>(&table_bytes, {0, 0});
  AppendRaw<uint32_t>(&table_bytes, {9, 2});
  AppendRaw<uint64_t>(&table_bytes, {1});
  AppendRaw<float>(&table_bytes, {-127, 128});
  AppendRaw<uint32_t>(&table_bytes, {0xFFFF'FFFF, 0});
  AppendRaw<uint64_t>(&identity_bytes, {1000, 1001, 1002, 0, 0x0123456789abcdef, 0, 0, 1, 2});
  AppendRaw<uint32_t>(&identity_bytes, {0, 1, 2, 0, 1, 2});
  AppendRaw<uint8_t>(&identity_bytes, {0, 1, 0});
  for (const Datatype datatype : {Datatype::kFloat32, Datatype::kFloat16, Datatype::kUint8}) {
    std::string posting_bytes, header_bytes;
    AppendRaw<uint32_t>(&posting_bytes, {0, 0, 2});
    if (datatype == Datatype::kFloat32) AppendRaw<float>(&posting_bytes, {1, -127, 128});
    if (datatype == Datatype::kFloat16) AppendRaw<uint16_t>(&posting_bytes, {0x3C00, 0xD7F0, 0x5800});
    if (datatype == Datatype::kUint8) AppendRaw<uint8_t>(&posting_bytes, {0, 0, 255});
    AppendRaw<uint8_t>(&posting_bytes, {255, 0, 0});
    AppendRaw<uint32_t>(&header_bytes, {2, 3, static_cast<uint32_t>(datatype), 3, 1, 0});
    AppendRaw<uint64_t>(&header_bytes, {3, 2, 1});
    auto fs = storage::MakeMemoryFileSystem();
    ASSERT_TRUE(fs->CreateDirs("s").ok());
    ASSERT_TRUE(WriteSparseSegment(fs.get(), "s", {.datatype = datatype}, rows, {}).ok());
    const std::string expected[] = {row_bytes, posting_bytes, table_bytes, identity_bytes, header_bytes};
    for (uint32_t i = 0; i < 5; ++i) {
      const auto file = storage::BlockFile::Open(fs.get(), std::string("s/") + kSparseFiles[i], 0x5350'5200 + i,
                                                 storage::Placement::kCached);
      ASSERT_TRUE(file.ok()) << file.status();
      const auto content = (*file)->content();
      const std::string found(content.begin(), content.end());
      if (i < 4) {
        EXPECT_EQ(found, expected[i]) << kSparseFiles[i];
      } else {
        EXPECT_EQ(found.size(), 80);
        EXPECT_EQ(found.substr(0, 48), expected[i]);
      }
    }
  }
}

}  // namespace
}  // namespace sextant::vector_index
