// The read operations, on collections of one and of several shards, which must not differ for a client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "service/service_testing.h"

namespace sextant::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

PayloadSelector AllPayload() {
  return {PayloadSelector::Kind::kAll, {}};
}
VectorSelector AllVectors() {
  return {VectorSelector::Kind::kAll, {}};
}

class ReadsTest : public ::testing::TestWithParam<uint32_t> {
 protected:
  // Points 0 to 9 at (i, 0); even ones are in Rome, `n` counts down in pairs.
  void SetUp() override {
    CollectionConfig config = UnnamedConfig(2, Distance::kEuclid, GetParam());
    config.vectors["extra"].size = 1;
    config.vectors["extra"].distance = Distance::kDot;
    ASSERT_TRUE(service_->Create(kName, {config}).ok());
    std::vector<PointInput> points;
    for (int i = 0; i < 10; ++i) {
      const std::string payload =
          R"({"city":")" + std::string(i % 2 == 0 ? "Rome" : "Oslo") + R"(","n":)" + std::to_string((9 - i) / 2) + "}";
      points.push_back(MakePoint(i, {static_cast<float>(i), 0}, payload));
    }
    points[3].vectors.push_back({"extra", DenseVector{3}});
    ASSERT_TRUE(service_.Upsert(kName, points).ok());
    FieldSchema integer;
    integer.type = FieldType::kInteger;
    ASSERT_TRUE(service_.Write(kName, shard::CreateIndex{Path("n"), integer}).ok());
  }

  Result<std::vector<ScoredPoint>> Query(const QueryRequest& request) { return service_->Query(kName, request, {}); }
  std::vector<uint64_t> QueryIds(const QueryRequest& request) {
    const auto hits = Query(request);
    EXPECT_TRUE(hits.ok()) << hits.status();
    return hits.ok() ? IdsOf(*hits) : std::vector<uint64_t>();
  }
  static QueryRequest Near(float x, uint64_t limit) {
    QueryRequest request;
    request.query = NearestTo({x, 0});
    request.limit = limit;
    return request;
  }

  TestService service_{Medium::kMemory};
};

TEST_P(ReadsTest, RetrieveKeepsOrderSkipsMissingAndRepeats) {
  RetrieveRequest request;
  for (const uint64_t id : {7, 3, 99, 7, 1}) request.ids.push_back(PointId::Number(id));
  const auto records = service_->Retrieve(kName, request, {});
  ASSERT_TRUE(records.ok());
  EXPECT_THAT(IdsOf(*records), ElementsAre(7, 3, 1));
  EXPECT_FALSE((*records)[0].payload);
  EXPECT_FALSE((*records)[0].vectors);
}

TEST_P(ReadsTest, RetrieveRefusesUnknownVectorNames) {
  RetrieveRequest request;
  request.ids = {PointId::Number(99)};
  request.with_vector = {VectorSelector::Kind::kNames, {"nope"}};
  EXPECT_EQ(ErrorClassOf(service_->Retrieve(kName, request, {}).status()), ErrorClass::kWrongInput);
}

TEST_P(ReadsTest, GetPointHasPayloadAndVectors) {
  const auto record = service_->GetPoint(kName, PointId::Number(3), {});
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->payload, R"({"city":"Oslo","n":3})");
  ASSERT_EQ(record->vectors->size(), 2u);
  EXPECT_EQ((*record->vectors)[0].value, VectorValue(DenseVector{3, 0}));
  const Status missing = service_->GetPoint(kName, PointId::Number(99), {}).status();
  EXPECT_EQ(ErrorClassOf(missing), ErrorClass::kNotFound);
  EXPECT_EQ(missing.message(), "Point with id 99 does not exists!");
}

TEST_P(ReadsTest, ScrollPagesThroughAllPointsInOrder) {
  std::vector<uint64_t> seen;
  ScrollRequest request;
  request.limit = 3;
  do {
    const auto page = service_->Scroll(kName, request, {});
    ASSERT_TRUE(page.ok());
    ASSERT_LE(page->points.size(), 3u);
    for (const uint64_t id : IdsOf(*page)) seen.push_back(id);
    request.offset = page->next_page_offset;
  } while (request.offset);
  EXPECT_THAT(seen, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST_P(ReadsTest, ScrollNamesTheNextMatchingPoint) {
  ScrollRequest request;
  request.filter = MatchKeyword("city", "Rome");
  request.limit = 2;
  request.offset = PointId::Number(1);
  const auto page = service_->Scroll(kName, request, {});
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(IdsOf(*page), ElementsAre(2, 4));
  EXPECT_EQ(page->next_page_offset, PointId::Number(6));
  request.limit = UINT64_MAX;
  EXPECT_THAT(IdsOf(*service_->Scroll(kName, request, {})), ElementsAre(2, 4, 6, 8));
}

TEST_P(ReadsTest, OrderedScrollBreaksTiesByIdInTheSameDirection) {
  ScrollRequest request;
  request.order_by = OrderBy{Path("n"), false, std::nullopt};
  request.limit = 4;
  auto page = service_->Scroll(kName, request, {});
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(IdsOf(*page), ElementsAre(8, 9, 6, 7));
  EXPECT_FALSE(page->next_page_offset);
  EXPECT_EQ(std::get<int64_t>(*page->points[2].order_value), 1);
  request.order_by = OrderBy{Path("n"), true, 3.0};
  EXPECT_THAT(IdsOf(*service_->Scroll(kName, request, {})), ElementsAre(3, 2, 5, 4));
}

TEST_P(ReadsTest, ScrollRefusesWhatItCannotDo) {
  ScrollRequest request;
  request.limit = 0;
  EXPECT_EQ(ErrorClassOf(service_->Scroll(kName, request, {}).status()), ErrorClass::kValidation);
  request.limit = 1;
  request.order_by = OrderBy{Path("n"), false, std::nullopt};
  request.offset = PointId::Number(1);
  EXPECT_EQ(ErrorClassOf(service_->Scroll(kName, request, {}).status()), ErrorClass::kWrongInput);
  request.offset.reset();
  request.order_by->key = Path("city");
  EXPECT_EQ(ErrorClassOf(service_->Scroll(kName, request, {}).status()), ErrorClass::kWrongInput);
}

TEST_P(ReadsTest, CountsAllAndMatching) {
  EXPECT_EQ(*service_->Count(kName, {}, {}), 10u);
  EXPECT_EQ(*service_->Count(kName, {MatchKeyword("city", "Rome"), true}, {}), 5u);
  EXPECT_LE(*service_->Count(kName, {MatchKeyword("city", "Rome"), false}, {}), 10u);
}

TEST_P(ReadsTest, QueryGivesNearestFirstWithPayloadAndVectors) {
  QueryRequest request = Near(4.1f, 3);
  request.with_payload = AllPayload();
  request.with_vector = AllVectors();
  const auto hits = Query(request);
  ASSERT_TRUE(hits.ok());
  EXPECT_THAT(IdsOf(*hits), ElementsAre(4, 5, 3));
  EXPECT_NEAR((*hits)[0].score, 0.1, 1e-5);
  EXPECT_GT((*hits)[0].version, 0u);
  EXPECT_EQ((*hits)[0].record.payload, R"({"city":"Rome","n":2})");
  EXPECT_EQ((*hits)[0].record.vectors->size(), 1u);
  EXPECT_EQ((*hits)[2].record.vectors->size(), 2u);
}

TEST_P(ReadsTest, QueryHonoursFilterOffsetAndThreshold) {
  QueryRequest request = Near(4.1f, 2);
  request.filter = MatchKeyword("city", "Rome");
  EXPECT_THAT(QueryIds(request), ElementsAre(4, 6));
  request.offset = 1;
  EXPECT_THAT(QueryIds(request), ElementsAre(6, 2));
  request.offset = 4;
  EXPECT_THAT(QueryIds(request), ElementsAre(0));
  request.offset = 1000;
  EXPECT_THAT(QueryIds(request), IsEmpty());
  request.offset = 0;
  request.limit = UINT64_MAX;
  request.score_threshold = 2.0f;
  EXPECT_THAT(QueryIds(request), ElementsAre(4, 6));
}

TEST_P(ReadsTest, QueryByIdLeavesThePointOut) {
  QueryRequest request;
  request.query = NearestTo(PointId::Number(4));
  request.limit = 2;
  request.filter = MatchKeyword("city", "Rome");
  auto ids = QueryIds(request);
  std::sort(ids.begin(), ids.end());
  EXPECT_THAT(ids, ElementsAre(2, 6));
}

TEST_P(ReadsTest, QueryByIdNeedsThePointAndItsVector) {
  QueryRequest request;
  request.query = NearestTo(PointId::Number(99));
  const Status missing = Query(request).status();
  EXPECT_EQ(ErrorClassOf(missing), ErrorClass::kNotFound);
  EXPECT_EQ(missing.message(), "No point with id 99 found");
  request.query = NearestTo(PointId::Number(4));
  request.using_name = "extra";
  EXPECT_EQ(ErrorClassOf(Query(request).status()), ErrorClass::kNotFound);
  request.query = NearestTo(PointId::Number(3));
  EXPECT_THAT(QueryIds(request), IsEmpty());
}

TEST_P(ReadsTest, QueryWithoutQueryListsByIdWithScoreOne) {
  QueryRequest request;
  request.limit = 2;
  request.offset = 3;
  const auto hits = Query(request);
  ASSERT_TRUE(hits.ok());
  EXPECT_THAT(IdsOf(*hits), ElementsAre(3, 4));
  EXPECT_EQ((*hits)[0].score, 1.0f);
  EXPECT_EQ((*hits)[0].version, 0u);
}

TEST_P(ReadsTest, QueryRefusesWrongRequests) {
  QueryRequest request = Near(1, 0);
  EXPECT_EQ(ErrorClassOf(Query(request).status()), ErrorClass::kValidation);
  request.limit = 1;
  request.params.hnsw_ef = 0;
  EXPECT_EQ(ErrorClassOf(Query(request).status()), ErrorClass::kValidation);
  request.params.hnsw_ef.reset();
  for (const double target : {0.0, -0.5, 1.01}) {
    request.params.recall_target = target;
    EXPECT_THAT(std::string(Query(request).status().message()), HasSubstr("must be above 0.0 and at most 1.0]"));
  }
  request.params.recall_target = 0.9;
  request.params.hnsw_ef = 16;
  EXPECT_THAT(std::string(Query(request).status().message()),
              HasSubstr("[params.recall_target: value 0.9 invalid beside hnsw_ef 16"));
  request.params = {};
  request.using_name = "nope";
  EXPECT_EQ(Query(request).status().message(), "Not existing vector name error: nope");
  request.using_name = "extra";
  EXPECT_EQ(Query(request).status().message(), "Vector dimension error: expected dim: 1, got 2");
  QueryRequest no_query;
  no_query.score_threshold = 1.0f;
  EXPECT_EQ(ErrorClassOf(Query(no_query).status()), ErrorClass::kBadRequest);
}

TEST_P(ReadsTest, BatchAnswersEachOrNone) {
  const auto answers = service_->QueryBatch(kName, {Near(0, 1), Near(9, 2), QueryRequest{}}, {});
  ASSERT_TRUE(answers.ok());
  ASSERT_EQ(answers->size(), 3u);
  EXPECT_THAT(IdsOf((*answers)[0]), ElementsAre(0));
  EXPECT_THAT(IdsOf((*answers)[1]), ElementsAre(9, 8));
  EXPECT_EQ((*answers)[2].size(), 10u);
  QueryRequest missing;
  missing.query = NearestTo(PointId::Number(99));
  EXPECT_EQ(ErrorClassOf(service_->QueryBatch(kName, {Near(0, 1), missing}, {}).status()), ErrorClass::kNotFound);
  EXPECT_TRUE(service_->QueryBatch(kName, {}, {})->empty());
}

TEST_P(ReadsTest, DeletedPointsAreGoneFromEveryRead) {
  shard::DeletePoints by_filter;
  by_filter.points.filter = MatchKeyword("city", "Rome");
  ASSERT_TRUE(service_.Write(kName, by_filter).ok());
  shard::DeletePoints by_id;
  by_id.points.ids = {PointId::Number(1), PointId::Number(77)};
  ASSERT_TRUE(service_.Write(kName, by_id).ok());
  EXPECT_THAT(IdsOf(*service_->Scroll(kName, {}, {})), ElementsAre(3, 5, 7, 9));
  EXPECT_THAT(QueryIds(Near(0, 10)), ElementsAre(3, 5, 7, 9));
  EXPECT_EQ(*service_->Count(kName, {}, {}), 4u);
}

INSTANTIATE_TEST_SUITE_P(Shards, ReadsTest, ::testing::Values(1u, 4u),
                         [](const auto& shards) { return std::to_string(shards.param) + "Shards"; });

struct Scored {
  float score;
  uint64_t id;
};

// Exact nearest neighbours by definition, computed here.
std::vector<Scored> BruteForce(const std::vector<PointInput>& points, const std::vector<float>& query,
                               Distance distance, size_t limit) {
  std::vector<Scored> all;
  for (const PointInput& point : points) {
    double sum = 0;
    for (size_t d = 0; d < query.size(); ++d) {
      const double a = std::get<DenseVector>(point.vectors[0].value)[d];
      const double b = query[d];
      sum += distance == Distance::kDot ? a * b : (a - b) * (a - b);
    }
    all.push_back({static_cast<float>(distance == Distance::kDot ? sum : std::sqrt(sum)), point.id.number()});
  }
  std::sort(all.begin(), all.end(), [&](const Scored& a, const Scored& b) {
    return LargerIsNearer(distance) ? a.score > b.score : a.score < b.score;
  });
  all.resize(limit);
  return all;
}

TEST(ShardedQuery, EqualsBruteForce) {
  constexpr uint32_t kSeed = 20240917;
  std::mt19937 random(kSeed);
  std::normal_distribution<float> normal;
  const auto vector = [&] {
    return std::vector<float>{normal(random), normal(random), normal(random), normal(random)};
  };
  std::vector<PointInput> points;
  for (uint64_t id = 0; id < 500; ++id) points.push_back(MakePoint(id, vector()));
  for (const Distance distance : {Distance::kDot, Distance::kEuclid}) {
    TestService service(Medium::kMemory);
    ASSERT_TRUE(service->Create(kName, {UnnamedConfig(4, distance, 3)}).ok());
    ASSERT_TRUE(service.Upsert(kName, points).ok());
    for (int i = 0; i < 20; ++i) {
      QueryRequest request;
      const std::vector<float> target = vector();
      request.query = NearestTo(target);
      request.limit = 25;
      const auto hits = service->Query(kName, request, {});
      ASSERT_TRUE(hits.ok());
      const auto expected = BruteForce(points, target, distance, request.limit);
      ASSERT_EQ(hits->size(), expected.size());
      for (size_t rank = 0; rank < expected.size(); ++rank) {
        EXPECT_EQ((*hits)[rank].record.id.number(), expected[rank].id) << "seed " << kSeed << ", rank " << rank;
        EXPECT_NEAR((*hits)[rank].score, expected[rank].score, 1e-4);
      }
    }
  }
}

TEST(ShardedQuery, EqualScoresOfShardsComeInOrderOfIds) {
  for (const Distance distance : {Distance::kDot, Distance::kEuclid}) {
    TestService service(Medium::kMemory);
    ASSERT_TRUE(service->Create(kName, {UnnamedConfig(2, distance, 8)}).ok());
    std::vector<PointInput> points;
    for (uint64_t id = 0; id < 8; ++id) points.push_back(MakePoint(id, {1, 1}));
    ASSERT_TRUE(service.Upsert(kName, points).ok());
    QueryRequest request;
    request.query = NearestTo({1, 1});
    auto ids = IdsOf(*service->Query(kName, request, {}));
    ASSERT_EQ(ids.size(), 8u);
    if (LargerIsNearer(distance)) std::reverse(ids.begin(), ids.end());
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  }
}

}  // namespace
}  // namespace sextant::service
