// Queries of every kind, groups, facets and matrices, and the older searches.
#include "wire/grpc/convert/query/convert_queries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/grpc/convert/query/convert_query_answers.h"
#include "wire/grpc/message_testing.h"

namespace sextant::wire {
namespace {

using service::VectorInput;
using testing::HasSubstr;

VectorInput Dense(DenseVector values) {
  return VectorValue(std::move(values));
}
VectorInput Point(uint64_t id) {
  return PointId::Number(id);
}

template <typename Kind>
Kind Variant(const std::string& text) {
  const auto query = ConvertQuery(Parse<qdrant::QueryPoints>("query { " + text + " }"));
  EXPECT_TRUE(query.ok()) << query.status() << " " << text;
  if (!query.ok() || !query->query || !std::holds_alternative<Kind>(*query->query)) return {};
  return std::get<Kind>(*query->query);
}

template <typename Answer, typename Request>
std::string Refusal(Result<Answer> (*convert)(const Request&), const std::string& text) {
  return ErrorOf(convert(Parse<Request>(text)));
}

TEST(ConvertQueryKinds, VectorsOfEveryForm) {
  const auto nearest = [](const std::string& input) {
    return Variant<service::NearestQuery>("nearest { " + input + " }").vector;
  };
  EXPECT_EQ(nearest("sparse { indices: [7, 2] values: [1, 3] }"),
            VectorInput(VectorValue(SparseVector{{2, 7}, {3, 1}})));
  EXPECT_EQ(nearest("multi_dense { vectors { data: [1, 2] } vectors { data: [3, 4] } }"),
            VectorInput(VectorValue(MultiVector{2, {1, 2, 3, 4}})));
  EXPECT_EQ(
      std::get<SparseVector>(std::get<VectorValue>(nearest("document { text: 'a b' model: 'bm25' options "
                                                           "{ key: 'language' value { string_value: 'none' } } }")))
          .values,
      (std::vector<float>{1, 1}));
  EXPECT_THAT(Refusal(ConvertQuery, "query { nearest { document { } } }"), HasSubstr("13 Service internal error"));
  EXPECT_THAT(Refusal(ConvertQuery, "query { nearest { image { model: 'bm25' } } }"), HasSubstr("3 Wrong input"));
}

TEST(ConvertQueryParts, TheCorpusOfIdf) {
  const auto idf = [](const std::string& text) {
    return ConvertQuery(Parse<qdrant::QueryPoints>("params { " + text + " }"))->params;
  };
  EXPECT_EQ(idf("").idf_corpus, nullptr);
  ASSERT_NE(idf("idf { }").idf_corpus, nullptr);
  EXPECT_FALSE(idf("idf { }").idf_corpus->must.has_value());
  const auto params = idf("idf { corpus { must { is_null { key: 'a' } } } }");
  ASSERT_NE(params.idf_corpus, nullptr);
  EXPECT_TRUE(params.idf_corpus->must.has_value());
}

TEST(ConvertQueryKinds, Mmr) {
  const auto diverse = Variant<service::NearestQuery>(
      "nearest_with_mmr { nearest { id { num: 1 } } mmr { diversity: 0.25 candidates_limit: 7 } }");
  EXPECT_EQ(diverse.vector, Point(1));
  EXPECT_EQ(diverse.mmr.value().diversity, 0.25f);
  EXPECT_EQ(diverse.mmr->candidates_limit, 7u);
  EXPECT_THAT(Refusal(ConvertQuery, "query { nearest_with_mmr { nearest { id { num: 1 } } } }"), HasSubstr("mmr"));
}

TEST(ConvertQueryKinds, QueriesByExamples) {
  const auto recommend = Variant<service::RecommendQuery>(
      "recommend { positive { id { num: 1 } } positive { dense { data: [1] } } negative { id { num: 2 } } "
      "strategy: SumScores }");
  EXPECT_EQ(recommend.positive, (std::vector<VectorInput>{Point(1), Dense({1})}));
  EXPECT_EQ(recommend.negative, std::vector<VectorInput>{Point(2)});
  EXPECT_EQ(recommend.strategy, service::RecommendStrategy::kSumScores);
  EXPECT_EQ(Variant<service::RecommendQuery>("recommend { }").strategy, service::RecommendStrategy::kAverageVector);

  const std::string pair = "pairs { positive { id { num: 1 } } negative { id { num: 2 } } }";
  const auto discover =
      Variant<service::DiscoverQuery>("discover { target { id { num: 3 } } context { " + pair + " } }");
  EXPECT_EQ(discover.target, Point(3));
  EXPECT_EQ(discover.context.at(0).negative, Point(2));
  EXPECT_EQ(Variant<service::ContextQuery>("context { " + pair + pair + " }").context.size(), 2u);
  EXPECT_THAT(Refusal(ConvertQuery, "query { context { pairs { positive { id { num: 1 } } } } }"),
              HasSubstr("VectorInput variant is missing"));

  const auto feedback = Variant<service::FeedbackQuery>(
      "relevance_feedback { target { id { num: 3 } } feedback { example { id { num: 4 } } score: 0.5 } "
      "strategy { naive { a: 1 b: 2 c: 3 } } }");
  EXPECT_EQ(feedback.feedback.at(0).example, Point(4));
  EXPECT_EQ(feedback.feedback.at(0).score, 0.5f);
  EXPECT_EQ(feedback.weights.c, 3.0f);
}

TEST(ConvertQueryKinds, FusionsOrdersAndSamples) {
  EXPECT_EQ(Variant<service::RrfQuery>("fusion: RRF").k, 2u);
  Variant<service::DbsfQuery>("fusion: DBSF");
  const auto rrf = Variant<service::RrfQuery>("rrf { k: 60 weights: [1, 2] }");
  EXPECT_EQ(rrf.k, 60u);
  EXPECT_EQ(rrf.weights, (std::vector<float>{1, 2}));
  EXPECT_FALSE(Variant<service::RrfQuery>("rrf { }").weights);
  Variant<service::SampleQuery>("sample: Random");
  const auto order = Variant<service::OrderBy>("order_by { key: 'n' start_from { datetime: '1970-01-01T00:00:02Z' } }");
  EXPECT_EQ(order.key.ToString(), "n");
  EXPECT_EQ(order.start_from, 2e6);
  EXPECT_EQ(Variant<service::OrderBy>("order_by { key: 'n' start_from { timestamp { seconds: 3 } } }").start_from, 3e6);
  qdrant::QueryPoints unknown;
  unknown.mutable_query()->set_fusion(static_cast<qdrant::Fusion>(9));
  EXPECT_THAT(ErrorOf(ConvertQuery(unknown)), HasSubstr("unknown fusion: 9"));
}

TEST(ConvertQueryKinds, Formulas) {
  const auto formula =
      Variant<service::FormulaQuery>(
          "formula { expression { sum { sum { variable: '$score[1]' } sum { div { left { constant: 2 } "
          "right { variable: 'n' } by_zero_default: 0.5 } } sum { exp_decay { x { datetime_key: 'd' } "
          "scale: 3 } } } } defaults { key: 'n' value { integer_value: 4 } } }")
          .formula;
  const auto& sum = std::get<search::Operation>(formula.expression.node);
  ASSERT_EQ(sum.operands.size(), 3u);
  EXPECT_EQ(std::get<search::ScoreVariable>(sum.operands[0].node).prefetch, 1u);
  const auto& div = std::get<search::Operation>(sum.operands[1].node);
  EXPECT_EQ(div.kind, search::Operation::Kind::kDiv);
  EXPECT_EQ(div.by_zero_default, 0.5);
  const auto& decay = std::get<search::Operation>(sum.operands[2].node);
  EXPECT_EQ(decay.scale, 3);
  EXPECT_EQ(std::get<double>(decay.operands[1].node), 0);
  EXPECT_EQ(formula.default_values.size(), 1u);
  EXPECT_THAT(Refusal(ConvertQuery, "query { formula { } }"), HasSubstr("Expression variant is missing"));
  EXPECT_THAT(Refusal(ConvertQuery, "query { formula { expression { datetime: 'x' } } }"), HasSubstr("not a datetime"));
  EXPECT_THAT(
      Refusal(ConvertQuery, "query { formula { expression { geo_distance { origin { lon: 181 } to: 'g' } } } }"),
      HasSubstr("longitude"));
}

TEST(ConvertQueryStages, PrefetchesNest) {
  const auto query = ConvertQuery(Parse<qdrant::QueryPoints>(
      "query { fusion: RRF } prefetch { query { nearest { id { num: 1 } } } using: 'a' limit: 3 score_threshold: 0.5 "
      "lookup_from { collection_name: 'c' vector_name: 'v' } prefetch { limit: 4 } } prefetch { filter { } }"));
  ASSERT_TRUE(query.ok()) << query.status();
  ASSERT_EQ(query->prefetch.size(), 2u);
  const service::QueryStage& first = query->prefetch[0];
  EXPECT_EQ(first.using_name, "a");
  EXPECT_EQ(first.limit, 3u);
  EXPECT_EQ(first.score_threshold, 0.5f);
  EXPECT_EQ(first.lookup_from.value().collection, "c");
  EXPECT_EQ(first.prefetch.at(0).limit, 4u);
  EXPECT_TRUE(query->prefetch[1].filter);
}

TEST(ConvertQueryStages, ThereIsALimitToTheirNumber) {
  qdrant::QueryPoints many;
  many.mutable_query()->set_fusion(qdrant::RRF);
  for (int i = 0; i < 20'000; ++i) many.add_prefetch();
  EXPECT_THAT(ErrorOf(ConvertQuery(many)), HasSubstr("too many queries and prefetches"));
}

TEST(ConvertOlderQueries, RecommendAndDiscover) {
  const auto recommend = ConvertRecommend(
      Parse<qdrant::RecommendPoints>("positive { num: 1 } negative_vectors { dense { data: [1] } } limit: 5 "
                                     "strategy: BestScore lookup_from { collection_name: 'c' }"));
  ASSERT_TRUE(recommend.ok()) << recommend.status();
  const auto& examples = std::get<service::RecommendQuery>(*recommend->query);
  EXPECT_EQ(examples.positive, std::vector<VectorInput>{Point(1)});
  EXPECT_EQ(examples.negative, std::vector<VectorInput>{Dense({1})});
  EXPECT_EQ(recommend->limit, 5u);
  EXPECT_EQ(recommend->lookup_from.value().vector, "");
  const std::string pair =
      "context { positive { id { num: 1 } } negative { vector { dense { data: [2] } } } } limit: 1";
  const auto context = ConvertDiscover(Parse<qdrant::DiscoverPoints>(pair));
  EXPECT_EQ(std::get<service::ContextQuery>(*context->query).context.at(0).negative, Dense({2}));
  const auto discover = ConvertDiscover(Parse<qdrant::DiscoverPoints>(pair + " target { single { id { num: 9 } } }"));
  EXPECT_EQ(std::get<service::DiscoverQuery>(*discover->query).target, Point(9));
  EXPECT_THAT(Refusal(ConvertDiscover, "target { }"), HasSubstr("VectorExample is missing"));
}

TEST(ConvertOlderQueries, Groups) {
  const auto groups = ConvertSearchGroups(
      Parse<qdrant::SearchPointGroups>("vector: [1] group_by: 'a.b' limit: 4 group_size: 2 with_lookup { collection: "
                                       "'c' with_payload { enable: false } }"));
  ASSERT_TRUE(groups.ok()) << groups.status();
  EXPECT_EQ(groups->group_by.ToString(), "a.b");
  EXPECT_EQ(groups->limit, 4u);
  EXPECT_EQ(groups->group_size, 2u);
  EXPECT_EQ(groups->with_lookup.value().with_payload.kind, PayloadSelector::Kind::kNone);
  EXPECT_EQ(ConvertQueryGroups(Parse<qdrant::QueryPointGroups>("group_by: 'a'"))->group_size, 3u);
  EXPECT_THAT(Refusal(ConvertRecommendGroups, "positive { num: 1 }"), HasSubstr("Invalid json path"));
}

TEST(ConvertOlderQueries, FacetsAndMatrices) {
  const auto facet = ConvertFacet(Parse<qdrant::FacetCounts>("key: 'k' limit: 4 filter { }"));
  EXPECT_EQ(facet->key.ToString(), "k");
  EXPECT_EQ(facet->limit, 4u);
  EXPECT_TRUE(facet->filter);
  const auto matrix = ConvertMatrix(Parse<qdrant::SearchMatrixPoints>("sample: 20 using: 'v'"));
  EXPECT_EQ(matrix->sample, 20u);
  EXPECT_EQ(matrix->limit, 3u);
  EXPECT_EQ(matrix->using_name, "v");
}

TEST(ConvertQueryAnswers, GroupsFacetsAndMatrices) {
  qdrant::GroupsResult groups;
  const Record record{PointId::Number(1), std::nullopt, std::nullopt};
  ASSERT_TRUE(FillGroups({{service::GroupId(int64_t{-3}), {{record, 5, 0.5f}}, record}}, &groups).ok());
  EXPECT_EQ(groups.groups(0).id().integer_value(), -3);
  EXPECT_EQ(groups.groups(0).hits(0).score(), 0.5f);
  EXPECT_EQ(groups.groups(0).lookup().id().num(), 1u);
  FacetHits hits;
  FillFacet({{search::FacetValue(true), 3}, {search::FacetValue(std::string("t")), 2}}, &hits);
  EXPECT_TRUE(hits[0].value().bool_value());
  EXPECT_EQ(hits[1].value().string_value(), "t");
  EXPECT_EQ(hits[1].count(), 2u);
  const service::Matrix matrix{{PointId::Number(4), PointId::Number(6)}, {{{1, 0.5f}}, {{0, 0.25f}}}};
  qdrant::SearchMatrixPairs pairs;
  FillMatrixPairs(matrix, &pairs);
  EXPECT_EQ(pairs.pairs(1).a().num(), 6u);
  EXPECT_EQ(pairs.pairs(1).b().num(), 4u);
  EXPECT_EQ(pairs.pairs(1).score(), 0.25f);
  qdrant::SearchMatrixOffsets offsets;
  FillMatrixOffsets(matrix, &offsets);
  EXPECT_EQ(offsets.offsets_col(0), 1u);
  EXPECT_EQ(offsets.ids(1).num(), 6u);
}

}  // namespace
}  // namespace sextant::wire
