#include "wire/rest/request/read_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rest/error.h"

namespace sextant::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <typename T>
std::string ErrorOf(const Result<T>& result) {
  if (result.ok()) return "ok";
  const ApiError error = ToApiError(result.status());
  return std::to_string(error.status) + " " + error.message;
}

TEST(RetrieveCodec, DefaultsToNeitherPayloadNorVectors) {
  const auto request = DecodeRetrieve(R"({"ids":[1,"5c56c793-69f3-4fbf-87e6-c4bf54c28c26"]})");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->ids.size(), 2u);
  EXPECT_EQ(request->with_payload.kind, PayloadSelector::Kind::kNone);
  EXPECT_EQ(request->with_vector.kind, VectorSelector::Kind::kNone);
  EXPECT_THAT(ErrorOf(DecodeRetrieve("{}")), HasSubstr("missing field `ids`"));
}

TEST(SelectorCodec, ReadsEveryForm) {
  const auto with = [](const std::string& selector) {
    return DecodeRetrieve("{\"ids\":[],\"with_payload\":" + selector + "}");
  };
  EXPECT_EQ(with("true")->with_payload.kind, PayloadSelector::Kind::kAll);
  EXPECT_EQ(with("false")->with_payload.kind, PayloadSelector::Kind::kNone);
  EXPECT_EQ(with(R"(["a"])")->with_payload.kind, PayloadSelector::Kind::kInclude);
  EXPECT_EQ(with(R"({"include":["a","b"]})")->with_payload.paths.size(), 2u);
  EXPECT_EQ(with(R"({"exclude":["a"]})")->with_payload.kind, PayloadSelector::Kind::kExclude);
  EXPECT_THAT(ErrorOf(with(R"({"include":["a"],"x":1})")),
              HasSubstr("400 Format error in JSON body: with_payload: unknown field `x`"));
  EXPECT_THAT(ErrorOf(with("{}")), HasSubstr("missing field `include` or `exclude`"));
  EXPECT_THAT(ErrorOf(with("5")), HasSubstr("400 "));
  EXPECT_THAT(ErrorOf(with(R"(["a..b"])")), HasSubstr("Invalid json path"));
  EXPECT_THAT(DecodeRetrieve(R"({"ids":[],"with_vectors":["a"]})")->with_vector.names, ElementsAre("a"));
  EXPECT_EQ(DecodeRetrieve(R"({"ids":[],"with_vector":true})")->with_vector.kind, VectorSelector::Kind::kAll);
}

TEST(ScrollCodec, HasItsOwnDefaults) {
  const auto request = DecodeScroll("{}");
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->limit, 10u);
  EXPECT_EQ(request->with_payload.kind, PayloadSelector::Kind::kAll);
  EXPECT_FALSE(request->offset.has_value());
  EXPECT_EQ(ErrorOf(DecodeScroll(R"({"limit":0})")),
            "422 Validation error in JSON body: [limit: value 0 invalid, must be 1 or larger]");
}

TEST(ScrollCodec, ReadsOrderBy) {
  const auto request = DecodeScroll(R"({"order_by":{"key":"a","direction":"desc","start_from":2.5},"offset":3})");
  ASSERT_TRUE(request.ok());
  EXPECT_TRUE(request->order_by->descending);
  EXPECT_EQ(request->order_by->start_from, 2.5);
  EXPECT_EQ(DecodeScroll(R"({"order_by":"a.b"})")->order_by->key.ToString(), "a.b");
  EXPECT_FALSE(DecodeScroll(R"({"order_by":"a.b"})")->order_by->descending);
  EXPECT_EQ(DecodeScroll(R"({"order_by":{"key":"a","start_from":"1970-01-02"}})")->order_by->start_from, 86400e6);
  EXPECT_THAT(ErrorOf(DecodeScroll(R"({"order_by":{"key":"a","start_from":"soon"}})")), HasSubstr("datetime"));
  EXPECT_THAT(ErrorOf(DecodeScroll(R"({"order_by":{"key":"a","direction":"up"}})")), HasSubstr("unknown variant"));
  EXPECT_THAT(ErrorOf(DecodeScroll(R"({"order_by":{}})")), HasSubstr("missing field `key`"));
}

TEST(CountCodec, IsExactByDefault) {
  EXPECT_TRUE(DecodeCount("{}")->exact);
  EXPECT_FALSE(DecodeCount(R"({"exact":false})")->exact);
}

TEST(QueryCodec, ReadsEveryWayToNameAVector) {
  EXPECT_TRUE(std::holds_alternative<std::monostate>(DecodeQuery("{}")->query));
  EXPECT_THAT(std::get<std::vector<float>>(DecodeQuery(R"({"query":[1,2]})")->query), ElementsAre(1.0f, 2.0f));
  EXPECT_THAT(std::get<std::vector<float>>(DecodeQuery(R"({"query":{"nearest":[3]}})")->query), ElementsAre(3.0f));
  EXPECT_EQ(std::get<PointId>(DecodeQuery(R"({"query":5})")->query), PointId::Number(5));
  EXPECT_EQ(std::get<PointId>(DecodeQuery(R"({"query":{"nearest":5}})")->query), PointId::Number(5));
  EXPECT_TRUE(std::get<PointId>(DecodeQuery(R"({"query":"5c56c793-69f3-4fbf-87e6-c4bf54c28c26"})")->query).is_uuid());
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
}

TEST(QueryCodec, SeparatesViolationsFromFormatErrors) {
  EXPECT_EQ(ErrorOf(DecodeQuery(R"({"query":[1],"limit":0})")),
            "422 Validation error in JSON body: [limit: value 0 invalid, must be 1 or larger]");
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":[1],"params":{"hnsw_ef":0}})")),
              HasSubstr("422 Validation error in JSON body: [params.hnsw_ef"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":[1],"params":{"quantization":{"oversampling":0.5}}})")),
              HasSubstr("[params.quantization.oversampling: value 0.5 invalid, must be 1.0 or larger]"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":[1],"params":{"acorn":{"max_selectivity":1.5}}})")), HasSubstr("422"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":[]})")), HasSubstr("422 "));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":[1],"limit":"3"})")), HasSubstr("400 Format error in JSON body: limit"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":"abc"})")), HasSubstr("not a valid point ID"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":1.5})")), HasSubstr("400 Format error"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"score_threshold":0.5})")), HasSubstr("400 Bad request: A query is needed"));
}

TEST(QueryCodec, NamesWhatIsNotSupportedYet) {
  for (const char* variant :
       {"recommend", "discover", "context", "order_by", "fusion", "rrf", "formula", "sample", "relevance_feedback"}) {
    EXPECT_EQ(ErrorOf(DecodeQuery(std::string("{\"query\":{\"") + variant + "\":{}}}")),
              std::string("400 Wrong input: query.") + variant + ": the query variant `" + variant +
                  "` is not supported yet");
  }
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":{"nearest":[1],"mmr":{}}})")), HasSubstr("`mmr`"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":[[1]]})")), HasSubstr("multivector"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":{"indices":[1],"values":[1]}})")), HasSubstr("sparse"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":{"text":"a","model":"m"}})")), HasSubstr("inference"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":[1],"prefetch":{"query":[1]}})")), HasSubstr("prefetches"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":1,"lookup_from":{"collection":"c"}})")), HasSubstr("another collection"));
  EXPECT_THAT(ErrorOf(DecodeQuery(R"({"query":{"nope":1}})")), HasSubstr("unknown form of query"));
}

TEST(QueryBatchCodec, NamesTheRequest) {
  EXPECT_EQ(DecodeQueryBatch(R"({"searches":[{"query":[1]},{"query":2}]})")->size(), 2u);
  EXPECT_TRUE(DecodeQueryBatch(R"({"searches":[]})")->empty());
  EXPECT_EQ(ErrorOf(DecodeQueryBatch(R"({"searches":[{"query":[1]},{"query":2,"limit":0}]})")),
            "422 Validation error in JSON body: [searches[1].limit: value 0 invalid, must be 1 or larger]");
  EXPECT_THAT(ErrorOf(DecodeQueryBatch("{}")), HasSubstr("missing field `searches`"));
}

TEST(SearchCodec, ReadsTheOlderForm) {
  const auto request = DecodeSearch(R"({"vector":{"name":"v","vector":[1,2]},"top":5})");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->using_name, "v");
  EXPECT_EQ(request->limit, 5u);
  EXPECT_EQ(request->with_payload.kind, PayloadSelector::Kind::kNone);
  EXPECT_EQ(DecodeSearch(R"({"vector":[1],"limit":2})")->using_name, "");
  EXPECT_THAT(ErrorOf(DecodeSearch(R"({"vector":[1]})")), HasSubstr("missing field `limit`"));
  EXPECT_THAT(ErrorOf(DecodeSearch(R"({"limit":1})")), HasSubstr("missing field `vector`"));
  EXPECT_THAT(ErrorOf(DecodeSearch(R"({"vector":[1],"limit":0})")), HasSubstr("422 "));
  EXPECT_THAT(ErrorOf(DecodeSearch(R"({"vector":{"name":"s","vector":{"indices":[1],"values":[1]}},"limit":1})")),
              HasSubstr("a sparse query is not supported yet"));
  EXPECT_EQ(DecodeSearchBatch(R"({"searches":[{"vector":[1],"limit":1}]})")->size(), 1u);
}

}  // namespace
}  // namespace sextant::wire
