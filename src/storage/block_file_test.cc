#include "storage/block_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
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
    EXPECT_TRUE((*file)->verified());
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

TEST_F(BlockFileTest, BlocksAreVerifiedWhenTheyAreTouchedOrInTheBackground) {
  const std::string content = Content(200 * kBlockBytes + 5);
  WriteBlocks(content);
  const auto file = BlockFile::Open(fs_.get(), path_, kKind, Placement::kMapped, Verification::kOnTouch).value();
  EXPECT_FALSE(file->verified());
  file->ReadAhead(kBlockBytes - 1, 2);
  EXPECT_TRUE(file->Touch(kBlockBytes - 1, 2).ok());
  EXPECT_TRUE(file->Touch(content.size() - 1, 1).ok());
  EXPECT_FALSE(file->VerifyMore(1).value());
  EXPECT_FALSE(file->verified());
  int steps = 0;
  while (!file->VerifyMore(kBlockBytes).value()) ++steps;
  EXPECT_GT(steps, 0);
  EXPECT_TRUE(file->verified());
  EXPECT_TRUE(file->Touch(0, content.size()).ok());
  EXPECT_TRUE(file->VerifyMore(1).value());
}

TEST_F(BlockFileTest, ADamagedBlockIsFoundWheneverItIsTouchedAndTheOthersAreServed) {
  WriteBlocks(Content(200 * kBlockBytes));
  std::string bad = ReadRaw();
  constexpr uint64_t kBad = 130;
  bad[kBad * kBlockBytes + 77] = static_cast<char>(bad[kBad * kBlockBytes + 77] ^ 4);
  WriteRaw(bad);
  ExpectCorruption("opened whole");
  const auto file = BlockFile::Open(fs_.get(), path_, kKind, Placement::kCached, Verification::kOnTouch).value();
  for (uint64_t block = 0; block < 200; ++block) {
    const Status status = file->Touch(block * kBlockBytes + 11, 100);
    EXPECT_EQ(status.ok(), block != kBad) << block << ": " << status;
  }
  EXPECT_TRUE(file->Touch((kBad - 2) * kBlockBytes, 2 * kBlockBytes).ok());
  for (int again = 0; again < 2; ++again) {
    for (const auto& [offset, size] : {std::pair{kBad * kBlockBytes, kBlockBytes},
                                       {(kBad + 1) * kBlockBytes - 1, 2ul},
                                       {kBad * kBlockBytes - 1, 2ul},
                                       {0ul, 200 * kBlockBytes}}) {
      const Status status = file->Touch(offset, size);
      EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << offset << " " << size;
      EXPECT_THAT(std::string(status.message()), HasSubstr("block 130"));
    }
    EXPECT_EQ(ErrorClassOf(file->VerifyMore(UINT64_MAX).status()), ErrorClass::kCorruption);
    EXPECT_FALSE(file->verified());
  }
}

TEST_F(BlockFileTest, ATailIsVerifiedAtOpenWhateverIsVerifiedLater) {
  WriteBlocks(Content(2 * kBlockBytes));
  const std::string good = ReadRaw();
  for (size_t place = 2 * kBlockBytes; place < good.size(); ++place) {
    std::string bad = good;
    bad[place] = static_cast<char>(bad[place] ^ 1);
    WriteRaw(bad);
    const Status status = BlockFile::Open(fs_.get(), path_, kKind, Placement::kMapped, Verification::kOnTouch).status();
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << place;
  }
}

TEST_F(BlockFileTest, ThreadsTouchAndVerifyAtOnce) {
  WriteBlocks(Content(300 * kBlockBytes));
  const auto file = BlockFile::Open(fs_.get(), path_, kKind, Placement::kMapped, Verification::kOnTouch).value();
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 3; ++t)
    threads.emplace_back([&file, t] {
      std::mt19937 random(t);
      for (int i = 0; i < 2000; ++i) EXPECT_TRUE(file->Touch(random() % (299 * kBlockBytes), 3000).ok());
    });
  while (!file->VerifyMore(kBlockBytes).value()) std::this_thread::yield();
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(file->verified());
}

TEST(BlockFile, DamageOnDiskIsFoundInEveryPlacementAndAtTheFirstTouch) {
  const TemporaryDirectory root;
  const auto fs = MakePosixFileSystem();
  const std::string path = root / "blocks";
  auto writer = BlockFileWriter::Create(fs.get(), path, kKind).value();
  ASSERT_TRUE(writer.Append(Content(3 * kBlockBytes)).ok());
  ASSERT_TRUE(writer.Finish().ok());
  const auto open = BlockFile::Open(fs.get(), path, kKind, Placement::kMapped, Verification::kOnTouch).value();
  {
    const std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(path.c_str(), "r+b"), &fclose);
    ASSERT_NE(file, nullptr);
    ASSERT_EQ(fseek(file.get(), kBlockBytes + 17, SEEK_SET), 0);
    ASSERT_EQ(fwrite("damaged!", 1, 8, file.get()), 8u);
  }
  EXPECT_TRUE(open->Touch(0, kBlockBytes).ok());
  EXPECT_EQ(ErrorClassOf(open->Touch(kBlockBytes, 1)), ErrorClass::kCorruption);
  for (Placement placement : {Placement::kMapped, Placement::kCached, Placement::kPinned}) {
    const Status status = BlockFile::Open(fs.get(), path, kKind, placement).status();
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("block 1"));
  }
}

}  // namespace
}  // namespace sextant::storage
