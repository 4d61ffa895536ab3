// What a node on disk finds again after it was closed, whatever happened to its files meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "collection/node.h"
#include "collection/node_testing.h"
#include "collection/registry.h"
#include "collection/sharding/collection_view.h"

namespace sextant::collection {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

void WriteFile(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::map<std::string, std::string> FilesUnder(const fs::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) files[entry.path().string()] = ReadFile(entry.path());
  }
  return files;
}

class NodeRestart : public ::testing::Test {
 protected:
  void CreateWithPoint(const std::string& name, uint64_t point, uint32_t shards = 1) {
    ASSERT_TRUE(node_->Create(name, UnnamedConfig(2, Distance::kEuclid, shards)).ok());
    ASSERT_TRUE(Apply(node_->Find(name)->get(), shard::Upsert{{MakePoint(point, {1, 2}, R"({"a":1})")}}).ok());
  }

  uint64_t PointsOf(const std::string& name) {
    const auto found = node_->Find(name);
    return found.ok() ? CollectionView(*found, node_->search_executor()).point_count() : 0;
  }

  // The first file below the node's directory whose path contains `part`.
  fs::path FindFile(const std::string& part) {
    for (const auto& entry : fs::recursive_directory_iterator(node_.path())) {
      if (entry.is_regular_file() && entry.path().string().find(part) != std::string::npos) return entry.path();
    }
    return {};
  }

  TestNode node_{Medium::kFastDisk};
};

TEST_F(NodeRestart, FindsCollectionsAliasesSettingsAndPointsAgain) {
  CreateWithPoint("books", 7);
  CreateWithPoint("films", 8);
  ASSERT_TRUE(node_->UpdateAliases({CreateAlias{"books", "b"}}).ok());
  ASSERT_TRUE(node_
                  ->UpdateConfig("books",
                                 [](CollectionConfig* config) {
                                   config->metadata = Json(Json::Object{{"owner", Json("x")}});
                                   return OkStatus();
                                 })
                  .ok());
  const Json config = ToJson(*(*node_->Find("books"))->config());
  node_.Reopen();
  ASSERT_TRUE(node_->Find("b").ok());
  EXPECT_EQ(ToJson(*(*node_->Find("b"))->config()), config);
  EXPECT_EQ(PointsOf("books"), 1u);
  EXPECT_EQ(PointsOf("films"), 1u);
  const CollectionView view(*node_->Find("books"), node_->search_executor());
  const auto found = view.Find({PointId::Number(7), PointId::Number(8)});
  ASSERT_TRUE(found.ok());
  ASSERT_TRUE((*found)[0]);
  EXPECT_FALSE((*found)[1]);
  EXPECT_EQ(*view.FetchVector(*(*found)[0], ""), VectorValue(DenseVector{1, 2}));
}

TEST_F(NodeRestart, NeverGivesAnIdTwice) {
  CreateWithPoint("books", 1);
  const auto first = node_.CollectionDirectories();
  ASSERT_TRUE(*node_->Drop("books"));
  node_.Reopen();
  CreateWithPoint("books", 1);
  EXPECT_NE(node_.CollectionDirectories(), first);
}

TEST_F(NodeRestart, SecondNodeOnTheSamePathIsRefused) {
  NodeOptions options;
  options.storage_path = node_.path();
  const auto second = Node::Open(std::move(options));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(ErrorClassOf(second.status()), ErrorClass::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(node_.path()));
  CreateWithPoint("books", 1);  // the first one is unharmed
}

TEST_F(NodeRestart, RemovesDirectoriesOfNoCollectionAndNothingElse) {
  CreateWithPoint("books", 1);
  const auto mine = node_.CollectionDirectories();
  node_.Close();
  fs::create_directories(node_.path() + "/collections/4711/0");
  WriteFile(node_.path() + "/collections/4711/0/file", "left by an interrupted creation");
  fs::create_directories(node_.path() + "/collections/notes of the owner");
  node_.Reopen();
  EXPECT_THAT(node_.CollectionDirectories(), ElementsAre(mine[0], "notes of the owner"));
  CreateWithPoint("films", 1);
  EXPECT_THAT(node_.CollectionDirectories(), ElementsAre(mine[0], "4712", "notes of the owner"));
}

TEST_F(NodeRestart, DamagedCatalogRefusesToStartAndDeletesNothing) {
  CreateWithPoint("books", 1);
  node_.Close();
  const fs::path current = FindFile("catalog/CURRENT");
  ASSERT_FALSE(current.empty());
  const std::string before = ReadFile(current);
  WriteFile(current, "MANIFEST-999999\n");
  const auto files = FilesUnder(node_.path() + "/collections");
  const Status opened = node_.Open();
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(std::string(opened.message()), HasSubstr("catalog"));
  EXPECT_EQ(FilesUnder(node_.path() + "/collections"), files);
  WriteFile(current, before);
  node_.Reopen();
  EXPECT_EQ(PointsOf("books"), 1u);
}

// A collection of two shards, the second of which gets damaged, beside a healthy one.
class SetAside : public NodeRestart {
 protected:
  void SetUp() override {
    CreateWithPoint("books", 1, 2);
    books_directory_ = (*node_->Find("books"))->directory();
    damaged_shard_ = books_directory_ + "/1";
    CreateWithPoint("films", 1);
    node_.Close();
    for (const auto& [path, bytes] : FilesUnder(damaged_shard_)) {
      if (path.find("MANIFEST") != std::string::npos) manifest_ = path;
    }
    bytes_ = ReadFile(manifest_);
  }

  void ExpectSetAside() {
    const auto before = FilesUnder(books_directory_);
    node_.Reopen();
    const Status status = node_->Find("books").status();
    EXPECT_TRUE(ErrorClassOf(status) == ErrorClass::kCorruption || ErrorClassOf(status) == ErrorClass::kUnavailable);
    EXPECT_THAT(std::string(status.message()), HasSubstr("`books`"));
    EXPECT_THAT(std::string(status.message()), HasSubstr(damaged_shard_));
    EXPECT_EQ(node_->registry()->collections.count("books"), 1u);
    EXPECT_EQ(ErrorClassOf(node_->Create("books", UnnamedConfig(2))), ErrorClass::kAlreadyExists);
    EXPECT_EQ(ErrorClassOf(node_->UpdateConfig("books", [](CollectionConfig*) { return OkStatus(); })),
              ErrorClassOf(status));
    EXPECT_EQ(PointsOf("films"), 1u);
    const auto after = FilesUnder(books_directory_);
    for (const auto& [path, bytes] : before) {
      // The healthy shard was opened and closed, which writes its logs to tables and renews its small files.
      const bool data = path.ends_with(".sst") || path.ends_with(".blob");
      if (!data && !path.starts_with(damaged_shard_)) continue;
      EXPECT_TRUE(after.contains(path)) << path;
    }
  }

  std::string books_directory_;
  std::string damaged_shard_;
  fs::path manifest_;
  std::string bytes_;
};

TEST_F(SetAside, FlippedManifest) {
  ASSERT_GT(bytes_.size(), 20u);
  std::string damaged = bytes_;
  damaged[damaged.size() / 2] ^= 0x40;
  WriteFile(manifest_, damaged);
  ExpectSetAside();
}

TEST_F(SetAside, MissingShard) {
  fs::remove_all(damaged_shard_);
  ExpectSetAside();
}

TEST_F(SetAside, IsServedAgainOnceRepaired) {
  fs::remove(manifest_);
  ExpectSetAside();
  // The removed file is put back.
  node_.Close();
  WriteFile(manifest_, bytes_);
  node_.Reopen();
  EXPECT_EQ(PointsOf("books"), 1u);
}

TEST_F(SetAside, MayBeDropped) {
  fs::remove(manifest_);
  ExpectSetAside();
  ASSERT_TRUE(*node_->Drop("books"));
  EXPECT_EQ(node_.CollectionDirectories().size(), 1u);
  EXPECT_FALSE(fs::exists(books_directory_));
  ASSERT_TRUE(node_->Create("books", UnnamedConfig(2)).ok());
  node_.Reopen();
  EXPECT_TRUE(node_->Find("books").ok());
}

}  // namespace
}  // namespace sextant::collection
