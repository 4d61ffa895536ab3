// Queries of multivectors and sparse vectors, and vectors that come and go, as clients see them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "service/service_testing.h"

namespace sextant::service {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class QueryKindsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CollectionConfig config;
    config.vectors["multi"].size = 2;
    config.vectors["multi"].kind = VectorKind::kMulti;
    config.vectors["multi"].distance = Distance::kDot;
    config.vectors["sparse"].kind = VectorKind::kSparse;
    config.vectors["sparse"].distance = Distance::kDot;
    config.vectors["idf"] = config.vectors["sparse"];
    config.vectors["idf"].modifier = SparseModifier::kIdf;
    ASSERT_TRUE(service_->Create(kName, {config}).ok());
    ASSERT_TRUE(service_
                    .Upsert(kName, {Make(1, MultiVector{2, {1, 0, 0, 1}}, SparseVector{{1, 5}, {1, 2}}),
                                    Make(2, DenseVector{3, 1}, SparseVector{{5, 9}, {4, 1}}),
                                    Make(3, MultiVector{2, {-1, -1}}, SparseVector{{1}, {-2}}),
                                    Make(4, MultiVector{2, {2, 2, 0, 0}}, SparseVector{})})
                    .ok());
  }

  static PointInput Make(uint64_t id, VectorValue multi, VectorValue sparse) {
    return {PointId::Number(id), {{"multi", std::move(multi)}, {"sparse", sparse}, {"idf", sparse}}, ""};
  }

  std::vector<ScoredPoint> Run(const std::string& name, Query query) {
    const auto hits = service_->Query(kName, Ask(name, std::move(query)), {});
    EXPECT_TRUE(hits.ok()) << hits.status();
    return hits.ok() ? *hits : std::vector<ScoredPoint>();
  }
  std::vector<ScoredPoint> Nearest(const std::string& name, VectorValue vector) {
    return Run(name, NearestQuery{std::move(vector), std::nullopt});
  }
  static QueryRequest Ask(const std::string& name, Query query) {
    QueryRequest request;
    request.using_name = name;
    request.query = std::move(query);
    return request;
  }
  std::vector<NamedVector> VectorsOf(uint64_t id) {
    const auto record = service_->GetPoint(kName, PointId::Number(id), {});
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() ? *record->vectors : std::vector<NamedVector>{};
  }
  static std::vector<float> ScoresOf(const std::vector<ScoredPoint>& hits) {
    std::vector<float> scores;
    for (const ScoredPoint& hit : hits) scores.push_back(hit.score);
    return scores;
  }

  TestService service_{Medium::kMemory};
};

TEST_F(QueryKindsTest, ScoresAreTheSumsOfTheBestRows) {
  const auto hits = Nearest("multi", MultiVector{2, {1, 0, 0, 1}});
  EXPECT_THAT(IdsOf(hits), ElementsAre(2, 4, 1, 3));
  EXPECT_THAT(ScoresOf(hits), ElementsAre(4, 4, 2, -2));
  EXPECT_THAT(ScoresOf(Nearest("multi", DenseVector{1, 0})), ElementsAre(3, 2, 1, -1));  // one row
}

TEST_F(QueryKindsTest, SparseHitsShareAnIndex) {
  const auto hits = Nearest("sparse", SparseVector{{1, 9}, {1, 0.5}});
  EXPECT_THAT(IdsOf(hits), ElementsAre(1, 2, 3));
  EXPECT_THAT(ScoresOf(hits), ElementsAre(1, 0.5, -2));
  EXPECT_THAT(Nearest("sparse", SparseVector{}), IsEmpty());
  EXPECT_THAT(Nearest("sparse", SparseVector{{7}, {1}}), IsEmpty());
}

TEST_F(QueryKindsTest, StoredVectorsComeBack) {
  const auto vectors = VectorsOf(2);
  ASSERT_EQ(vectors.size(), 3u);
  EXPECT_EQ(vectors[0].value, VectorValue(SparseVector{{5, 9}, {4, 1}}));
  EXPECT_EQ(vectors[1].name, "multi");
  EXPECT_EQ(vectors[1].value, VectorValue(MultiVector{2, {3, 1}}));
}

TEST_F(QueryKindsTest, TheAverageOfMultivectorsIsTheirRowsSideBySide) {
  RecommendQuery query;
  query.positive = {Point(1), VectorValue(DenseVector{0, 2})};
  query.negative = {Point(3)};
  const auto hits = Run("multi", query);
  // The rows (1,0), (0,1), (0,2) and (1,1).
  EXPECT_THAT(IdsOf(hits), ElementsAre(4, 2));
  EXPECT_THAT(ScoresOf(hits), ElementsAre(2 + 2 + 4 + 4, 3 + 1 + 2 + 4));
}

TEST_F(QueryKindsTest, TheAverageOfSparseVectorsIsThatOfAllTheirIndices) {
  RecommendQuery query;
  query.positive = {VectorValue(SparseVector{{1, 5}, {2, 2}}), VectorValue(SparseVector{{5, 9}, {4, 2}})};
  // 1: 1, 5: 3, 9: 1.
  EXPECT_THAT(ScoresOf(Run("sparse", query)), ElementsAre(13, 7, -2));
  query.negative = {VectorValue(SparseVector{{5, 7}, {5, 1}})};
  // 1: 2, 5: 1, 7: -1, 9: 2.
  const auto hits = Run("sparse", query);
  EXPECT_THAT(IdsOf(hits), ElementsAre(2, 1, 3));
  EXPECT_THAT(ScoresOf(hits), ElementsAre(6, 4, -4));
}

// As between the candidates, the similarity to the query is that of the weights as they are: on one scale.
TEST_F(QueryKindsTest, MarginalRelevanceLeavesOutTheIdf) {
  const MultiVector any{2, {0, 0}};
  ASSERT_TRUE(service_
                  .Upsert(kName, {Make(11, any, SparseVector{{20}, {3}}), Make(12, any, SparseVector{{20}, {2.9f}}),
                                  Make(13, any, SparseVector{{21}, {1.25f}})})
                  .ok());
  const SparseVector target{{20, 21}, {1, 1}};
  for (const char* name : {"sparse", "idf"}) {
    // 0.85 · 2.9 − 0.15 · 3 · 2.9 is more than 0.85 · 1.25; with IDF, which makes 21 count more, it would be less.
    const auto hits = Run(name, NearestQuery{target, Mmr{0.15f, 3}});
    EXPECT_THAT(IdsOf(hits), ElementsAre(11, 12, 13)) << name;
    EXPECT_EQ(ScoresOf(hits)[2], ScoresOf(Nearest(name, SparseVector{{21}, {1}}))[0]) << name;
  }
}

TEST_F(QueryKindsTest, RankingByExamplesComparesAnyKind) {
  RecommendQuery query;
  query.strategy = RecommendStrategy::kSumScores;
  query.positive = {VectorValue(SparseVector{{1}, {1}})};
  EXPECT_THAT(ScoresOf(Run("sparse", query)), ElementsAre(1, 0, 0, -2));  // also what shares no index
  query.positive = {VectorValue(DenseVector{1, 0}), VectorValue(MultiVector{2, {0, 1, 1, 0}})};
  EXPECT_THAT(ScoresOf(Run("multi", query)), ElementsAre(7, 6, 3, -3));
}

TEST_F(QueryKindsTest, VectorsOfAnotherKindAreRefused) {
  for (const auto& [name, vector] : std::vector<std::pair<std::string, VectorValue>>{
           {"multi", SparseVector{{1}, {1}}}, {"sparse", DenseVector{1, 2}}, {"sparse", MultiVector{2, {1, 2}}}}) {
    const auto hits = service_->Query(kName, Ask(name, NearestQuery{vector, std::nullopt}), {});
    EXPECT_EQ(ErrorClassOf(hits.status()), ErrorClass::kWrongInput) << name;
  }
}

TEST_F(QueryKindsTest, OnlySparseVectorsWithIdfHaveACorpus) {
  const auto ask = [&](const std::string& name, VectorValue vector) {
    QueryRequest request = Ask(name, NearestQuery{std::move(vector), std::nullopt});
    request.params.idf_corpus = std::make_shared<const Filter>();
    return ErrorClassOf(service_->Query(kName, request, {}).status());
  };
  EXPECT_EQ(ask("idf", SparseVector{{1}, {1}}), ErrorClass::kOk);
  EXPECT_EQ(ask("sparse", SparseVector{{1}, {1}}), ErrorClass::kWrongInput);
  EXPECT_EQ(ask("multi", DenseVector{1, 2}), ErrorClass::kWrongInput);
}

TEST_F(QueryKindsTest, VectorsAreAddedAndDropped) {
  VectorParams params;
  params.size = 1;
  params.distance = Distance::kDot;
  const auto added = service_->CreateVector(kName, "new", params, {true, std::nullopt});
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_EQ(added->status, UpdateStatus::kCompleted);
  EXPECT_TRUE(service_->CreateVector(kName, "new", params, {}).ok());
  params.size = 2;
  EXPECT_EQ(ErrorClassOf(service_->CreateVector(kName, "new", params, {}).status()), ErrorClass::kWrongInput);
  EXPECT_EQ(ErrorClassOf(service_->CreateVector("b", "new", params, {}).status()), ErrorClass::kNotFound);
  params.size = 0;
  EXPECT_EQ(ErrorClassOf(service_->CreateVector(kName, "zero", params, {}).status()), ErrorClass::kValidation);
  EXPECT_THAT(Nearest("new", DenseVector{1}), IsEmpty());

  shard::UpdateVectors update{{{PointId::Number(2), {{"new", DenseVector{5}}}}}};
  ASSERT_TRUE(service_.Write(kName, update).ok());
  EXPECT_THAT(ScoresOf(Nearest("new", DenseVector{1})), ElementsAre(5));
  EXPECT_EQ(VectorsOf(2).size(), 4u);

  EXPECT_TRUE(service_->DeleteVector(kName, "new", {}).ok());
  EXPECT_EQ(ErrorClassOf(service_->DeleteVector(kName, "new", {}).status()), ErrorClass::kWrongInput);
  EXPECT_EQ(VectorsOf(2).size(), 3u);
  EXPECT_EQ(ErrorClassOf(service_.Write(kName, update).status()), ErrorClass::kWrongInput);
}

}  // namespace
}  // namespace sextant::service
