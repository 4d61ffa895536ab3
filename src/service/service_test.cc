#include "service/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "service/service_testing.h"

namespace sextant::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ServiceTest : public ::testing::TestWithParam<Medium> {
 protected:
  void Create(std::string_view name, CollectionConfig config) {
    ASSERT_TRUE(service_->Create(name, {std::move(config)}).ok());
  }

  TestService service_{GetParam()};
};

TEST_P(ServiceTest, ListsCollectionsSorted) {
  EXPECT_THAT(service_->ListCollections(), IsEmpty());
  Create("b", UnnamedConfig(2));
  Create("a", UnnamedConfig(2));
  EXPECT_THAT(service_->ListCollections(), ElementsAre("a", "b"));
}

TEST_P(ServiceTest, CreateChecksNameAndParameters) {
  EXPECT_EQ(ErrorClassOf(service_->Create("a/b", {UnnamedConfig(2)}).status()), ErrorClass::kValidation);
  EXPECT_EQ(ErrorClassOf(service_->Create("a", {UnnamedConfig(0)}).status()), ErrorClass::kValidation);
  Create("a", UnnamedConfig(2));
  const Status again = service_->Create("a", {UnnamedConfig(2)}).status();
  EXPECT_EQ(ErrorClassOf(again), ErrorClass::kAlreadyExists);
  EXPECT_EQ(again.message(), "Collection `a` already exists!");
}

TEST_P(ServiceTest, ExistsAndDeleteTreatAliasesDifferently) {
  Create("a", UnnamedConfig(2));
  ASSERT_TRUE(*service_->UpdateAliases({CreateAlias{"a", "x"}}));
  EXPECT_TRUE(service_->CollectionExists("a"));
  EXPECT_TRUE(service_->CollectionExists("x"));
  EXPECT_FALSE(service_->CollectionExists("y"));
  EXPECT_FALSE(*service_->Delete("x"));
  EXPECT_FALSE(*service_->Delete("y"));
  EXPECT_TRUE(*service_->Delete("a"));
  EXPECT_FALSE(service_->CollectionExists("x"));
}

TEST_P(ServiceTest, ListsAliasesOfAllAndOfOne) {
  Create("a", UnnamedConfig(2));
  Create("b", UnnamedConfig(2));
  ASSERT_TRUE(*service_->UpdateAliases({CreateAlias{"b", "y"}, CreateAlias{"a", "x"}, CreateAlias{"b", "z"}}));
  EXPECT_EQ(service_->ListAliases().size(), 3u);
  const auto of_b = service_->ListCollectionAliases("b");
  ASSERT_TRUE(of_b.ok());
  ASSERT_EQ(of_b->size(), 2u);
  EXPECT_EQ((*of_b)[0].alias, "y");
  EXPECT_EQ((*of_b)[1].alias, "z");
  EXPECT_EQ(ErrorClassOf(service_->ListCollectionAliases("c").status()), ErrorClass::kNotFound);
}

TEST_P(ServiceTest, AliasNamesObeyTheRulesOfNames) {
  Create("a", UnnamedConfig(2));
  EXPECT_EQ(ErrorClassOf(service_->UpdateAliases({CreateAlias{"a", "x?"}}).status()), ErrorClass::kValidation);
  EXPECT_EQ(ErrorClassOf(service_->UpdateAliases({CreateAlias{"a", ""}}).status()), ErrorClass::kValidation);
  EXPECT_EQ(service_->UpdateAliases({RenameAlias{"p", "q"}}).status().message(), "Alias p does not exists!");
}

TEST_P(ServiceTest, InfoCountsPointsAndIndexes) {
  Create("a", UnnamedConfig(2, Distance::kCosine, 2));
  shard::CreateIndex index;
  index.field = Path("city");
  ASSERT_TRUE(service_.Write("a", index).ok());
  ASSERT_TRUE(service_
                  .Upsert("a", {MakePoint(1, {1, 2}, R"({"city":"Rome"})"), MakePoint(2, {1, 2}),
                                MakePoint(3, {1, 2}, R"({"city":"Oslo"})")})
                  .ok());
  const auto info = service_->GetCollection("a");
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->points_count, 3u);
  EXPECT_EQ(info->indexed_vectors_count, 0u);
  EXPECT_EQ(info->status, CollectionStatus::kGreen);
  EXPECT_EQ(info->config.shard_number, 2u);
  ASSERT_EQ(info->payload_schema.size(), 1u);
  EXPECT_EQ(info->payload_schema[0].key, "city");
  EXPECT_EQ(info->payload_schema[0].points, 2u);
  EXPECT_EQ(service_->GetCollection("b").status().message(), "Collection `b` doesn't exist!");
}

TEST_P(ServiceTest, UpdateIsShownInInfoAndTakesAliases) {
  Create("a", UnnamedConfig(2));
  ASSERT_TRUE(*service_->UpdateAliases({CreateAlias{"a", "x"}}));
  UpdateCollection update;
  update.hnsw.m = 5;
  update.metadata = Json(Json::Object{{"k", Json(1)}});
  ASSERT_TRUE(*service_->Update("x", update));
  const auto info = service_->GetCollection("a");
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->config.hnsw.m, 5u);
  EXPECT_EQ(info->config.metadata->Dump(), R"({"k":1})");
  update.vectors["nope"].on_disk = true;
  EXPECT_EQ(ErrorClassOf(service_->Update("a", update).status()), ErrorClass::kWrongInput);
  EXPECT_EQ(ErrorClassOf(service_->Update("b", {}).status()), ErrorClass::kNotFound);
}

TEST_P(ServiceTest, WriteAnswersWithOperationNumbersThatGrow) {
  Create("a", UnnamedConfig(2));
  const auto first = service_.Upsert("a", {MakePoint(1, {1, 2})});
  const auto second = service_.Upsert("a", {MakePoint(2, {1, 2})});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->status, UpdateStatus::kCompleted);
  ASSERT_TRUE(first->operation_id && second->operation_id);
  EXPECT_LT(*first->operation_id, *second->operation_id);
}

TEST_P(ServiceTest, AcknowledgedWriteIsVisibleAndHidesMissingPoints) {
  Create("a", UnnamedConfig(2));
  const auto upsert = service_.Write("a", shard::Upsert{{MakePoint(1, {1, 2})}}, /*wait=*/false);
  ASSERT_TRUE(upsert.ok());
  EXPECT_EQ(upsert->status, UpdateStatus::kAcknowledged);
  EXPECT_EQ(*service_->Count("a", {}, {}), 1u);

  shard::SetPayload payload;
  payload.points.ids = {PointId::Number(9)};
  payload.payload = Json(Json::Object{{"k", Json(1)}});
  EXPECT_EQ(ErrorClassOf(service_.Write("a", payload, /*wait=*/true).status()), ErrorClass::kNotFound);
  EXPECT_TRUE(service_.Write("a", payload, /*wait=*/false).ok());
}

TEST_P(ServiceTest, WriteIsRefusedBeforeItIsQueued) {
  Create("a", UnnamedConfig(2));
  EXPECT_EQ(service_.Upsert("a", {MakePoint(1, {1, 2, 3})}).status().message(),
            "Vector dimension error: expected dim: 2, got 3");
  EXPECT_EQ(ErrorClassOf(service_.Upsert("b", {MakePoint(1, {1, 2})}).status()), ErrorClass::kNotFound);
  EXPECT_EQ(ErrorClassOf(service_.Upsert("a/", {MakePoint(1, {1, 2})}).status()), ErrorClass::kValidation);
  EXPECT_EQ(*service_->Count("a", {}, {}), 0u);
}

INSTANTIATE_TEST_SUITE_P(Media, ServiceTest, ::testing::Values(Medium::kMemory, Medium::kFastDisk),
                         [](const auto& media) { return collection::MediumName(media.param); });

TEST(ServiceRestart, GivesTheSameInfoAndPoints) {
  TestService service(Medium::kDisk);
  ASSERT_TRUE(service->Create("a", {UnnamedConfig(2, Distance::kEuclid, 3)}).ok());
  std::vector<PointInput> points;
  for (uint64_t id = 0; id < 20; ++id)
    points.push_back(MakePoint(id, {static_cast<float>(id), 1}, R"({"city":"Rome"})"));
  ASSERT_TRUE(service.Upsert("a", points).ok());
  ASSERT_TRUE(service.Write("a", shard::CreateIndex{Path("city"), {}}).ok());
  QueryRequest request;
  request.query = NearestTo({7.2f, 1});
  const auto before = service->GetCollection("a");
  const auto nearest_before = service->Query("a", request, {});
  ASSERT_TRUE(before.ok() && nearest_before.ok());
  service.Reopen();
  const auto after = service->GetCollection("a");
  const auto nearest_after = service->Query("a", request, {});
  ASSERT_TRUE(after.ok() && nearest_after.ok());
  EXPECT_EQ(after->points_count, 20u);
  EXPECT_EQ(ToJson(after->config), ToJson(before->config));
  ASSERT_EQ(after->payload_schema.size(), 1u);
  EXPECT_EQ(after->payload_schema[0].points, before->payload_schema[0].points);
  EXPECT_EQ(IdsOf(*nearest_after), IdsOf(*nearest_before));
  EXPECT_EQ(IdsOf(*nearest_after)[0], 7u);
}

TEST(ServiceMemory, RefusesNewDataButNotDeletionsPastTheLimit) {
  collection::NodeOptions options;
  options.ephemeral = true;
  options.search_threads = 1;
  options.memory_limit_bytes = 1;
  auto node = collection::Node::Open(std::move(options));
  ASSERT_TRUE(node.ok()) << node.status();
  Service service(node->get());
  ASSERT_TRUE(service.Create("a", {UnnamedConfig(2)}).ok());
  const auto write = [&](shard::Operation operation) {
    std::promise<Status> answer;
    service.Write("a", std::move(operation), {true, std::nullopt},
                  [&](const Result<UpdateResult>& result) { answer.set_value(result.status()); });
    return ErrorClassOf(answer.get_future().get());
  };
  (*node)->MeasureMemory();
  EXPECT_EQ(write(shard::Upsert{{MakePoint(1, {1, 2})}}), ErrorClass::kBusy);
  shard::DeletePoints deletion;
  deletion.points.ids = {PointId::Number(1)};
  EXPECT_EQ(write(deletion), ErrorClass::kOk);
}

}  // namespace
}  // namespace sextant::service
