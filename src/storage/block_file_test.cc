#include "storage/block_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "storage/file_system_testing.h"

namespace sextant::storage {
namespace {

using ::testing::HasSubstr;

constexpr uint32_t kKind = 7;

std::string Content(size_t size, uint32_t seed = 1) {
  std::mt19937 random(seed);
  std::string content(size, '\0');
  for (char& c : content) c = static_cast<char>(random());
  return content;
}

class BlockFileTest : public ::testing::Test {
 protected:
  void WriteRaw(const std::string& bytes) {
    auto file = fs_->Create(path_).value();
    ASSERT_TRUE(file->Append(bytes).ok());
    ASSERT_TRUE(file->Close().ok());
  }
  std::string ReadRaw() {
    auto bytes = fs_->Read(path_, Placement::kMapped).value();
    return {bytes->bytes().begin(), bytes->bytes().end()};
  }
  void WriteBlocks(const std::string& content) {
    auto writer = BlockFileWriter::Create(fs_.get(), path_, kKind).value();
    ASSERT_TRUE(writer.Append(content).ok());
    ASSERT_TRUE(writer.Finish().ok());
  }
  Result<std::shared_ptr<const BlockFile>> Open(uint32_t kind = kKind) {
    return BlockFile::Open(fs_.get(), path_, kind, Placement::kMapped);
  }
  void ExpectCorruption(const std::string& what) {
    const Status status = Open().status();
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << what << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(path_));
  }

  std::unique_ptr<FileSystem> fs_ = MakeMemoryFileSystem();
  std::string path_ = "blocks";
};

TEST_F(BlockFileTest, ContentComesBackForSizesAroundTheBlock) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{kBlockBytes - 1}, size_t{kBlockBytes}, size_t{kBlockBytes + 1},
                            size_t{3 * kBlockBytes}, size_t{5 * kBlockBytes + 123}}) {
    const std::string content = Content(size);
    WriteBlocks(content);
    auto file = Open();
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE(std::string((*file)->content().begin(), (*file)->content().end()) == content) << size;
    EXPECT_TRUE((*file)->Verify().ok());
  }
}

TEST_F(BlockFileTest, TheWayOfAppendingDoesNotChangeTheFile) {
  const std::string content = Content(4 * kBlockBytes + 99);
  WriteBlocks(content);
  const std::string whole = ReadRaw();
  std::mt19937 random(3);
  auto writer = BlockFileWriter::Create(fs_.get(), path_, kKind).value();
  for (size_t begin = 0; begin < content.size();) {
    const size_t size = std::min<size_t>(content.size() - begin, random() % (2 * kBlockBytes));
    ASSERT_TRUE(writer.Append(content.data() + begin, size).ok());
    begin += size;
  }
  EXPECT_EQ(writer.content_bytes(), content.size());
  ASSERT_TRUE(writer.Finish().ok());
  EXPECT_TRUE(ReadRaw() == whole);
  EXPECT_EQ(Open().value()->checksum(), writer.checksum());
}

TEST_F(BlockFileTest, EveryFlippedBitIsFound) {
  WriteBlocks(Content(2 * kBlockBytes + 500));
  const std::string good = ReadRaw();
  std::mt19937 random(5);
  // All of the tail (last block, table, footer), and a sample of the rest.
  std::vector<size_t> places;
  for (size_t i = 2 * kBlockBytes; i < good.size(); ++i) places.push_back(i);
  for (int i = 0; i < 200; ++i) places.push_back(random() % (2 * kBlockBytes));
  for (size_t place : places) {
    std::string bad = good;
    bad[place] = static_cast<char>(bad[place] ^ (1 << (random() % 8)));
    WriteRaw(bad);
    ExpectCorruption("bit flipped in byte " + std::to_string(place));
  }
}

TEST_F(BlockFileTest, EveryTruncationAndExtensionIsFound) {
  WriteBlocks(Content(kBlockBytes + 100));
  const std::string good = ReadRaw();
  for (size_t size = 0; size < good.size(); size += (size + 200 < good.size() ? 997 : 1)) {
    WriteRaw(good.substr(0, size));
    ExpectCorruption("cut to " + std::to_string(size));
  }
  WriteRaw(good + std::string(1, '\0'));
  ExpectCorruption("one byte more");
  WriteRaw(good + good);
  ExpectCorruption("twice");
}

TEST_F(BlockFileTest, AnotherKindIsRefusedAndAnotherFileOfTheKindHasAnotherChecksum) {
  WriteBlocks(Content(1000, 1));
  const Status status = Open(kKind + 1).status();
  EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << status;
  const uint64_t first = Open().value()->checksum();
  WriteBlocks(Content(1000, 2));
  EXPECT_NE(Open().value()->checksum(), first);
}

TEST_F(BlockFileTest, MissingFileIsNotFound) {
  EXPECT_EQ(ErrorClassOf(Open().status()), ErrorClass::kNotFound);
}

TEST(BlockFile, DamageOnDiskIsFoundInEveryPlacementAndByVerify) {
  const TemporaryDirectory root;
  const auto fs = MakePosixFileSystem();
  const std::string path = root / "blocks";
  auto writer = BlockFileWriter::Create(fs.get(), path, kKind).value();
  ASSERT_TRUE(writer.Append(Content(3 * kBlockBytes)).ok());
  ASSERT_TRUE(writer.Finish().ok());
  const auto open = BlockFile::Open(fs.get(), path, kKind, Placement::kMapped).value();
  {
    const std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(path.c_str(), "r+b"), &fclose);
    ASSERT_NE(file, nullptr);
    ASSERT_EQ(fseek(file.get(), kBlockBytes + 17, SEEK_SET), 0);
    ASSERT_EQ(fwrite("damaged!", 1, 8, file.get()), 8u);
  }
  EXPECT_EQ(ErrorClassOf(open->Verify()), ErrorClass::kCorruption);
  for (Placement placement : {Placement::kMapped, Placement::kCached, Placement::kPinned}) {
    const Status status = BlockFile::Open(fs.get(), path, kKind, placement).status();
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("block 1"));
  }
}

}  // namespace
}  // namespace sextant::storage
