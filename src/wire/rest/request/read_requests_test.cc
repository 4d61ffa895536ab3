#include "wire/rest/request/read_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rest/request/decode_testing.h"

namespace sextant::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

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

}  // namespace
}  // namespace sextant::wire
