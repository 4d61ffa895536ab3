// Strict mode through the service: what each limit refuses, what it lets pass, and with which words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/retry_after.h"
#include "service/service_testing.h"
#include "types/json.h"

namespace sextant::service {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string TextOf(const Status& status) {
  return status.ok() ? "ok" : std::string(status.message());
}

FieldSchema SchemaOfType(FieldType type) {
  FieldSchema schema;
  schema.type = type;
  return schema;
}

class StrictTest : public ::testing::Test {
 protected:
  void SetUp() override { MakeCollection(UnnamedConfig(2, Distance::kDot, 2)); }

  void MakeCollection(const CollectionConfig& config) {
    ASSERT_TRUE(service_->Delete(kName).ok());
    ASSERT_TRUE(service_->Create(kName, {config}).ok());
    std::vector<PointInput> points;
    for (uint64_t i = 0; i < 8; ++i) points.push_back(MakePoint(i, {1, 2}, R"({"city":"Rome","n":5})"));
    ASSERT_TRUE(service_.Upsert(kName, points).ok());
  }
  void Limit(std::string_view limits) {
    UpdateCollection update;
    update.strict_mode_config = *Json::Parse(limits);
    update.strict_mode_config->Set("enabled", Json(true));
    ASSERT_TRUE(service_->Update(kName, update).ok());
  }
  void MakeIndex(std::string_view field, FieldType type) {
    ASSERT_TRUE(service_.Write(kName, shard::CreateIndex{Path(field), SchemaOfType(type)}).ok());
  }

  static QueryRequest Near(uint64_t limit) {
    QueryRequest request;
    request.query = NearestTo({1, 0});
    request.limit = limit;
    return request;
  }
  std::string Query(const QueryRequest& request, const ReadOptions& options = {}) {
    return TextOf(service_->Query(kName, request, options).status());
  }
  std::string Scroll(const ScrollRequest& request) { return TextOf(service_->Scroll(kName, request, {}).status()); }
  std::string Write(shard::Operation operation) { return TextOf(service_.Write(kName, std::move(operation)).status()); }
  std::string ScrollWith(Filter filter) {
    ScrollRequest request;
    request.filter = std::move(filter);
    return Scroll(request);
  }
  std::string ScrollWith(Condition condition) {
    Filter filter;
    filter.must.emplace().push_back(std::move(condition));
    return ScrollWith(std::move(filter));
  }

  TestService service_{Medium::kMemory};
};

TEST_F(StrictTest, LimitsNothingUnlessItIsEnabled) {
  UpdateCollection update;
  update.strict_mode_config = *Json::Parse(R"({"max_query_limit":1,"read_rate_limit":1,"max_points_count":1})");
  ASSERT_TRUE(service_->Update(kName, update).ok());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Query(Near(5)), "ok");
  EXPECT_EQ(Write(shard::Upsert{{MakePoint(9, {1, 1})}}), "ok");
}

TEST_F(StrictTest, LimitsTheResultsOfEveryKindOfRead) {
  Limit(R"({"max_query_limit":4})");
  const std::string refused = R"(Limit exceeded 5 > 4 for "limit". Help: Reduce the "limit" parameter to or below 4.)";
  EXPECT_EQ(Query(Near(4)), "ok");
  EXPECT_EQ(Query(Near(5)), refused);
  QueryRequest fused;
  fused.query = DbsfQuery{};
  fused.limit = 2;
  fused.prefetch = {Near(4), Near(5)};
  EXPECT_EQ(Query(fused), refused);
  ScrollRequest scroll;
  scroll.limit = 5;
  EXPECT_EQ(Scroll(scroll), refused);

  QueryGroupsRequest groups{Near(1), Path("city"), 2, 2, std::nullopt};
  EXPECT_EQ(TextOf(service_->QueryGroups(kName, groups, {}).status()), "ok");
  groups.group_size = 3;
  EXPECT_THAT(TextOf(service_->QueryGroups(kName, groups, {}).status()), StartsWith("Limit exceeded 6 > 4"));
  groups.limit = UINT64_MAX;
  EXPECT_THAT(TextOf(service_->QueryGroups(kName, groups, {}).status()), StartsWith("Limit exceeded 184467"));
  MatrixRequest matrix;
  matrix.sample = 2;
  matrix.limit = 2;
  EXPECT_EQ(TextOf(service_->SearchMatrix(kName, matrix, {}).status()), "ok");
  matrix.limit = 3;
  EXPECT_THAT(TextOf(service_->SearchMatrix(kName, matrix, {}).status()), StartsWith("Limit exceeded 6 > 4"));
}

TEST_F(StrictTest, LimitsTheTimeoutThatIsAskedForOnly) {
  Limit(R"({"max_timeout":3})");
  EXPECT_EQ(Query(Near(1), {3000, std::nullopt}), "ok");
  EXPECT_EQ(Query(Near(1), {std::nullopt, 60'000}), "ok");
  EXPECT_THAT(Query(Near(1), {4000, std::nullopt}), StartsWith(R"(Limit exceeded 4 > 3 for "timeout")"));
}

TEST_F(StrictTest, AsksForAnIndexThatServesTheCondition) {
  Limit(R"({"unindexed_filtering_retrieve":false})");
  EXPECT_EQ(ScrollWith(MatchKeyword("city", "Rome")),
            "Index required but not found for \"city\" of one of the following types: [keyword]. Help: Create an index "
            "for this key or use a different filter.");
  MakeIndex("city", FieldType::kText);
  EXPECT_THAT(ScrollWith(MatchKeyword("city", "Rome")), HasSubstr("[keyword]"));
  EXPECT_EQ(ScrollWith(FieldCondition{Path("city"), MatchText{"rome"}}), "ok");
  EXPECT_EQ(ScrollWith(IsEmptyCondition{Path("city")}), "ok");  // any index will do
  MakeIndex("city", FieldType::kKeyword);
  EXPECT_EQ(ScrollWith(MatchKeyword("city", "Rome")), "ok");

  EXPECT_THAT(ScrollWith(FieldCondition{Path("n"), Range{}}), HasSubstr("[integer, float]"));
  EXPECT_THAT(ScrollWith(FieldCondition{Path("id"), MatchValue{"550e8400-e29b-41d4-a716-446655440000"}}),
              HasSubstr("[keyword, uuid]"));
  EXPECT_THAT(ScrollWith(IsNullCondition{Path("n")}), HasSubstr("[keyword, integer, float, bool"));
  FieldSchema lookup = SchemaOfType(FieldType::kInteger);
  lookup.range = false;
  ASSERT_TRUE(service_.Write(kName, shard::CreateIndex{Path("n"), lookup}).ok());
  EXPECT_EQ(ScrollWith(FieldCondition{Path("n"), MatchValue{int64_t{5}}}), "ok");
  EXPECT_THAT(ScrollWith(FieldCondition{Path("n"), Range{}}), HasSubstr("[integer, float]"));
  EXPECT_EQ(ScrollWith(HasIdCondition{{PointId::Number(1)}}), "ok");
}

TEST_F(StrictTest, LooksForIndexesBelowNestedFilters) {
  Limit(R"({"unindexed_filtering_retrieve":false})");
  const auto nested = [] {
    auto inner = std::make_shared<Filter>();
    inner->must.emplace().push_back(FieldCondition{Path("b"), MatchValue{int64_t{1}}});
    auto group = std::make_shared<Filter>();
    group->should.emplace().push_back(NestedCondition{Path("a"), std::move(inner)});
    return FilterCondition{std::move(group)};
  };
  EXPECT_THAT(ScrollWith(nested()), StartsWith("Index required but not found for \"a[].b\""));
  MakeIndex("a[].b", FieldType::kInteger);
  EXPECT_EQ(ScrollWith(nested()), "ok");
}

TEST_F(StrictTest, AsksForIndexesOfOrdersGroupsAndFormulas) {
  Limit(R"({"unindexed_filtering_retrieve":false})");
  ScrollRequest ordered;
  ordered.order_by = OrderBy{Path("n"), false, std::nullopt};
  EXPECT_THAT(Scroll(ordered), HasSubstr("[integer, float, datetime]"));
  QueryRequest formula;
  search::Expression variable;
  variable.node = search::PayloadVariable{Path("n")};
  formula.query = FormulaQuery{{variable, {}, {}}};
  formula.prefetch = {Near(3)};
  EXPECT_THAT(Query(formula), HasSubstr("[integer, float]"));
  const QueryGroupsRequest groups{Near(1), Path("city"), 2, 2, std::nullopt};
  EXPECT_THAT(TextOf(service_->QueryGroups(kName, groups, {}).status()), HasSubstr("[keyword, integer, uuid]"));
  MakeIndex("n", FieldType::kInteger);
  MakeIndex("city", FieldType::kKeyword);
  EXPECT_EQ(Scroll(ordered), "ok");
  EXPECT_EQ(Query(formula), "ok");
  EXPECT_EQ(TextOf(service_->QueryGroups(kName, groups, {}).status()), "ok");
}

TEST_F(StrictTest, AsksForIndexesOfFiltersOfUpdates) {
  Limit(R"({"unindexed_filtering_update":false})");
  shard::DeletePoints deletion;
  deletion.points.filter = MatchKeyword("city", "Rome");
  EXPECT_THAT(Write(deletion), StartsWith("Index required but not found for \"city\""));
  EXPECT_EQ(ScrollWith(MatchKeyword("city", "Rome")), "ok");
  deletion.points = {{PointId::Number(1)}, std::nullopt};
  EXPECT_EQ(Write(deletion), "ok");
}

TEST_F(StrictTest, ForbidsExactReads) {
  Limit(R"({"search_allow_exact":false})");
  QueryRequest exact = Near(1);
  EXPECT_EQ(Query(exact), "ok");
  exact.params.exact = true;
  EXPECT_EQ(Query(exact), "Exact search disabled!. Help: Set exact=false.");
  EXPECT_THAT(TextOf(service_->Count(kName, {std::nullopt, true}, {}).status()), StartsWith("Exact search disabled!"));
  EXPECT_EQ(TextOf(service_->Count(kName, {std::nullopt, false}, {}).status()), "ok");
}

TEST_F(StrictTest, ForbidsSearchesWithoutAGraphUnlessATenantHasOne) {
  CollectionConfig config = UnnamedConfig(2);
  config.hnsw.m = 0;
  MakeCollection(config);
  Limit(R"({"search_allow_exact":false})");
  QueryRequest request = Near(1);
  EXPECT_THAT(Query(request), HasSubstr("global vector indexing is disabled"));
  request.filter = MatchKeyword("city", "Rome");
  EXPECT_THAT(Query(request), HasSubstr("global vector indexing is disabled"));
  FieldSchema tenant = SchemaOfType(FieldType::kKeyword);
  tenant.params = *Json::Parse(R"({"type":"keyword","is_tenant":true})");
  ASSERT_TRUE(service_.Write(kName, shard::CreateIndex{Path("city"), tenant}).ok());
  EXPECT_THAT(Query(request), HasSubstr("hnsw_config.payload_m = 0"));
  UpdateCollection update;
  update.hnsw.payload_m = 16;
  ASSERT_TRUE(service_->Update(kName, update).ok());
  EXPECT_EQ(Query(request), "ok");
}

TEST_F(StrictTest, LimitsSearchParametersAndBatches) {
  Limit(R"({"search_max_hnsw_ef":10,"search_max_oversampling":1.5,"search_max_batchsize":2})");
  QueryRequest request = Near(1);
  request.params.hnsw_ef = 11;
  EXPECT_THAT(Query(request), StartsWith(R"(Limit exceeded 11 > 10 for "hnsw_ef")"));
  request.params.hnsw_ef = 10;
  request.params.oversampling = 2;
  EXPECT_THAT(Query(request), StartsWith(R"(Limit exceeded 2 > 1.5 for "oversampling")"));
  request.params.oversampling = 1.5;
  EXPECT_EQ(Query(request), "ok");
  QueryRequest by_recall = Near(1);
  by_recall.params.recall_target = 0.9;
  EXPECT_THAT(Query(by_recall), StartsWith("recall_target is disabled"));
  EXPECT_EQ(TextOf(service_->QueryBatch(kName, {request, request}, {}).status()), "ok");
  EXPECT_THAT(TextOf(service_->QueryBatch(kName, {request, request, request}, {}).status()),
              StartsWith(R"(Limit exceeded 3 > 2 for "search batch size")"));
}

TEST_F(StrictTest, LimitsFilters) {
  Limit(R"({"filter_max_conditions":2,"condition_max_size":3})");
  Filter filter = MatchKeyword("city", "Rome");
  filter.must_not = filter.must;
  EXPECT_EQ(ScrollWith(filter), "ok");
  filter.min_should = MinShould{*filter.must, 1};
  EXPECT_THAT(ScrollWith(filter), StartsWith("Filter condition limit reached (3 > 2)"));
  EXPECT_THAT(ScrollWith(FieldCondition{Path("n"), MatchAny{std::vector<int64_t>{1, 2, 3, 4}}}),
              StartsWith("Condition size limit reached (4 > 3)"));
  EXPECT_THAT(ScrollWith(HasIdCondition{std::vector<PointId>(4, PointId::Number(1))}),
              StartsWith("Condition size limit reached (4 > 3)"));
}

TEST_F(StrictTest, LimitsBatchesOfUpdatesAndTheNumberOfIndexes) {
  Limit(R"({"upsert_max_batchsize":1,"max_payload_index_count":1})");
  EXPECT_THAT(Write(shard::Upsert{{MakePoint(1, {1, 1}), MakePoint(2, {1, 1})}}),
              StartsWith(R"(Limit exceeded 2 > 1 for "upsert limit")"));
  const shard::PointVectors vectors{PointId::Number(1), {{"", DenseVector{1, 1}}}};
  EXPECT_THAT(Write(shard::UpdateVectors{{vectors, vectors}}),
              StartsWith(R"(Limit exceeded 2 > 1 for "update limit")"));
  MakeIndex("n", FieldType::kInteger);
  EXPECT_THAT(Write(shard::CreateIndex{Path("n"), SchemaOfType(FieldType::kInteger)}),
              StartsWith("Collection already has the maximum number of payload indices (1)"));
}

TEST_F(StrictTest, LimitsTheSizeOfTheCollection) {
  Limit(R"({"max_points_count":9})");
  EXPECT_EQ(Write(shard::Upsert{{MakePoint(8, {1, 1})}}), "ok");
  EXPECT_THAT(Write(shard::Upsert{{MakePoint(9, {1, 1})}}), StartsWith("Max points count limit of 9 reached!"));
  // 9 points of two floats, 8 payloads of 21 bytes.
  Limit(R"({"max_points_count":100,"max_collection_vector_size_bytes":73})");
  EXPECT_EQ(Write(shard::Upsert{{MakePoint(8, {1, 1})}}), "ok");
  Limit(R"({"max_collection_vector_size_bytes":72})");
  EXPECT_THAT(Write(shard::Upsert{{MakePoint(8, {1, 1})}}), StartsWith("Max vector storage size limit of 0MB"));
  Limit(R"({"max_collection_vector_size_bytes":1000,"max_collection_payload_size_bytes":168})");
  const shard::SetPayload change{{{PointId::Number(1)}, std::nullopt}, *Json::Parse(R"({"n":5})"), std::nullopt};
  EXPECT_THAT(Write(change), StartsWith("Max payload storage size limit of 0MB"));
  EXPECT_EQ(Write(shard::DeletePoints{{{PointId::Number(2)}, std::nullopt}}), "ok");
  Limit(R"({"max_collection_payload_size_bytes":170})");
  EXPECT_EQ(Write(change), "ok");
}

TEST_F(StrictTest, RefusesABatchOfUpdatesBeforeTheFirst) {
  Limit(R"({"upsert_max_batchsize":1})");
  std::vector<shard::Operation> operations;
  operations.push_back(shard::DeletePoints{{{PointId::Number(1)}, std::nullopt}});
  operations.push_back(shard::Upsert{{MakePoint(11, {1, 1}), MakePoint(12, {1, 1})}});
  Status answer;
  service_->WriteBatch(kName, std::move(operations), {true, std::nullopt, std::nullopt},
                       [&](const Result<std::vector<UpdateResult>>& results) { answer = results.status(); });
  EXPECT_THAT(TextOf(answer), StartsWith("Limit exceeded 2 > 1"));
  EXPECT_EQ(*service_->Count(kName, {}, {}), 8u);
}

TEST_F(StrictTest, LimitsTheRateOfReads) {
  Limit(R"({"read_rate_limit":5})");
  EXPECT_EQ(ScrollWith(MatchKeyword("city", "Rome")), "ok");  // 2 tokens
  RetrieveRequest retrieve;
  retrieve.ids = {PointId::Number(1), PointId::Number(2), PointId::Number(3)};
  EXPECT_TRUE(service_->Retrieve(kName, retrieve, {}).ok());
  const auto refused = service_->Query(kName, Near(1), {});
  EXPECT_EQ(ErrorClassOf(refused.status()), ErrorClass::kBusy);
  EXPECT_THAT(TextOf(refused.status()), StartsWith("Read rate limit exceeded: Operation requires 1 tokens"));
  EXPECT_TRUE(RetryAfterOf(refused.status()).has_value());
  Limit(R"({"read_rate_limit":6})");  // another limit begins anew
  EXPECT_EQ(Query(Near(1)), "ok");
}

TEST_F(StrictTest, LimitsTheRateOfUpdatesByTheirPoints) {
  Limit(R"({"write_rate_limit":3})");
  EXPECT_THAT(Write(shard::Upsert{std::vector<PointInput>(4, MakePoint(1, {1, 1}))}),
              StartsWith("Write rate limit exceeded: Operation requires 4 tokens, which exceeds"));
  EXPECT_EQ(Write(shard::Upsert{std::vector<PointInput>(3, MakePoint(1, {1, 1}))}), "ok");
  EXPECT_THAT(Write(shard::DeletePoints{{{PointId::Number(1)}, std::nullopt}}), HasSubstr("Retry after"));
}

}  // namespace
}  // namespace sextant::service
