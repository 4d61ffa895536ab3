#include "collection/node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "collection/node_testing.h"
#include "collection/registry.h"
#include "collection/sharding/collection_view.h"

namespace sextant::collection {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class NodeTest : public ::testing::TestWithParam<Medium> {
 protected:
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const auto& [name, entry] : node_->registry()->collections) names.push_back(name);
    return names;
  }

  std::map<std::string, std::string> Aliases() {
    const auto registry = node_->registry();
    return {registry->aliases.begin(), registry->aliases.end()};
  }

  ErrorClass ClassOfFind(std::string_view name) { return ErrorClassOf(node_->Find(name).status()); }

  TestNode node_{GetParam()};
};

TEST_P(NodeTest, CreatedCollectionIsFoundByItsName) {
  EXPECT_EQ(ClassOfFind("books"), ErrorClass::kNotFound);
  ASSERT_TRUE(node_->Create("books", UnnamedConfig(4)).ok());
  const auto found = node_->Find("books");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ((*found)->name(), "books");
  EXPECT_EQ((*found)->config()->vectors.at("").size, 4u);
}

TEST_P(NodeTest, GivesEveryVectorNameItsOwnId) {
  CollectionConfig config;
  config.vectors["a"].size = 2;
  config.vectors["b"].size = 3;
  ASSERT_TRUE(node_->Create("books", config).ok());
  const auto given = (*node_->Find("books"))->config();
  EXPECT_NE(given->vectors.at("a").name_id, given->vectors.at("b").name_id);
  EXPECT_GT(given->next_name_id, given->vectors.at("a").name_id);
  EXPECT_GT(given->next_name_id, given->vectors.at("b").name_id);
}

TEST_P(NodeTest, RefusesNamesThatAreTaken) {
  ASSERT_TRUE(node_->Create("books", UnnamedConfig(4)).ok());
  ASSERT_TRUE(node_->UpdateAliases({CreateAlias{"books", "library"}}).ok());
  EXPECT_EQ(ErrorClassOf(node_->Create("books", UnnamedConfig(4))), ErrorClass::kAlreadyExists);
  EXPECT_EQ(ErrorClassOf(node_->Create("library", UnnamedConfig(4))), ErrorClass::kWrongInput);
  EXPECT_EQ(node_.CollectionDirectories().size(), 1u);
}

TEST_P(NodeTest, DropRemovesTheCollectionItsAliasesAndItsFiles) {
  ASSERT_TRUE(node_->Create("books", UnnamedConfig(4)).ok());
  ASSERT_TRUE(node_->Create("films", UnnamedConfig(4)).ok());
  ASSERT_TRUE(node_->UpdateAliases({CreateAlias{"books", "b"}, CreateAlias{"films", "f"}}).ok());
  EXPECT_EQ(node_.CollectionDirectories().size(), 2u);
  EXPECT_FALSE(*node_->Drop("b"));
  EXPECT_TRUE(*node_->Drop("books"));
  EXPECT_FALSE(*node_->Drop("books"));
  EXPECT_THAT(Names(), ElementsAre("films"));
  EXPECT_THAT(Aliases(), ElementsAre(std::pair("f", "films")));
  EXPECT_EQ(ClassOfFind("books"), ErrorClass::kNotFound);
  EXPECT_EQ(ClassOfFind("b"), ErrorClass::kNotFound);
  EXPECT_EQ(node_.CollectionDirectories().size(), 1u);
}

TEST_P(NodeTest, CreatingAndDroppingAgainAndAgainLeavesNoFiles) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(node_->Create("books", UnnamedConfig(4, Distance::kDot, 2)).ok());
    ASSERT_TRUE(Apply(node_->Find("books")->get(), shard::Upsert{{MakePoint(1, {1, 2, 3, 4})}}).ok());
    ASSERT_TRUE(*node_->Drop("books"));
  }
  EXPECT_THAT(node_.CollectionDirectories(), IsEmpty());
}

TEST_P(NodeTest, NewCollectionOfADroppedNameIsEmpty) {
  ASSERT_TRUE(node_->Create("books", UnnamedConfig(2)).ok());
  ASSERT_TRUE(Apply(node_->Find("books")->get(), shard::Upsert{{MakePoint(1, {1, 2})}}).ok());
  ASSERT_TRUE(*node_->Drop("books"));
  ASSERT_TRUE(node_->Create("books", UnnamedConfig(3)).ok());
  EXPECT_EQ(CollectionView(*node_->Find("books"), node_->search_executor()).point_count(), 0u);
}

TEST_P(NodeTest, ReaderKeepsADroppedCollectionUntilItLetsGo) {
  ASSERT_TRUE(node_->Create("books", UnnamedConfig(2)).ok());
  ASSERT_TRUE(Apply(node_->Find("books")->get(), shard::Upsert{{MakePoint(1, {1, 2}, R"({"a":1})")}}).ok());
  std::optional<CollectionView> view(std::in_place, *node_->Find("books"), node_->search_executor());
  ASSERT_TRUE(*node_->Drop("books"));
  EXPECT_EQ(node_.CollectionDirectories().size(), 1u);

  const auto found = view->Find({PointId::Number(1)});
  ASSERT_TRUE(found.ok() && (*found)[0]);
  PayloadSelector payload;
  payload.kind = PayloadSelector::Kind::kAll;
  const auto record = view->Fetch(*(*found)[0], payload, {});
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->payload, R"({"a":1})");

  view.reset();
  EXPECT_THAT(node_.CollectionDirectories(), IsEmpty());
}

TEST_P(NodeTest, UpdateOfTheConfigurationIsShownOrRefusedWhole) {
  ASSERT_TRUE(node_->Create("books", UnnamedConfig(2)).ok());
  ASSERT_TRUE(node_->UpdateAliases({CreateAlias{"books", "alias"}}).ok());
  ASSERT_TRUE(node_
                  ->UpdateConfig("alias",
                                 [](CollectionConfig* config) {
                                   config->optimizers.indexing_threshold_kb = 7;
                                   return OkStatus();
                                 })
                  .ok());
  EXPECT_EQ((*node_->Find("books"))->config()->optimizers.indexing_threshold_kb, 7u);
  EXPECT_EQ(node_
                ->UpdateConfig("books",
                               [](CollectionConfig* config) {
                                 config->optimizers.indexing_threshold_kb = 8;
                                 return WrongInput("no");
                               })
                .message(),
            "no");
  EXPECT_EQ((*node_->Find("books"))->config()->optimizers.indexing_threshold_kb, 7u);
  EXPECT_EQ(ErrorClassOf(node_->UpdateConfig("films", [](CollectionConfig*) { return OkStatus(); })),
            ErrorClass::kNotFound);
}

TEST_P(NodeTest, VectorsThatAnUpdateAddsGetIdsThatWereNeverUsed) {
  ASSERT_TRUE(node_->Create("books", UnnamedConfig(2)).ok());
  const auto update = [&](const std::function<void(CollectionConfig*)>& edit) {
    EXPECT_TRUE(node_
                    ->UpdateConfig("books",
                                   [&](CollectionConfig* config) {
                                     edit(config);
                                     return OkStatus();
                                   })
                    .ok());
    return (*node_->Find("books"))->config();
  };
  update([](CollectionConfig* config) { config->vectors["a"].size = 2; });
  const auto first = (*node_->Find("books"))->config();
  update([](CollectionConfig* config) { config->vectors.erase("a"); });
  const auto second = update([](CollectionConfig* config) { config->vectors["a"].size = 3; });
  EXPECT_EQ(first->vectors.at("").name_id, second->vectors.at("").name_id);
  EXPECT_NE(first->vectors.at("a").name_id, first->vectors.at("").name_id);
  EXPECT_GT(second->vectors.at("a").name_id, first->vectors.at("a").name_id);
  EXPECT_EQ(update([](CollectionConfig*) {}), second);  // nothing is new: the very same
}

TEST_P(NodeTest, AliasesAreRepointedRenamedReplacedAndDeleted) {
  ASSERT_TRUE(node_->Create("books", UnnamedConfig(2)).ok());
  ASSERT_TRUE(node_->Create("films", UnnamedConfig(2)).ok());
  ASSERT_TRUE(node_->UpdateAliases({CreateAlias{"books", "a"}, CreateAlias{"films", "b"}}).ok());
  EXPECT_EQ((*node_->Find("a"))->name(), "books");
  ASSERT_TRUE(node_->UpdateAliases({CreateAlias{"films", "a"}}).ok());
  EXPECT_EQ((*node_->Find("a"))->name(), "films");
  ASSERT_TRUE(node_->UpdateAliases({CreateAlias{"books", "a"}, RenameAlias{"a", "b"}}).ok());
  EXPECT_THAT(Aliases(), ElementsAre(std::pair("b", "books")));
  ASSERT_TRUE(node_->UpdateAliases({DeleteAlias{"b"}, DeleteAlias{"never there"}}).ok());
  EXPECT_THAT(Aliases(), IsEmpty());
}

TEST_P(NodeTest, WrongAliasActionsAreNamed) {
  ASSERT_TRUE(node_->Create("books", UnnamedConfig(2)).ok());
  ASSERT_TRUE(node_->UpdateAliases({CreateAlias{"books", "a"}}).ok());
  EXPECT_EQ(ErrorClassOf(node_->UpdateAliases({CreateAlias{"films", "b"}})), ErrorClass::kNotFound);
  EXPECT_EQ(ErrorClassOf(node_->UpdateAliases({CreateAlias{"a", "b"}})), ErrorClass::kNotFound);
  EXPECT_EQ(ErrorClassOf(node_->UpdateAliases({CreateAlias{"books", "books"}})), ErrorClass::kAlreadyExists);
  EXPECT_EQ(ErrorClassOf(node_->UpdateAliases({RenameAlias{"b", "c"}})), ErrorClass::kNotFound);
  EXPECT_THAT(Aliases(), ElementsAre(std::pair("a", "books")));
}

TEST_P(NodeTest, FailingAliasActionKeepsTheEarlierOnes) {
  ASSERT_TRUE(node_->Create("books", UnnamedConfig(2)).ok());
  const Status status =
      node_->UpdateAliases({CreateAlias{"books", "a"}, RenameAlias{"missing", "b"}, CreateAlias{"books", "c"}});
  EXPECT_EQ(ErrorClassOf(status), ErrorClass::kNotFound);
  EXPECT_THAT(Aliases(), ElementsAre(std::pair("a", "books")));
}

INSTANTIATE_TEST_SUITE_P(Media, NodeTest, ::testing::Values(Medium::kMemory, Medium::kDisk),
                         [](const auto& media) { return MediumName(media.param); });

TEST(NodeLimits, RefusesMoreCollectionsThanAllowed) {
  NodeOptions options;
  options.ephemeral = true;
  options.search_threads = 1;
  options.max_collections = 1;
  const auto node = Node::Open(std::move(options));
  ASSERT_TRUE(node.ok()) << node.status();
  ASSERT_TRUE((*node)->Create("a", UnnamedConfig(2)).ok());
  EXPECT_EQ(ErrorClassOf((*node)->Create("b", UnnamedConfig(2))), ErrorClass::kWrongInput);
  ASSERT_TRUE(*(*node)->Drop("a"));
  EXPECT_TRUE((*node)->Create("b", UnnamedConfig(2)).ok());
}

}  // namespace
}  // namespace sextant::collection
