#include "vector_index/multi/multi_segment_files.h"

#include <gtest/gtest.h>

#include <cstring>

#include "storage/file_system_testing.h"
#include "vector_index/multi/multi_sealed_segment.h"
#include "vector_index/multi/multi_testing.h"
#include "vector_index/segment_damage_testing.h"
#include "vector_index/segment_testing.h"

namespace sextant::vector_index {
namespace {

constexpr const char* kMultiFiles[] = {"rows.bin",  "offsets.bin",  "codes.bin",
                                       "graph.bin", "identity.bin", "segment.bin"};

class MultiSegmentFilesTest : public testing::Test {
 protected:
  MultiSegmentFilesTest() { Write("s"); }
  void Write(const std::string& name) {
    ASSERT_TRUE(fs_->CreateDirs(directory_ / name).ok());
    const SegmentSpec spec{.kind = VectorKind::kMulti, .dim = 16, .distance = Distance::kEuclid};
    const Status status = WriteMultiSegment(fs_.get(), directory_ / name, spec, rows_, {});
    ASSERT_TRUE(status.ok()) << status;
  }
  Status Open() { return MultiSealedSegment::Open(fs_.get(), directory_ / "s", {}).status(); }
  SegmentOnDisk OnDisk() {
    return {directory_ / "s", kMultiFiles, [this] { return Open(); }};
  }
  // What follows the header in its file.
  static std::string RestOfHeader(const MultiSegmentFiles& files) {
    return std::string(reinterpret_cast<const char*>(files.center.data()), files.center.size() * sizeof(float)) +
           std::string(reinterpret_cast<const char*>(files.entries.data()), files.entries.size() * sizeof(uint32_t));
  }
  // Replaces a data file and the header by ones whose checksums fit.
  void Replace(MultiFile file, const std::string& content, MultiHeader header, const std::string& rest) {
    const auto write = [&](MultiFile which, const std::string& bytes) {
      auto writer =
          storage::BlockFileWriter::Create(fs_.get(), MultiFilePath(directory_ / "s", which), MultiBlockKind(which));
      EXPECT_TRUE(writer.ok() && writer->Append(bytes).ok() && writer->Finish().ok());
      return writer->checksum();
    };
    header.checksums[static_cast<uint32_t>(file)] = write(file, content);
    write(MultiFile::kSegment, std::string(reinterpret_cast<const char*>(&header), sizeof(header)) + rest);
  }

  storage::TemporaryDirectory directory_;
  std::unique_ptr<storage::FileSystem> fs_ = storage::MakePosixFileSystem();
  MultiArrayRows rows_{16, RandomMulti({.dim = 16}, 300, 1)};
};

TEST_F(MultiSegmentFilesTest, EveryPlacementAnswersTheSame) {
  using storage::Placement;
  std::vector<std::vector<RowHit>> answers;
  const OrdinalSet few = OrdinalSet::FromSorted({3, 500, 501});
  for (Placement placement : {Placement::kPinned, Placement::kCached, Placement::kMapped}) {
    auto segment = MultiSealedSegment::Open(fs_.get(), directory_ / "s", {placement, placement, placement});
    ASSERT_TRUE(segment.ok()) << segment.status();
    (*segment)->Retire(1, 1);
    std::vector<RowHit>& answer = answers.emplace_back();
    for (uint32_t i = 0; i < 20; ++i) {
      SearchStats stats;
      for (const OrdinalSet* accept : {static_cast<const OrdinalSet*>(nullptr), &few})
        for (auto search : {&SealedRows::SearchGraph, &SealedRows::SearchScan, &SealedRows::SearchExact}) {
          const SealedRows& rows = **segment;
          const auto hits = (rows.*search)({.query = rows_.row(i * 7), .k = 5, .ef = 16, .accept = accept}, &stats);
          ASSERT_TRUE(hits.ok());
          answer.insert(answer.end(), hits->begin(), hits->end());
        }
    }
  }
  for (const auto& answer : answers) {
    ASSERT_EQ(answer.size(), answers[0].size());
    for (size_t i = 0; i < answer.size(); ++i) {
      EXPECT_EQ(answer[i].row, answers[0][i].row);
      EXPECT_EQ(answer[i].similarity, answers[0][i].similarity);
    }
  }
}

TEST_F(MultiSegmentFilesTest, PinnedFilesCountAsResident) {
  using storage::Placement;
  const auto mapped = MultiSealedSegment::Open(fs_.get(), directory_ / "s",
                                               {Placement::kMapped, Placement::kMapped, Placement::kMapped});
  const auto pinned = MultiSealedSegment::Open(fs_.get(), directory_ / "s",
                                               {Placement::kPinned, Placement::kPinned, Placement::kPinned});
  ASSERT_TRUE(mapped.ok() && pinned.ok());
  EXPECT_GE((*pinned)->resident_bytes(), (*mapped)->resident_bytes() + rows_.tokens() * 16 * (sizeof(float) + 1));
  EXPECT_GE((*mapped)->disk_bytes(), rows_.tokens() * (16 * sizeof(float) + 16 + 33 * sizeof(uint32_t)));
}

TEST_F(MultiSegmentFilesTest, AFlippedBitAnywhereIsCorruptionThatNamesTheFile) {
  ExpectFlippedBitsToBeFound(OnDisk());
}

TEST_F(MultiSegmentFilesTest, AMissingOrCutFileIsCorruptionThatNamesIt) {
  ExpectMissingAndCutFilesToBeFound(OnDisk());
}

TEST_F(MultiSegmentFilesTest, AWholeFileOfAnotherSegmentIsCorruption) {
  rows_ = MultiArrayRows(16, RandomMulti({.dim = 16}, 300, 2));
  rows_.first_ordinal = 77;
  Write("other");
  ExpectFilesOfAnotherToBeFound(OnDisk(), directory_ / "other");
}

// Tables whose checksums are right, but which lead out of the other files.
TEST_F(MultiSegmentFilesTest, TablesThatDoNotFitTogetherAreCorruption) {
  auto opened = OpenMultiSegmentFiles(fs_.get(), directory_ / "s", {});
  ASSERT_TRUE(opened.ok());
  const std::string rest = RestOfHeader(*opened);
  const auto content = [&](MultiFile file) {
    const auto bytes = opened->file(file)->content();
    return std::string(bytes.begin(), bytes.end());
  };
  const std::string offsets = content(MultiFile::kOffsets), graph = content(MultiFile::kGraph);
  const size_t places = rows_.tokens() * opened->header.degree * sizeof(uint32_t);
  const auto expect_corruption = [&](MultiFile file, std::string bytes, size_t at, uint32_t value) {
    std::memcpy(bytes.data() + at, &value, sizeof(value));
    Replace(file, bytes, opened->header, rest);
    const Status status = Open();
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << at << ": " << status;
    EXPECT_NE(status.message().find(kMultiFiles[static_cast<uint32_t>(file)]), std::string::npos) << status;
  };
  for (const size_t at : {size_t{0}, size_t{8 * 150}, size_t{8 * 300}})
    expect_corruption(MultiFile::kOffsets, offsets, at, 0x7FFF'FFFF);
  Replace(MultiFile::kOffsets, offsets, opened->header, rest);
  EXPECT_TRUE(Open().ok());
  expect_corruption(MultiFile::kGraph, graph, places, static_cast<uint32_t>(rows_.tokens()));
  expect_corruption(MultiFile::kGraph, graph, places, opened->places[1]);
  std::string far_entry = rest;
  std::memset(far_entry.data() + 16 * sizeof(float), 0x7F, sizeof(uint32_t));
  Replace(MultiFile::kGraph, graph, opened->header, far_entry);
  EXPECT_EQ(ErrorClassOf(Open()), ErrorClass::kCorruption);
}

// Headers whose checksums are right, but which make no sense.
TEST_F(MultiSegmentFilesTest, AHeaderOfAnotherFormatOrWithoutSenseIsCorruption) {
  auto opened = OpenMultiSegmentFiles(fs_.get(), directory_ / "s", {});
  ASSERT_TRUE(opened.ok());
  const auto bytes = opened->file(MultiFile::kOffsets)->content();
  const std::string offsets(bytes.begin(), bytes.end());
  const auto expect_corruption = [&](auto change) {
    MultiHeader header = opened->header;
    change(&header);
    Replace(MultiFile::kOffsets, offsets, header, RestOfHeader(*opened));
    const Status status = Open();
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << status;
  };
  Replace(MultiFile::kOffsets, offsets, opened->header, RestOfHeader(*opened));
  EXPECT_TRUE(Open().ok());
  expect_corruption([](MultiHeader* header) { header->format_version = 2; });
  expect_corruption([](MultiHeader* header) { header->kind = 1; });
  expect_corruption([](MultiHeader* header) { header->datatype = 9; });
  expect_corruption([](MultiHeader* header) { header->distance = 0; });
  expect_corruption([](MultiHeader* header) { header->dim = 0; });
  expect_corruption([](MultiHeader* header) { header->dim = UINT32_MAX; });
  expect_corruption([](MultiHeader* header) { header->rows = 0; });
  expect_corruption([](MultiHeader* header) { header->tokens = 3; });
  expect_corruption([](MultiHeader* header) { header->tokens = UINT64_MAX / 2; });
  expect_corruption([](MultiHeader* header) { header->entry_count = UINT32_MAX; });
}

// What format version 1 looks like, byte by byte, but for codes and graph.
TEST(MultiFormat, LayoutIsTheOneOfVersion1) {
  const MultiArrayRows rows(2, {{1, 2}, {3, 4, 5, 6, 7, 8}, {9, 10}});
  for (Datatype datatype : {Datatype::kFloat32, Datatype::kFloat16, Datatype::kUint8}) {
    std::string row_bytes, offset_bytes, identity_bytes, header_bytes;
    if (datatype == Datatype::kFloat32) AppendRaw<float>(&row_bytes, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    if (datatype == Datatype::kFloat16)
      AppendRaw<uint16_t>(&row_bytes, {0x3C00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600, 0x4700, 0x4800, 0x4880, 0x4900});
    if (datatype == Datatype::kUint8) AppendRaw<uint8_t>(&row_bytes, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    AppendRaw<uint64_t>(&offset_bytes, {0, 1, 4, 5});
    AppendRaw<uint64_t>(&identity_bytes, {1000, 1001, 1002, 0, 0x0123456789abcdef, 0, 0, 1, 2});
    AppendRaw<uint32_t>(&identity_bytes, {0, 1, 2, 0, 1, 2});
    AppendRaw<uint8_t>(&identity_bytes, {0, 1, 0});
    AppendRaw<uint32_t>(&header_bytes, {1, 2, static_cast<uint32_t>(datatype), 3, 2, 16, 100, 0, 3, 0});
    AppendRaw<uint64_t>(&header_bytes, {5, 0});
    auto fs = storage::MakeMemoryFileSystem();
    ASSERT_TRUE(fs->CreateDirs("s").ok());
    const SegmentSpec spec{
        .kind = VectorKind::kMulti, .datatype = datatype, .dim = 2, .distance = Distance::kDot, .build_graph = false};
    ASSERT_TRUE(WriteMultiSegment(fs.get(), "s", spec, rows, {}).ok());
    const std::pair<uint32_t, std::string> expected[] = {
        {0, row_bytes}, {1, offset_bytes}, {4, identity_bytes}, {5, header_bytes}};
    for (const auto& [file, content] : expected) {
      const auto opened = storage::BlockFile::Open(fs.get(), std::string("s/") + kMultiFiles[file], 0x4D55'4C00 + file,
                                                   storage::Placement::kCached);
      ASSERT_TRUE(opened.ok()) << opened.status();
      const std::string found((*opened)->content().begin(), (*opened)->content().end());
      EXPECT_EQ(found.substr(0, content.size()), content) << kMultiFiles[file];
      EXPECT_EQ(found.size(), file == 5 ? 96 + 2 * sizeof(float) : content.size());
    }
  }
}

}  // namespace
}  // namespace sextant::vector_index
