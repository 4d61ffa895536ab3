// The universal query, on collections of one and of several shards, which must not differ for a client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <set>

#include "service/service_testing.h"

namespace sextant::service {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr size_t kPoints = 200;
constexpr uint32_t kSeed = 20250311;

VectorInput Vector(std::vector<float> values) {
  return VectorValue(std::move(values));
}
float Sigma(float x) {
  return 0.5f * (x / (1 + std::abs(x)) + 1);
}

class QueryTest : public ::testing::TestWithParam<std::tuple<uint32_t, Distance>> {
 protected:
  // Points 0 to 199 at random; `n` is the id, `group` the id modulo 7 (and "x" beside it every tenth), `kind` a or b.
  void SetUp() override {
    const auto [shards, distance] = GetParam();
    CollectionConfig config = UnnamedConfig(4, distance, shards);
    config.vectors["small"].size = 2;
    config.vectors["small"].distance = Distance::kDot;
    ASSERT_TRUE(service_->Create(kName, {config}).ok());
    std::vector<PointInput> points;
    for (size_t id = 0; id < kPoints; ++id) {
      vectors_.push_back(RandomVector());
      const std::string group = id % 10 == 0 ? "[" + std::to_string(id % 7) + ",\"x\"]" : std::to_string(id % 7);
      points.push_back(MakePoint(id, vectors_.back(),
                                 R"({"n":)" + std::to_string(id) + R"(,"group":)" + group + R"(,"kind":")" +
                                     (id % 2 == 0 ? "a" : "b") + "\"}"));
    }
    points[3].vectors.push_back({"small", DenseVector{1, 0}});
    points[4].vectors.push_back({"small", DenseVector{0, 1}});
    ASSERT_TRUE(service_.Upsert(kName, points).ok());
    FieldSchema integer;
    integer.type = FieldType::kInteger;
    ASSERT_TRUE(service_.Write(kName, shard::CreateIndex{Path("n"), integer}).ok());
    ASSERT_TRUE(service_.Write(kName, shard::CreateIndex{Path("kind"), {}}).ok());
  }

  std::vector<float> RandomVector() { return {normal_(random_), normal_(random_), normal_(random_), normal_(random_)}; }

  // The raw similarity of a point to a vector.
  float Raw(std::vector<float> query, uint64_t id) const {
    std::vector<float> row = vectors_[id];
    const Distance distance = std::get<1>(GetParam());
    const auto length = [](const std::vector<float>& v) {
      double sum = 0;
      for (float x : v) sum += x * x;
      return std::sqrt(sum);
    };
    double dot = 0, square = 0, sum = 0;
    for (size_t i = 0; i < 4; ++i) {
      dot += query[i] * row[i];
      square += (query[i] - row[i]) * (query[i] - row[i]);
      sum += std::abs(query[i] - row[i]);
    }
    switch (distance) {
      case Distance::kCosine: return static_cast<float>(dot / length(query) / length(row));
      case Distance::kEuclid: return static_cast<float>(-square);
      case Distance::kManhattan: return static_cast<float>(-sum);
      default: return static_cast<float>(dot);
    }
  }

  std::vector<ScoredPoint> Run(const QueryRequest& request) {
    auto hits = service_->Query(kName, request, {});
    EXPECT_TRUE(hits.ok()) << hits.status();
    return hits.ok() ? *hits : std::vector<ScoredPoint>();
  }
  ErrorClass ErrorOf(const QueryRequest& request) { return ErrorClassOf(service_->Query(kName, request, {}).status()); }
  static QueryRequest Ask(Query query, uint64_t limit = 10) {
    QueryRequest request;
    request.query = std::move(query);
    request.limit = limit;
    return request;
  }
  static QueryStage Stage(Query query, uint64_t limit) {
    QueryStage stage;
    stage.query = std::move(query);
    stage.limit = limit;
    return stage;
  }

  // The hits are the `limit` points with the largest of these scores, in order.
  void ExpectRanked(const QueryRequest& request, const std::function<float(uint64_t)>& score,
                    const std::set<uint64_t>& excluded) {
    std::vector<float> scores;
    for (uint64_t id = 0; id < kPoints; ++id)
      if (!excluded.contains(id)) scores.push_back(score(id));
    std::sort(scores.rbegin(), scores.rend());
    const auto hits = Run(request);
    ASSERT_EQ(hits.size(), std::min<size_t>(request.limit, scores.size()));
    for (size_t rank = 0; rank < hits.size(); ++rank) {
      const uint64_t id = hits[rank].record.id.number();
      EXPECT_FALSE(excluded.contains(id));
      EXPECT_NEAR(hits[rank].score, scores[rank], 1e-4) << "rank " << rank << ", seed " << kSeed;
      EXPECT_NEAR(hits[rank].score, score(id), 1e-4) << "point " << id << ", seed " << kSeed;
    }
  }

  std::mt19937 random_{kSeed};
  std::normal_distribution<float> normal_;
  std::vector<std::vector<float>> vectors_;
  TestService service_{Medium::kMemory};
};

TEST_P(QueryTest, RecommendsByBestScore) {
  const std::vector<float> extra = RandomVector();
  RecommendQuery query{{Point(1), Vector(extra)}, {Point(2), Point(3)}, RecommendStrategy::kBestScore};
  const auto score = [&](uint64_t id) {
    const float p = std::max(Raw(vectors_[1], id), Raw(extra, id));
    const float n = std::max(Raw(vectors_[2], id), Raw(vectors_[3], id));
    return p > n ? Sigma(p) : -Sigma(n);
  };
  ExpectRanked(Ask(query, 50), score, {1, 2, 3});
}

TEST_P(QueryTest, RecommendsBySumOfScores) {
  RecommendQuery query{{Point(1)}, {Point(2), Point(3)}, RecommendStrategy::kSumScores};
  const auto score = [&](uint64_t id) { return Raw(vectors_[1], id) - Raw(vectors_[2], id) - Raw(vectors_[3], id); };
  ExpectRanked(Ask(query, 50), score, {1, 2, 3});
}

TEST_P(QueryTest, RecommendsByAverageLikeTheNearestOfTheAverage) {
  const std::vector<float> a = RandomVector(), b = RandomVector(), c = RandomVector();
  std::vector<float> average(4);
  for (size_t i = 0; i < 4; ++i) average[i] = 2 * (a[i] + b[i]) / 2 - c[i];
  const auto expected = Run(Ask(NearestTo(average), 20));
  const auto hits = Run(Ask(RecommendQuery{{Vector(a), Vector(b)}, {Vector(c)}, {}}, 20));
  EXPECT_EQ(IdsOf(hits), IdsOf(expected));
}

TEST_P(QueryTest, DiscoversAndExploresContexts) {
  const std::vector<ContextPair> pairs = {{Point(1), Point(2)}, {Point(3), Point(4)}};
  const auto discover = [&](uint64_t id) {
    float rank = 0;
    for (const auto& [p, n] : {std::pair{1, 2}, {3, 4}}) rank += Raw(vectors_[p], id) > Raw(vectors_[n], id) ? 1 : -1;
    return rank + Sigma(Raw(vectors_[5], id));
  };
  ExpectRanked(Ask(DiscoverQuery{Point(5), pairs}, 60), discover, {1, 2, 3, 4, 5});
  const auto context = [&](uint64_t id) {
    float sum = 0;
    for (const auto& [p, n] : {std::pair{1, 2}, {3, 4}}) {
      const float x = std::min(Raw(vectors_[p], id) - Raw(vectors_[n], id) - 1.1920929e-7f, 0.0f);
      sum += x / (1 + std::abs(x));
    }
    return sum;
  };
  ExpectRanked(Ask(ContextQuery{pairs}, 100), context, {1, 2, 3, 4});
}

TEST_P(QueryTest, LearnsFromFeedback) {
  FeedbackQuery query{Point(1), {{Point(2), 0.9f}, {Point(3), 0.1f}}, {.a = 0.5f, .b = 1, .c = 2}};
  const auto score = [&](uint64_t id) {
    return 0.5f * Raw(vectors_[1], id) + 0.8f * 2 * (Raw(vectors_[2], id) - Raw(vectors_[3], id));
  };
  ExpectRanked(Ask(query, 40), score, {1, 2, 3});
}

TEST_P(QueryTest, RanksOnlyWhatThePrefetchesFound) {
  const std::vector<float> target = RandomVector();
  QueryRequest request = Ask(NearestTo(target), 100);
  request.prefetch = {Stage(NearestTo(RandomVector()), 8), Stage(OrderBy{Path("n"), true, std::nullopt}, 5)};
  std::set<uint64_t> expected = {199, 198, 197, 196, 195};
  for (const uint64_t id : IdsOf(Run(Ask(*request.prefetch[0].query, 8)))) expected.insert(id);
  const auto hits = Run(request);
  const auto ids = IdsOf(hits);
  EXPECT_EQ(std::set<uint64_t>(ids.begin(), ids.end()), expected);
  for (const ScoredPoint& hit : hits) {
    const float raw = Raw(target, hit.record.id.number());
    EXPECT_NEAR(LargerIsNearer(std::get<1>(GetParam()))        ? hit.score
                : std::get<1>(GetParam()) == Distance::kEuclid ? -hit.score * hit.score
                                                               : -hit.score,
                raw, 1e-4);
  }
  request.offset = 3;
  request.limit = 4;
  EXPECT_EQ(IdsOf(Run(request)), std::vector<uint64_t>(ids.begin() + 3, ids.begin() + 7));
}

TEST_P(QueryTest, FiltersGoDownToTheLeaves) {
  QueryRequest request = Ask(RrfQuery{}, 10);
  QueryStage inner = Stage(OrderBy{Path("n"), false, std::nullopt}, 3);
  inner.filter.emplace().must.emplace().push_back(FieldCondition{Path("n"), Range{std::nullopt, 10, std::nullopt, {}}});
  QueryStage middle = Stage(SampleQuery{}, 10);
  middle.prefetch = {inner};
  request.prefetch = {middle};
  request.filter = MatchKeyword("kind", "b");
  EXPECT_THAT(IdsOf(Run(request)), UnorderedElementsAre(11, 13, 15));
}

TEST_P(QueryTest, FusesListsCutToTheirLimits) {
  QueryRequest request = Ask(RrfQuery{}, 10);
  request.prefetch = {Stage(OrderBy{Path("n"), false, std::nullopt}, 3),
                      Stage(OrderBy{Path("n"), true, std::nullopt}, 2), Stage(OrderBy{Path("n"), false, 1}, 1)};
  auto hits = Run(request);
  ASSERT_EQ(hits.size(), 5u);
  EXPECT_EQ(hits[0].record.id.number(), 1u);  // second of the first list, first of the third
  EXPECT_FLOAT_EQ(hits[0].score, 1 / 3.0f + 1 / 2.0f);
  request.score_threshold = 0.5f;
  EXPECT_THAT(IdsOf(Run(request)), UnorderedElementsAre(0, 1, 199)) << "the threshold itself passes";
  request.offset = 1;
  EXPECT_THAT(IdsOf(Run(request)), UnorderedElementsAre(0, 199));
}

TEST_P(QueryTest, ReferencedPointsAreInNoLeaf) {
  QueryRequest request = Ask(RrfQuery{}, 500);
  QueryStage listed;
  listed.limit = 500;
  request.prefetch = {Stage(NearestTo(PointId::Number(7)), 500), listed};
  const auto ids = IdsOf(Run(request));
  EXPECT_EQ(ids.size(), kPoints - 1);
  EXPECT_FALSE(std::set<uint64_t>(ids.begin(), ids.end()).contains(7));
}

TEST_P(QueryTest, ScoresByFormula) {
  QueryRequest request = Ask(FormulaQuery{}, 3);
  search::Formula& formula = std::get<FormulaQuery>(*request.query).formula;
  search::Operation sum;
  sum.operands = {{search::PayloadVariable{Path("n")}}, {search::ScoreVariable{1}}};
  formula.expression.node = sum;
  formula.default_scores[1] = 100;
  request.prefetch = {Stage(OrderBy{Path("n"), false, std::nullopt}, 20),
                      Stage(OrderBy{Path("n"), false, std::nullopt}, 18)};
  const auto hits = Run(request);
  EXPECT_THAT(IdsOf(hits), ElementsAre(19, 18, 17));
  EXPECT_FLOAT_EQ(hits[0].score, 119);
  EXPECT_FLOAT_EQ(hits[2].score, 18);
  request.score_threshold = 118;
  EXPECT_THAT(IdsOf(Run(request)), ElementsAre(19, 18));
  formula.expression.node = search::PayloadVariable{Path("kind")};
  EXPECT_EQ(ErrorOf(request), ErrorClass::kWrongInput);
}

// As those of filters: a text index asks for tokens, in any case; without one it would be a substring as it is written.
TEST_P(QueryTest, ConditionsInFormulasHaveTheRulesOfIndexes) {
  QueryRequest request = Ask(FormulaQuery{}, 4);
  Filter text;
  text.must.emplace().push_back(FieldCondition{Path("kind"), MatchText{"A"}});
  std::get<FormulaQuery>(*request.query).formula.expression.node = search::ConditionTest{text};
  request.prefetch = {Stage(OrderBy{Path("n"), false, std::nullopt}, 4)};
  const auto scores = [&] {
    std::vector<float> of_hits;
    for (const ScoredPoint& hit : Run(request)) of_hits.push_back(hit.score);
    return of_hits;
  };
  EXPECT_THAT(scores(), ElementsAre(0, 0, 0, 0));
  FieldSchema schema;
  schema.type = FieldType::kText;
  ASSERT_TRUE(service_.Write(kName, shard::CreateIndex{Path("kind"), schema}).ok());
  EXPECT_THAT(scores(), ElementsAre(1, 1, 0, 0));
}

TEST_P(QueryTest, OrdersByPayloadAndTellsTheValue) {
  QueryRequest request = Ask(OrderBy{Path("n"), true, 150}, 2);
  request.offset = 1;
  const auto hits = Run(request);
  EXPECT_THAT(IdsOf(hits), ElementsAre(149, 148));
  EXPECT_EQ(hits[0].score, 1.0f);
  EXPECT_EQ(hits[0].version, 0u);
  EXPECT_EQ(hits[0].order_value, OrderValue(int64_t{149}));
}

TEST_P(QueryTest, SamplesAtRandomWithinTheFilter) {
  QueryRequest request = Ask(SampleQuery{}, 30);
  request.filter = MatchKeyword("kind", "a");
  request.offset = 5;
  const auto first = IdsOf(Run(request));
  const auto second = IdsOf(Run(request));
  EXPECT_EQ(first.size(), 30u) << "an offset has no effect";
  EXPECT_EQ(std::set<uint64_t>(first.begin(), first.end()).size(), 30u);
  EXPECT_TRUE(std::all_of(first.begin(), first.end(), [](uint64_t id) { return id % 2 == 0; }));
  EXPECT_NE(first, second);
  request.limit = 1000;
  EXPECT_EQ(Run(request).size(), kPoints / 2);
}

TEST_P(QueryTest, DiversifiesByMarginalRelevance) {
  const std::vector<float> target = RandomVector();
  const auto nearest = Run(Ask(NearestTo(target), 12));
  NearestQuery query{Vector(target), Mmr{0, 12}};
  EXPECT_EQ(IdsOf(Run(Ask(query, 5))), IdsOf(Run(Ask(NearestTo(target), 5)))) << "relevance alone";
  query.mmr->diversity = 0.7f;
  std::vector<uint64_t> pending = IdsOf(nearest), chosen;
  while (chosen.size() < 5) {
    const auto score = [&](uint64_t id) {
      float closest = -1e30f;
      for (const uint64_t other : chosen) closest = std::max(closest, Raw(vectors_[other], id));
      return chosen.empty() ? Raw(target, id) : 0.3f * Raw(target, id) - 0.7f * closest;
    };
    const auto best =
        std::max_element(pending.begin(), pending.end(), [&](uint64_t a, uint64_t b) { return score(a) < score(b); });
    chosen.push_back(*best);
    pending.erase(best);
  }
  const auto hits = Run(Ask(query, 5));
  EXPECT_EQ(IdsOf(hits), chosen) << "seed " << kSeed;
  for (const ScoredPoint& hit : hits) {
    const auto plain = std::find_if(nearest.begin(), nearest.end(),
                                    [&](const ScoredPoint& other) { return other.record.id == hit.record.id; });
    EXPECT_EQ(hit.score, plain->score) << "the score stays that of the query";
  }
}

TEST_P(QueryTest, LooksPointsUpElsewhere) {
  ASSERT_TRUE(service_->Create("other", {UnnamedConfig(4, Distance::kDot)}).ok());
  ASSERT_TRUE(service_->Create("narrow", {UnnamedConfig(3, Distance::kDot)}).ok());
  ASSERT_TRUE(service_.Upsert("other", {MakePoint(7, vectors_[100])}).ok());
  ASSERT_TRUE(service_.Upsert("narrow", {MakePoint(7, {1, 2, 3})}).ok());
  QueryRequest request = Ask(RecommendQuery{{Point(7)}, {}, RecommendStrategy::kBestScore}, 500);
  request.lookup_from = LookupLocation{"other", std::nullopt};
  const auto hits = Run(request);
  EXPECT_EQ(hits.size(), kPoints) << "a point of another collection excludes none here";
  request.lookup_from->collection = kName;
  EXPECT_EQ(Run(request).size(), kPoints - 1) << "of the collection itself it does";
  request.lookup_from->collection = "narrow";
  EXPECT_EQ(ErrorOf(request), ErrorClass::kWrongInput);
  request.lookup_from->collection = "absent";
  EXPECT_EQ(ErrorOf(request), ErrorClass::kNotFound);
  request.lookup_from = LookupLocation{"other", "absent"};
  EXPECT_EQ(ErrorOf(request), ErrorClass::kWrongInput);
}

TEST_P(QueryTest, CustomScoresMeetTheThresholdOfTheDistance) {
  QueryRequest request = Ask(RecommendQuery{{Point(1)}, {}, RecommendStrategy::kBestScore}, 500);
  const auto all = Run(request);
  request.score_threshold = all[40].score;
  const bool larger = LargerIsNearer(std::get<1>(GetParam()));
  // Strictly larger; the first hit already fails a test for smaller scores.
  EXPECT_EQ(Run(request).size(), larger ? 40u : 0u);
}

TEST_P(QueryTest, RefusesWhatMakesNoSense) {
  QueryRequest request = Ask(RrfQuery{});
  EXPECT_EQ(ErrorOf(request), ErrorClass::kBadRequest) << "fusion without prefetches";
  request.prefetch = {Stage(NearestTo({1, 2, 3, 4}), 5)};
  EXPECT_EQ(ErrorOf(request), ErrorClass::kOk);
  request.using_name = "small";
  EXPECT_EQ(ErrorOf(request), ErrorClass::kBadRequest) << "fusion with a vector name";
  request.using_name = "";
  request.query = RrfQuery{2, std::vector<float>{1, 2}};
  EXPECT_EQ(ErrorOf(request), ErrorClass::kBadRequest) << "weights";
  request.query.reset();
  EXPECT_EQ(ErrorOf(request), ErrorClass::kBadRequest) << "prefetches without a query";
  EXPECT_EQ(ErrorOf(Ask(FormulaQuery{})), ErrorClass::kBadRequest);
  EXPECT_EQ(ErrorOf(Ask(RecommendQuery{})), ErrorClass::kWrongInput);
  EXPECT_EQ(ErrorOf(Ask(RecommendQuery{{}, {Point(1)}, {}})), ErrorClass::kWrongInput);
  EXPECT_EQ(ErrorOf(Ask(RecommendQuery{{}, {Point(1)}, RecommendStrategy::kBestScore})), ErrorClass::kOk);
  EXPECT_EQ(ErrorOf(Ask(RecommendQuery{{Point(1000)}, {}, {}})), ErrorClass::kNotFound);
  EXPECT_EQ(ErrorOf(Ask(NearestQuery{VectorValue(SparseVector{}), {}})), ErrorClass::kWrongInput);
  EXPECT_EQ(ErrorOf(Ask(NearestQuery{VectorValue(MultiVector{4, {1, 2, 3, 4}}), {}})), ErrorClass::kWrongInput);
  EXPECT_EQ(ErrorOf(Ask(NearestQuery{Vector({1, 2, 3, 4}), Mmr{1.5f, {}}})), ErrorClass::kValidation);
  QueryRequest ordered = Ask(OrderBy{Path("n"), false, std::nullopt});
  ordered.score_threshold = 1.0f;
  EXPECT_EQ(ErrorOf(ordered), ErrorClass::kBadRequest);
  EXPECT_EQ(ErrorOf(Ask(OrderBy{Path("kind"), false, std::nullopt})), ErrorClass::kWrongInput);
  QueryRequest deep = Ask(SampleQuery{});
  for (int depth = 0; depth < 64; ++depth) {
    QueryStage stage = deep;
    deep.prefetch = {stage};
  }
  EXPECT_EQ(ErrorOf(deep), ErrorClass::kOk);
  QueryStage stage = deep;
  deep.prefetch = {stage};
  EXPECT_EQ(ErrorOf(deep), ErrorClass::kBadRequest);
}

TEST_P(QueryTest, GroupsAreFullAndInOrderOfTheirBestHits) {
  for (const uint64_t limit : {1, 3, 20}) {
    for (const uint64_t size : {1, 4, 1000}) {
      const std::vector<float> target = RandomVector();
      QueryGroupsRequest request;
      request.query.query = NearestTo(target);
      request.group_by = Path("group");
      request.limit = limit;
      request.group_size = size;
      std::vector<std::pair<GroupId, std::vector<uint64_t>>> expected;
      for (const uint64_t id : IdsOf(Run(Ask(NearestTo(target), kPoints)))) {
        std::vector<GroupId> groups = {uint64_t{id % 7}};
        if (id % 10 == 0) groups.insert(groups.begin(), std::string("x"));
        for (const GroupId& group : groups) {
          auto known = std::find_if(expected.begin(), expected.end(), [&](const auto& g) { return g.first == group; });
          if (known == expected.end()) known = expected.insert(expected.end(), {group, {}});
          if (known->second.size() < size) known->second.push_back(id);
        }
      }
      if (expected.size() > limit) expected.resize(limit);
      const auto groups = service_->QueryGroups(kName, request, {});
      ASSERT_TRUE(groups.ok()) << groups.status();
      ASSERT_EQ(groups->size(), expected.size());
      for (size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ((*groups)[i].id, expected[i].first) << "limit " << limit << ", size " << size;
        EXPECT_EQ(IdsOf((*groups)[i].hits), expected[i].second) << "limit " << limit << ", size " << size;
      }
    }
  }
}

TEST_P(QueryTest, GroupsOfFusionsScaleThePrefetches) {
  QueryGroupsRequest request;
  request.query.query = RrfQuery{};
  request.query.prefetch = {Stage(OrderBy{Path("n"), false, std::nullopt}, 10)};
  request.group_by = Path("group");
  request.group_size = 2;
  const auto groups = service_->QueryGroups(kName, request, {});
  ASSERT_TRUE(groups.ok()) << groups.status();
  ASSERT_EQ(groups->size(), 8u);
  EXPECT_EQ((*groups)[0].id, GroupId(std::string("x")));
  EXPECT_EQ(IdsOf((*groups)[0].hits), (std::vector<uint64_t>{0, 10})) << "twenty points are fetched, 10 among them";
}

TEST_P(QueryTest, GroupsLookTheirIdsUp) {
  ASSERT_TRUE(service_->Create("other", {UnnamedConfig(1, Distance::kDot)}).ok());
  ASSERT_TRUE(service_.Upsert("other", {MakePoint(3, {1}, R"({"name":"three"})")}).ok());
  QueryGroupsRequest request;
  request.query.query = OrderBy{Path("n"), false, std::nullopt};
  request.group_by = Path("group");
  request.group_size = 1;
  request.with_lookup = GroupLookup{"other", {PayloadSelector::Kind::kAll, {}}, {}};
  const auto groups = service_->QueryGroups(kName, request, {});
  ASSERT_TRUE(groups.ok()) << groups.status();
  for (const PointGroup& group : *groups) {
    ASSERT_EQ(group.lookup.has_value(), group.id == GroupId(uint64_t{3}));
    EXPECT_EQ(group.lookup ? group.lookup->payload.value_or("") : "", group.lookup ? R"({"name":"three"})" : "");
  }
  request.with_lookup->collection = "absent";
  EXPECT_EQ(ErrorClassOf(service_->QueryGroups(kName, request, {}).status()), ErrorClass::kNotFound);
}

TEST_P(QueryTest, CountsValues) {
  const auto hits = service_->Facet(kName, {Path("kind"), 10, std::nullopt, false}, {});
  ASSERT_TRUE(hits.ok()) << hits.status();
  ASSERT_EQ(hits->size(), 2u);
  EXPECT_EQ((*hits)[0].value, search::FacetValue(std::string("a")));
  EXPECT_EQ((*hits)[0].count, kPoints / 2);
  const auto filtered = service_->Facet(kName, {Path("n"), 3, MatchKeyword("kind", "b"), true}, {});
  ASSERT_EQ(filtered->size(), 3u);
  EXPECT_EQ((*filtered)[2].value, search::FacetValue(int64_t{5}));
  EXPECT_EQ(ErrorClassOf(service_->Facet(kName, {Path("group"), 3, std::nullopt, false}, {}).status()),
            ErrorClass::kWrongInput);
}

TEST_P(QueryTest, MatrixHoldsTheNearestAmongTheSample) {
  MatrixRequest request;
  request.sample = 20;
  request.limit = 3;
  request.filter = MatchKeyword("kind", "a");
  const auto matrix = service_->SearchMatrix(kName, request, {});
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  ASSERT_EQ(matrix->ids.size(), 20u);
  EXPECT_TRUE(std::is_sorted(matrix->ids.begin(), matrix->ids.end()));
  for (size_t row = 0; row < 20; ++row) {
    std::vector<float> others;
    for (size_t column = 0; column < 20; ++column)
      if (column != row) others.push_back(Raw(vectors_[matrix->ids[row].number()], matrix->ids[column].number()));
    std::sort(others.rbegin(), others.rend());
    ASSERT_EQ(matrix->rows[row].size(), 3u);
    for (size_t i = 0; i < 3; ++i) {
      const uint64_t column = matrix->rows[row][i].column;
      EXPECT_NE(column, row);
      EXPECT_NEAR(Raw(vectors_[matrix->ids[row].number()], matrix->ids[column].number()), others[i], 1e-4);
    }
  }
  request.using_name = "small";
  request.filter.reset();
  const auto small = service_->SearchMatrix(kName, request, {});
  EXPECT_THAT(small->ids, ElementsAre(PointId::Number(3), PointId::Number(4)));
  request.filter = MatchKeyword("kind", "b");
  EXPECT_TRUE(service_->SearchMatrix(kName, request, {})->ids.empty()) << "one point has no neighbours";
}

TEST(ApplyRecallTarget, ReachesTheStagesThatStateNoEffort) {
  QueryRequest request;
  request.prefetch.resize(3);
  request.prefetch[0].params.hnsw_ef = 16;
  request.prefetch[1].params.exact = true;
  request.prefetch[1].prefetch.resize(1);
  request.prefetch[2].params.recall_target = 0.5;
  ApplyRecallTarget(std::nullopt, &request);
  EXPECT_FALSE(request.params.recall_target);
  ApplyRecallTarget(0.9, &request);
  EXPECT_EQ(request.params.recall_target, 0.9);
  EXPECT_FALSE(request.prefetch[0].params.recall_target);
  EXPECT_FALSE(request.prefetch[1].params.recall_target);
  EXPECT_EQ(request.prefetch[1].prefetch[0].params.recall_target, 0.9);
  EXPECT_EQ(request.prefetch[2].params.recall_target, 0.5);
}

INSTANTIATE_TEST_SUITE_P(All, QueryTest,
                         ::testing::Combine(::testing::Values(1u, 3u),
                                            ::testing::Values(Distance::kCosine, Distance::kDot, Distance::kEuclid,
                                                              Distance::kManhattan)),
                         [](const auto& one) {
                           return std::to_string(std::get<0>(one.param)) + "Shards" +
                                  std::to_string(static_cast<int>(std::get<1>(one.param)));
                         });

}  // namespace
}  // namespace sextant::service
