#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rest/request/decode_testing.h"
#include "wire/rest/request/query/query_requests.h"

namespace sextant::wire {
namespace {

using service::NearestQuery;
using service::RecommendQuery;
using service::RecommendStrategy;
using service::VectorInput;
using testing::ElementsAre;
using testing::HasSubstr;

// The query of `{"query": …}`.
template <typename Kind>
Kind QueryOf(const std::string& query) {
  const auto request = DecodeQuery("{\"query\":" + query + "}");
  EXPECT_TRUE(request.ok()) << query << ": " << request.status();
  if (!request.ok()) return Kind{};
  const auto* kind = std::get_if<Kind>(&*request->query);
  EXPECT_NE(kind, nullptr) << query;
  return kind == nullptr ? Kind{} : *kind;
}
std::string QueryError(const std::string& query) {
  return ErrorOf(DecodeQuery("{\"query\":" + query + "}"));
}
VectorInput Dense(DenseVector vector) {
  return VectorValue(std::move(vector));
}
VectorInput Id(uint64_t id) {
  return PointId::Number(id);
}

TEST(QueryCodec, ReadsEveryWayToNameAVector) {
  EXPECT_FALSE(DecodeQuery("{}")->query.has_value());
  EXPECT_FALSE(DecodeQuery(R"({"query":null})")->query.has_value());
  EXPECT_EQ(QueryOf<NearestQuery>("[1,2]").vector, Dense({1, 2}));
  EXPECT_EQ(QueryOf<NearestQuery>(R"({"nearest":[3]})").vector, Dense({3}));
  EXPECT_EQ(QueryOf<NearestQuery>("[[1,2],[3,4]]").vector, VectorInput(VectorValue(MultiVector{2, {1, 2, 3, 4}})));
  EXPECT_EQ(QueryOf<NearestQuery>(R"({"indices":[5,2],"values":[0.5,2]})").vector,
            VectorInput(VectorValue(SparseVector{{2, 5}, {2, 0.5f}})));
  EXPECT_EQ(QueryOf<NearestQuery>("5").vector, Id(5));
  EXPECT_EQ(QueryOf<NearestQuery>(R"({"nearest":5})").vector, Id(5));
  EXPECT_TRUE(std::get<PointId>(QueryOf<NearestQuery>(R"("5c56c793-69f3-4fbf-87e6-c4bf54c28c26")").vector).is_uuid());
}

TEST(QueryCodec, ReadsAllItsParts) {
  const auto request = DecodeQuery(
      R"({"query":[1],"using":"v","filter":{"must":[]},"params":{"hnsw_ef":64,"exact":true,"indexed_only":true,
          "quantization":{"ignore":true,"rescore":false,"oversampling":2.0},"acorn":{"enable":true}},"limit":3,"offset":2,
          "score_threshold":0.5,"with_payload":true,"with_vector":["v"],"prefetch":[],"lookup_from":null})");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->using_name, "v");
  EXPECT_EQ(request->params.hnsw_ef, 64u);
  EXPECT_TRUE(request->params.exact);
  EXPECT_TRUE(request->params.indexed_only);
  EXPECT_EQ(request->limit, 3u);
  EXPECT_EQ(request->offset, 2u);
  EXPECT_EQ(request->score_threshold, 0.5f);
  EXPECT_TRUE(request->prefetch.empty());
  EXPECT_FALSE(request->lookup_from.has_value());
}

TEST(QueryCodec, ReadsTheRecallTarget) {
  EXPECT_EQ(DecodeQuery(R"({"query":[1],"params":{"recall_target":0.95}})")->params.recall_target, 0.95);
  EXPECT_EQ(DecodeQuery(R"({"query":[1],"params":{"recall_target":1}})")->params.recall_target, 1.0);
  EXPECT_FALSE(DecodeQuery(R"({"query":[1],"params":{}})")->params.recall_target.has_value());
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":[1],"params":{"recall_target":"high"}})")),
              HasSubstr("400 Format error in JSON body: params.recall_target"));
}

TEST(QueryCodec, SeparatesViolationsFromFormatErrors) {
  EXPECT_EQ(ErrorOf(DecodeQuery(R"({"query":[1],"limit":0})")),
            "422 Validation error in JSON body: [limit: value 0 invalid, must be 1 or larger]");
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":[1],"params":{"hnsw_ef":0}})")),
              HasSubstr("422 Validation error in JSON body: [params.hnsw_ef"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":[1],"params":{"quantization":{"oversampling":0.5}}})")),
              HasSubstr("[params.quantization.oversampling: value 0.5 invalid, must be 1.0 or larger]"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":[1],"params":{"acorn":{"max_selectivity":1.5}}})")), HasSubstr("422"));
  EXPECT_THAT(QueryError("[]"), HasSubstr("422 "));
  EXPECT_THAT(QueryError("[[1],[]]"), HasSubstr("422 "));
  EXPECT_THAT(QueryError("[[1],[1,2]]"), HasSubstr("422 "));
  EXPECT_THAT(QueryError(R"({"indices":[1,1],"values":[1,1]})"), HasSubstr("422 "));
  EXPECT_THAT(QueryError(R"({"indices":[1],"values":[1,1]})"), HasSubstr("422 "));
  EXPECT_THAT(QueryError(R"({"indices":[-1],"values":[1]})"), HasSubstr("400 Format error"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":[1],"limit":"3"})")), HasSubstr("400 Format error in JSON body: limit"));
  EXPECT_THAT(QueryError(R"("abc")"), HasSubstr("not a valid point ID"));
  EXPECT_THAT(QueryError("1.5"), HasSubstr("400 Format error"));
  EXPECT_THAT(QueryError(R"({"nope":1})"), HasSubstr("unknown form of query"));
}

TEST(QueryCodec, MakesVectorsOfTextsInEveryPlace) {
  const auto vector = QueryOf<NearestQuery>(R"({"text":"rust rust lang","model":"bm25"})").vector;
  const auto& sparse = std::get<SparseVector>(std::get<VectorValue>(vector));
  EXPECT_THAT(sparse.values, ElementsAre(1.0f, 1.0f));
  EXPECT_EQ(QueryOf<NearestQuery>(R"({"nearest":{"text":"lang rust","model":"Qdrant/bm25"}})").vector, vector);
  const auto recommend = QueryOf<RecommendQuery>(
      R"({"recommend":{"positive":[{"text":"rust lang","model":"bm25"},5],"negative":[{"text":"rust lang","model":"bm25"}]}})");
  EXPECT_THAT(recommend.positive, ElementsAre(vector, Id(5)));
  EXPECT_THAT(recommend.negative, ElementsAre(vector));
  EXPECT_THAT(QueryError(R"({"text":"a","model":"m"})"), HasSubstr("500 Service internal error: InferenceService"));
  EXPECT_THAT(QueryError(R"({"image":"a","model":"bm25"})"), HasSubstr("400 Wrong input"));
}

TEST(QueryCodec, ReadsTheCorpusOfIdf) {
  const auto idf = [](const std::string& text) {
    return DecodeQuery(R"({"query":[1],"params":{"idf":)" + text + "}}");
  };
  EXPECT_EQ(idf("null")->params.idf_corpus, nullptr);
  ASSERT_NE(idf("\"global\"")->params.idf_corpus, nullptr);
  EXPECT_FALSE(idf("\"global\"")->params.idf_corpus->must.has_value());
  const auto corpus = idf(R"({"corpus":{"must":[{"key":"a","match":{"value":1}}]}})");
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  ASSERT_NE(corpus->params.idf_corpus, nullptr);
  EXPECT_EQ(corpus->params.idf_corpus->must->size(), 1u);
  EXPECT_THAT(ErrorOf(idf("\"local\"")), HasSubstr("400 Format error"));
  EXPECT_THAT(ErrorOf(idf("{}")), HasSubstr("missing field `corpus`"));
  EXPECT_THAT(ErrorOf(idf(R"({"corpus":{"nope":[]}})")), HasSubstr("400 Format error"));
}

TEST(QueryCodec, ReadsMmr) {
  const auto query = QueryOf<NearestQuery>(R"({"nearest":[1],"mmr":{"diversity":0.25,"candidates_limit":100}})");
  EXPECT_EQ(query.mmr->diversity, 0.25f);
  EXPECT_EQ(query.mmr->candidates_limit, 100u);
  EXPECT_EQ(QueryOf<NearestQuery>(R"({"nearest":[1],"mmr":{}})").mmr->diversity, 0.5f);
  EXPECT_FALSE(QueryOf<NearestQuery>(R"({"nearest":[1],"mmr":null})").mmr.has_value());
  EXPECT_THAT(QueryError(R"({"nearest":[1],"mmr":{"diversity":1.5}})"), HasSubstr("422 "));
  EXPECT_THAT(QueryError(R"({"nearest":[1],"mmr":{"candidates_limit":16385}})"), HasSubstr("422 "));
}

TEST(QueryCodec, ReadsRecommendations) {
  const auto query = QueryOf<RecommendQuery>(
      R"({"recommend":{"positive":[1,[1,2]],"negative":["5c56c793-69f3-4fbf-87e6-c4bf54c28c26"],
          "strategy":"best_score"}})");
  EXPECT_THAT(query.positive, ElementsAre(Id(1), Dense({1, 2})));
  EXPECT_EQ(query.negative.size(), 1u);
  EXPECT_EQ(query.strategy, RecommendStrategy::kBestScore);
  EXPECT_EQ(QueryOf<RecommendQuery>(R"({"recommend":{"positive":[1]}})").strategy, RecommendStrategy::kAverageVector);
  EXPECT_EQ(QueryOf<RecommendQuery>(R"({"recommend":{"positive":[1],"strategy":"sum_scores"}})").strategy,
            RecommendStrategy::kSumScores);
  EXPECT_THAT(QueryError(R"({"recommend":{}})"), HasSubstr("422 "));
  EXPECT_THAT(QueryError(R"({"recommend":{"positive":[1],"strategy":"nope"}})"), HasSubstr("400 Format error"));
  EXPECT_THAT(QueryError(R"({"recommend":{"positive":[null]}})"), HasSubstr("400 Format error"));
}

TEST(QueryCodec, ReadsContextsOneOrMany) {
  const auto discover =
      QueryOf<service::DiscoverQuery>(R"({"discover":{"target":1,"context":{"positive":2,"negative":[3]}}})");
  EXPECT_EQ(discover.target, Id(1));
  ASSERT_EQ(discover.context.size(), 1u);
  EXPECT_EQ(discover.context[0].negative, Dense({3}));
  EXPECT_TRUE(QueryOf<service::DiscoverQuery>(R"({"discover":{"target":1,"context":null}})").context.empty());
  EXPECT_THAT(QueryError(R"({"discover":{"target":1}})"), HasSubstr("400 Format error in JSON body: query.discover"));
  EXPECT_EQ(QueryOf<service::ContextQuery>(R"({"context":[{"positive":1,"negative":2},{"positive":3,"negative":4}]})")
                .context.size(),
            2u);
  EXPECT_THAT(QueryError(R"({"context":[{"positive":1}]})"), HasSubstr("missing field `negative`"));
}

TEST(QueryCodec, ReadsFusionsOrdersAndSamples) {
  EXPECT_EQ(QueryOf<service::RrfQuery>(R"({"fusion":"rrf"})").k, 2u);
  QueryOf<service::DbsfQuery>(R"({"fusion":"dbsf"})");
  EXPECT_THAT(QueryError(R"({"fusion":"nope"})"), HasSubstr("400 Format error"));
  const auto rrf = QueryOf<service::RrfQuery>(R"({"rrf":{"k":60,"weights":[1,0.5]}})");
  EXPECT_EQ(rrf.k, 60u);
  EXPECT_THAT(*rrf.weights, ElementsAre(1.0f, 0.5f));
  EXPECT_EQ(QueryOf<service::RrfQuery>(R"({"rrf":{}})").k, 2u);
  EXPECT_THAT(QueryError(R"({"rrf":{"k":0}})"), HasSubstr("422 "));
  EXPECT_TRUE(QueryOf<service::OrderBy>(R"({"order_by":{"key":"a","direction":"desc"}})").descending);
  EXPECT_EQ(QueryOf<service::OrderBy>(R"({"order_by":"a.b"})").key.ToString(), "a.b");
  QueryOf<service::SampleQuery>(R"({"sample":"random"})");
  EXPECT_THAT(QueryError(R"({"sample":"nope"})"), HasSubstr("400 Format error"));
}

TEST(QueryCodec, ReadsFeedback) {
  const auto query = QueryOf<service::FeedbackQuery>(
      R"({"relevance_feedback":{"target":1,"feedback":[{"example":2,"score":0.5},{"example":[3],"score":-1}],
          "strategy":{"naive":{"a":1,"b":2,"c":3}}}})");
  EXPECT_EQ(query.target, Id(1));
  ASSERT_EQ(query.feedback.size(), 2u);
  EXPECT_EQ(query.feedback[1].score, -1);
  EXPECT_EQ(query.weights.c, 3);
  EXPECT_THAT(
      QueryError(R"({"relevance_feedback":{"target":1,"feedback":[],"strategy":{"naive":{"a":1,"b":2,"c":3}}}})"),
      HasSubstr("422 "));
  EXPECT_THAT(QueryError(R"({"relevance_feedback":{"target":1,"feedback":[{"example":2,"score":1}],
                             "strategy":{"naive":{"a":1,"b":-1,"c":3}}}})"),
              HasSubstr("422 "));
}

TEST(QueryCodec, ReadsPrefetchesAtAnyDepth) {
  const auto request = DecodeQuery(
      R"({"query":{"fusion":"rrf"},"prefetch":[{"query":1,"using":"v","limit":7,"score_threshold":0.5,
          "filter":{"must":[]},"params":{"exact":true},"lookup_from":{"collection":"c","vector":"w"},
          "prefetch":{"query":[1]}},{}]})");
  ASSERT_TRUE(request.ok()) << request.status();
  ASSERT_EQ(request->prefetch.size(), 2u);
  const service::QueryStage& first = request->prefetch[0];
  EXPECT_EQ(first.limit, 7u);
  EXPECT_EQ(first.using_name, "v");
  EXPECT_EQ(first.score_threshold, 0.5f);
  EXPECT_TRUE(first.filter && first.params.exact);
  EXPECT_EQ(first.lookup_from->collection, "c");
  EXPECT_EQ(first.lookup_from->vector, "w");
  EXPECT_EQ(first.prefetch.size(), 1u);
  EXPECT_EQ(request->prefetch[1].limit, 10u);
  EXPECT_FALSE(request->prefetch[1].query);
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":1,"prefetch":[{"limit":0}]})")), HasSubstr("422 "));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":1,"prefetch":5})")), HasSubstr("400 Format error"));
  std::string deep = R"({"query":1})";
  for (int depth = 0; depth < 70; ++depth) deep = R"({"query":1,"prefetch":[)" + deep + "]}";
  EXPECT_TRUE(DecodeQuery(deep).ok()) << "how deep is allowed is not the parser's business";
  for (int depth = 0; depth < 100; ++depth) deep = R"({"query":1,"prefetch":[)" + deep + "]}";
  EXPECT_THAT(ErrorOf(DecodeQuery(deep)), HasSubstr("400 Format error"));
}

TEST(QueryCodec, RefusesTooManyStages) {
  std::string many = R"({"query":1,"prefetch":[{})";
  for (int i = 0; i < 20000; ++i) many += ",{}";
  EXPECT_THAT(ErrorOf(DecodeQuery(many + "]}")), HasSubstr("400 Bad request: the request has too many"));
}

TEST(FormulaCodec, ReadsEveryExpression) {
  const auto query = QueryOf<service::FormulaQuery>(R"({"formula":{"sum":[
      1.5,"$score","$score[2]","a.b",{"key":"c","match":{"value":"x"}},{"must":[]},
      {"geo_distance":{"origin":{"lat":1,"lon":2},"to":"place"}},{"datetime":"1970-01-01T00:01:00Z"},
      {"datetime_key":"at"},{"mult":[1,2]},{"neg":1},{"abs":1},{"sqrt":1},{"exp":1},{"log10":1},{"ln":1},
      {"pow":{"base":2,"exponent":3}},{"div":{"left":1,"right":2,"by_zero_default":7}},
      {"lin_decay":{"x":"a"}},{"exp_decay":{"x":"a","target":1,"scale":2,"midpoint":0.25}},{"gauss_decay":{"x":1}}]},
      "defaults":{"$score[2]":3,"a.b":"text"}})");
  const auto& sum = std::get<search::Operation>(query.formula.expression.node);
  ASSERT_EQ(sum.operands.size(), 21u);
  EXPECT_EQ(std::get<double>(sum.operands[0].node), 1.5);
  EXPECT_EQ(std::get<search::ScoreVariable>(sum.operands[2].node).prefetch, 2u);
  EXPECT_EQ(std::get<search::ConditionTest>(sum.operands[4].node).filter.must->size(), 1u);
  EXPECT_EQ(std::get<search::GeoDistanceTo>(sum.operands[6].node).origin.lon, 2);
  EXPECT_EQ(std::get<double>(sum.operands[7].node), 60);
  EXPECT_EQ(std::get<search::Operation>(sum.operands[17].node).by_zero_default, 7);
  const auto& decay = std::get<search::Operation>(sum.operands[18].node);
  EXPECT_EQ(std::get<double>(decay.operands[1].node), 0);
  EXPECT_EQ(decay.midpoint, 0.5);
  EXPECT_EQ(std::get<search::Operation>(sum.operands[19].node).scale, 2);
  EXPECT_EQ(query.formula.default_scores.at(2), 3);
  EXPECT_EQ(query.formula.default_values.at("a.b"), Json("text"));
}

TEST(FormulaCodec, ReadsNumbersAsF32) {
  const auto query = QueryOf<service::FormulaQuery>(R"({"formula":0.1})");
  EXPECT_EQ(std::get<double>(query.formula.expression.node), static_cast<double>(0.1f));
}

TEST(FormulaCodec, RefusesWhatIsNoExpression) {
  for (const char* expression :
       {"true", "[]", R"("$scores")", R"("a..b")", R"({"nope":1})", R"({"sum":1})", R"({"sum":[null]})",
        R"({"pow":{"base":1}})", R"({"div":{"left":1}})", R"({"datetime":"x"})", R"({"lin_decay":{}})",
        R"({"geo_distance":{"origin":{"lat":100,"lon":0},"to":"a"}})", R"({"geo_distance":{"to":"a"}})", "1e300"})
    EXPECT_THAT(QueryError(std::string(R"({"formula":)") + expression + "}"), HasSubstr("400 ")) << expression;
  EXPECT_THAT(QueryError(R"({"formula":1,"defaults":{"$score":"x"}})"), HasSubstr("400 "));
}

TEST(QueryBatchCodec, NamesTheRequest) {
  EXPECT_EQ(DecodeQueryBatch(R"({"searches":[{"query":[1]},{"query":2}]})")->size(), 2u);
  EXPECT_TRUE(DecodeQueryBatch(R"({"searches":[]})")->empty());
  EXPECT_EQ(ErrorOf(DecodeQueryBatch(R"({"searches":[{"query":[1]},{"query":2,"limit":0}]})")),
            "422 Validation error in JSON body: [searches[1].limit: value 0 invalid, must be 1 or larger]");
  EXPECT_THAT(ErrorOf(DecodeQueryBatch("{}")), HasSubstr("missing field `searches`"));
}

TEST(QueryGroupsCodec, ReadsGroupsAndLookups) {
  const auto request = DecodeQueryGroups(R"({"query":[1],"group_by":"a.b","with_lookup":"other"})");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->limit, 10u);
  EXPECT_EQ(request->group_size, 3u);
  EXPECT_EQ(request->with_lookup->collection, "other");
  EXPECT_EQ(request->with_lookup->with_payload.kind, PayloadSelector::Kind::kAll);
  const auto lookup = DecodeQueryGroups(
      R"({"group_by":"a","group_size":1,"limit":2,"with_lookup":{"collection":"c","with_payload":false,
          "with_vectors":true}})");
  EXPECT_EQ(lookup->with_lookup->with_payload.kind, PayloadSelector::Kind::kNone);
  EXPECT_EQ(lookup->with_lookup->with_vector.kind, VectorSelector::Kind::kAll);
  EXPECT_THAT(ErrorOf(DecodeQueryGroups(R"({"query":[1]})")), HasSubstr("missing field `group_by`"));
  EXPECT_THAT(ErrorOf(DecodeQueryGroups(R"({"group_by":"a","group_size":0})")), HasSubstr("422 "));
  EXPECT_THAT(ErrorOf(DecodeQueryGroups(R"({"group_by":"a","limit":0})")), HasSubstr("422 "));
  EXPECT_THAT(ErrorOf(DecodeQueryGroups(R"({"group_by":5})")), HasSubstr("400 Format error"));
}

TEST(LegacyCodec, ReadsSearches) {
  const auto request = DecodeSearch(R"({"vector":{"name":"v","vector":[1,2]},"top":5})");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->using_name, "v");
  EXPECT_EQ(std::get<NearestQuery>(*request->query).vector, Dense({1, 2}));
  EXPECT_EQ(request->limit, 5u);
  EXPECT_EQ(request->with_payload.kind, PayloadSelector::Kind::kNone);
  EXPECT_EQ(DecodeSearch(R"({"vector":[1],"limit":2})")->using_name, "");
  EXPECT_TRUE(DecodeSearch(R"({"vector":{"name":"s","vector":{"indices":[1],"values":[1]}},"limit":1})").ok());
  EXPECT_THAT(ErrorOf(DecodeSearch(R"({"vector":[1]})")), HasSubstr("missing field `limit`"));
  EXPECT_THAT(ErrorOf(DecodeSearch(R"({"limit":1})")), HasSubstr("missing field `vector`"));
  EXPECT_THAT(ErrorOf(DecodeSearch(R"({"vector":[1],"limit":0})")), HasSubstr("422 "));
  EXPECT_THAT(ErrorOf(DecodeSearch(R"({"vector":[[1]],"limit":1})")), HasSubstr("400 Format error"));
  EXPECT_THAT(ErrorOf(DecodeSearch(R"({"vector":7,"limit":1})")), HasSubstr("400 Format error"));
  EXPECT_EQ(DecodeSearchBatch(R"({"searches":[{"vector":[1],"limit":1}]})")->size(), 1u);
  EXPECT_EQ(DecodeSearchGroups(R"({"vector":[1],"limit":2,"group_size":4,"group_by":"a"})")->group_size, 4u);
  EXPECT_THAT(ErrorOf(DecodeSearchGroups(R"({"vector":[1],"limit":2,"group_by":"a"})")), HasSubstr("group_size"));
}

TEST(LegacyCodec, ReadsRecommendationsAndDiscoveries) {
  const auto recommend =
      DecodeRecommend(R"({"positive":[1],"negative":[[1,2]],"limit":3,"using":"v","lookup_from":{"collection":"c"}})");
  ASSERT_TRUE(recommend.ok()) << recommend.status();
  EXPECT_EQ(std::get<RecommendQuery>(*recommend->query).negative.size(), 1u);
  EXPECT_EQ(recommend->using_name, "v");
  EXPECT_EQ(recommend->lookup_from->vector, "") << "the unnamed vector of the other collection";
  EXPECT_EQ(DecodeRecommendBatch(R"({"searches":[{"positive":[1],"limit":1}]})")->size(), 1u);
  EXPECT_TRUE(DecodeRecommendGroups(R"({"positive":[1],"limit":2,"group_size":4,"group_by":"a"})").ok());
  const auto discover = DecodeDiscover(R"({"target":1,"context":[{"positive":2,"negative":3}],"limit":3})");
  EXPECT_EQ(std::get<service::DiscoverQuery>(*discover->query).context.size(), 1u);
  const auto context = DecodeDiscover(R"({"context":[{"positive":2,"negative":3}],"limit":3})");
  EXPECT_EQ(std::get<service::ContextQuery>(*context->query).context.size(), 1u);
  EXPECT_EQ(DecodeDiscoverBatch(R"({"searches":[{"target":1,"limit":1}]})")->size(), 1u);
}

TEST(FacetCodec, ReadsItsParts) {
  const auto request = DecodeFacet(R"({"key":"a","exact":true,"filter":{"must":[]}})");
  EXPECT_EQ(request->limit, 10u);
  EXPECT_TRUE(request->exact && request->filter);
  EXPECT_THAT(ErrorOf(DecodeFacet("{}")), HasSubstr("missing field `key`"));
  EXPECT_THAT(ErrorOf(DecodeFacet(R"({"key":"a","limit":0})")), HasSubstr("422 "));
}

TEST(MatrixCodec, ReadsItsParts) {
  const auto request = DecodeMatrix(R"({"using":"v","sample":5})");
  EXPECT_EQ(request->sample, 5u);
  EXPECT_EQ(request->limit, 3u);
  EXPECT_EQ(request->using_name, "v");
  EXPECT_EQ(DecodeMatrix("{}")->sample, 10u);
  EXPECT_THAT(ErrorOf(DecodeMatrix(R"({"sample":1})")), HasSubstr("422 "));
  EXPECT_THAT(ErrorOf(DecodeMatrix(R"({"limit":0})")), HasSubstr("422 "));
}

}  // namespace
}  // namespace sextant::wire
