#include "storage/file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "storage/file_system_testing.h"

namespace sextant::storage {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

struct Posix {
  std::unique_ptr<FileSystem> fs = MakePosixFileSystem();
};
struct Memory {
  std::unique_ptr<FileSystem> fs = MakeMemoryFileSystem();
};

// What every file system promises.
template <typename Kind>
class FileSystemContract : public ::testing::Test {
 protected:
  FileSystemContract() { EXPECT_TRUE(fs().CreateDirs(root_.path()).ok()); }
  FileSystem& fs() { return *kind_.fs; }
  std::string Path(const std::string& name) const { return root_ / name; }

  Status Write(const std::string& name, const std::string& content) {
    ASSIGN_OR_RETURN(auto file, fs().Create(Path(name)));
    RETURN_IF_ERROR(file->Append(content));
    RETURN_IF_ERROR(file->Sync());
    return file->Close();
  }
  Result<std::string> Read(const std::string& name, Placement placement = Placement::kMapped) {
    ASSIGN_OR_RETURN(auto bytes, fs().Read(Path(name), placement));
    return std::string(bytes->bytes().begin(), bytes->bytes().end());
  }

  Kind kind_;
  TemporaryDirectory root_;
};

using FileSystems = ::testing::Types<Posix, Memory>;
TYPED_TEST_SUITE(FileSystemContract, FileSystems);

TYPED_TEST(FileSystemContract, ReadsBackWhatWasWrittenInEveryPlacementAligned) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{5000}, size_t{3} << 20}) {
    std::string content(size, '\0');
    for (size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 7 + i / 251);
    ASSERT_TRUE(this->Write("file", content).ok());
    EXPECT_EQ(this->fs().FileSize(this->Path("file")).value(), size);
    for (Placement placement : {Placement::kMapped, Placement::kCached, Placement::kPinned}) {
      auto bytes = this->fs().Read(this->Path("file"), placement);
      ASSERT_TRUE(bytes.ok()) << bytes.status();
      EXPECT_TRUE(std::equal(content.begin(), content.end(), (*bytes)->bytes().begin(), (*bytes)->bytes().end(),
                             [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; }));
      EXPECT_EQ(reinterpret_cast<uintptr_t>((*bytes)->bytes().data()) % 64, 0u);
      (*bytes)->AdviseRandom();
      (*bytes)->Release(size / 2, size);
      (*bytes)->ReadAhead(size / 3, size);
      EXPECT_TRUE((*bytes)->Populate(0, size).ok());
      EXPECT_TRUE((*bytes)->Populate(size / 2, size).ok());
    }
  }
}

TYPED_TEST(FileSystemContract, PinnedBytesSayThatTheyArePinned) {
  ASSERT_TRUE(this->Write("file", "content").ok());
  EXPECT_TRUE(this->fs().Read(this->Path("file"), Placement::kPinned).value()->pinned());
}

TYPED_TEST(FileSystemContract, ManySmallAppendsMakeOneContent) {
  auto file = this->fs().Create(this->Path("file")).value();
  std::string expected;
  for (int i = 0; i < 20000; ++i) {
    const std::string piece = std::to_string(i) + std::string(static_cast<size_t>(i % 301), 'x');
    ASSERT_TRUE(file->Append(piece).ok());
    expected += piece;
  }
  ASSERT_TRUE(file->Close().ok());
  EXPECT_TRUE(this->Read("file").value() == expected);
}

TYPED_TEST(FileSystemContract, LentBytesOutliveRemovalReplacementAndTheFileSystem) {
  ASSERT_TRUE(this->Write("file", "first").ok());
  auto lent = this->fs().Read(this->Path("file"), Placement::kMapped).value();
  ASSERT_TRUE(this->Write("other", "second").ok());
  ASSERT_TRUE(this->fs().Rename(this->Path("other"), this->Path("file")).ok());
  EXPECT_EQ(this->Read("file").value(), "second");
  ASSERT_TRUE(this->fs().Remove(this->Path("file")).ok());
  this->kind_.fs.reset();
  EXPECT_EQ(std::string(lent->bytes().begin(), lent->bytes().end()), "first");
}

TYPED_TEST(FileSystemContract, CreateTruncates) {
  ASSERT_TRUE(this->Write("file", "something long").ok());
  ASSERT_TRUE(this->Write("file", "short").ok());
  EXPECT_EQ(this->Read("file").value(), "short");
}

TYPED_TEST(FileSystemContract, MissingThingsAreNotFoundAndNamed) {
  const std::string missing = this->Path("no/such");
  const auto expect = [&](const Status& status) {
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kNotFound) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(missing));
  };
  expect(this->fs().Create(missing).status());
  expect(this->fs().Read(missing, Placement::kMapped).status());
  expect(this->fs().FileSize(missing).status());
  expect(this->fs().Rename(missing, this->Path("b")));
  expect(this->fs().List(missing).status());
  expect(this->fs().SyncDir(missing));
  EXPECT_FALSE(this->fs().Exists(missing));
  EXPECT_TRUE(this->fs().Remove(missing).ok());
  EXPECT_TRUE(this->fs().RemoveTree(missing).ok());
}

TYPED_TEST(FileSystemContract, DirectoriesAreMadeListedMovedAndRemovedWhole) {
  ASSERT_TRUE(this->fs().CreateDirs(this->Path("a/b/c/")).ok());
  ASSERT_TRUE(this->fs().CreateDirs(this->Path("a/b/c")).ok());
  ASSERT_TRUE(this->Write("a/one", "1").ok());
  ASSERT_TRUE(this->Write("a/b/two", "2").ok());
  ASSERT_TRUE(this->Write("ab", "beside").ok());
  EXPECT_THAT(this->fs().List(this->Path("a")).value(), UnorderedElementsAre("one", "b"));
  EXPECT_THAT(this->fs().List(this->Path("")).value(), UnorderedElementsAre("a", "ab"));
  EXPECT_TRUE(this->fs().SyncDir(this->Path("a")).ok());
  EXPECT_FALSE(this->fs().Create(this->Path("a/b")).ok());
  EXPECT_FALSE(this->fs().CreateDirs(this->Path("a/one/x")).ok());

  ASSERT_TRUE(this->fs().Rename(this->Path("a"), this->Path("moved")).ok());
  EXPECT_FALSE(this->fs().Exists(this->Path("a")));
  EXPECT_EQ(this->Read("moved/b/two").value(), "2");
  EXPECT_TRUE(this->fs().Exists(this->Path("moved/b/c")));

  ASSERT_TRUE(this->fs().RemoveTree(this->Path("moved")).ok());
  EXPECT_THAT(this->fs().List(this->Path("")).value(), UnorderedElementsAre("ab"));
  EXPECT_FALSE(this->fs().Exists(this->Path("moved/b/two")));
}

TEST(PosixFileSystem, FilesAndDirectoriesBelongToTheOwnerAlone) {
  const TemporaryDirectory root;
  const auto fs = MakePosixFileSystem();
  const mode_t before = umask(0);
  ASSERT_TRUE(fs->CreateDirs(root / "directory").ok());
  ASSERT_TRUE(fs->Create(root / "directory/file").ok());
  umask(before);
  struct stat info;
  ASSERT_EQ(stat((root / "directory").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700u);
  ASSERT_EQ(stat((root / "directory/file").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
}

TEST(PosixFileSystem, FullDeviceIsStorageFull) {
  const auto fs = MakePosixFileSystem();
  auto file = fs->Create("/dev/full");
  ASSERT_TRUE(file.ok()) << file.status();
  const Status status = (*file)->Append("bytes");
  EXPECT_EQ(ErrorClassOf(status), ErrorClass::kStorageFull) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("/dev/full"));
}

}  // namespace
}  // namespace sextant::storage
