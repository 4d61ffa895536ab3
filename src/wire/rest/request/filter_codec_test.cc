#include "wire/rest/request/filter_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rest/error.h"

namespace sextant::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<Filter> Decode(const std::string& filter) {
  return DecodeBody<Filter>("{\"filter\":" + filter + "}",
                            [](Value body, Filter* out) { DecodeFilter(body["filter"], out); });
}

// The single must condition of a filter.
template <typename T>
T Single(const std::string& condition) {
  auto filter = Decode("{\"must\":[" + condition + "]}");
  EXPECT_TRUE(filter.ok()) << filter.status();
  if (!filter.ok()) return T{};
  EXPECT_EQ(filter->must->size(), 1u);
  EXPECT_TRUE(std::holds_alternative<T>(filter->must->front())) << condition;
  return std::get<T>(filter->must->front());
}

template <typename T>
T Predicate(const std::string& predicate) {
  const auto condition = Single<FieldCondition>("{\"key\":\"k\"," + predicate + "}");
  EXPECT_TRUE(std::holds_alternative<T>(condition.predicate)) << predicate;
  return std::get<T>(condition.predicate);
}

std::string ErrorOf(const std::string& filter) {
  auto result = Decode(filter);
  if (result.ok()) return "ok";
  const ApiError error = ToApiError(result.status());
  return std::to_string(error.status) + " " + error.message;
}

std::string ConditionError(const std::string& condition) {
  return ErrorOf("{\"must\":[" + condition + "]}");
}

TEST(FilterCodec, ClausesAreListsSingleConditionsOrNull) {
  const auto filter = Decode(
      R"({"must":{"has_id":[1]},"should":[{"has_id":[1]},{"has_id":[2]}],"must_not":null,
          "min_should":{"conditions":[{"has_id":[1]}],"min_count":2}})");
  ASSERT_TRUE(filter.ok()) << filter.status();
  EXPECT_EQ(filter->must->size(), 1u);
  EXPECT_EQ(filter->should->size(), 2u);
  EXPECT_FALSE(filter->must_not.has_value());
  EXPECT_EQ(filter->min_should->min_count, 2u);
  EXPECT_TRUE(Decode(R"({"should":[]})")->should->empty());
}

TEST(FilterCodec, ReadsMatches) {
  EXPECT_EQ(std::get<std::string>(Predicate<MatchValue>(R"("match":{"value":"x"})").value), "x");
  EXPECT_EQ(std::get<int64_t>(Predicate<MatchValue>(R"("match":{"value":-5})").value), -5);
  EXPECT_EQ(std::get<bool>(Predicate<MatchValue>(R"("match":{"value":true})").value), true);
  EXPECT_THAT(std::get<std::vector<int64_t>>(Predicate<MatchAny>(R"("match":{"any":[1,2]})").values),
              ElementsAre(1, 2));
  EXPECT_THAT(std::get<std::vector<std::string>>(Predicate<MatchExcept>(R"("match":{"except":["a"]})").values),
              ElementsAre("a"));
  EXPECT_TRUE(std::get<std::vector<std::string>>(Predicate<MatchAny>(R"("match":{"any":[]})").values).empty());
}

TEST(FilterCodec, ReadsRangesCountsAndFlags) {
  const auto range = Predicate<Range>(R"("range":{"gte":1,"lt":2.5,"gt":null})");
  EXPECT_EQ(range.gte, 1.0);
  EXPECT_EQ(range.lt, 2.5);
  EXPECT_FALSE(range.gt.has_value());
  EXPECT_FALSE(Predicate<Range>(R"("range":{})").lte.has_value());
  EXPECT_EQ(Predicate<ValuesCount>(R"("values_count":{"gt":3})").gt, 3u);
  EXPECT_FALSE(Predicate<IsEmpty>(R"("is_empty":false)").expected);
  EXPECT_TRUE(Predicate<IsNull>(R"("is_null":true)").expected);
}

TEST(FilterCodec, ReadsTheOtherConditions) {
  EXPECT_EQ(Single<IsEmptyCondition>(R"({"is_empty":{"key":"a.b"}})").key.ToString(), "a.b");
  EXPECT_EQ(Single<IsNullCondition>(R"({"is_null":{"key":"a"}})").key.ToString(), "a");
  EXPECT_TRUE(Single<HasIdCondition>(R"({"has_id":[]})").ids.empty());
  EXPECT_EQ(Single<HasVectorCondition>(R"({"has_vector":""})").name, "");
  const auto nested = Single<NestedCondition>(R"({"nested":{"key":"a","filter":{"must_not":[{"has_id":[1]}]}}})");
  EXPECT_EQ(nested.filter->must_not->size(), 1u);
  EXPECT_EQ(Single<FilterCondition>(R"({"should":[{"has_id":[1]}]})").filter->should->size(), 1u);
}

TEST(FilterCodec, AnObjectWithAKeyIsAFieldCondition) {
  EXPECT_THAT(ConditionError(R"({"key":"a","must":[]})"),
              HasSubstr("422 Validation error in JSON body: [filter.must[0]: at least one field condition"));
}

TEST(FilterCodec, SeveralPredicatesAreAlternatives) {
  const auto condition = Single<FilterCondition>(R"({"key":"a","match":{"value":1},"range":{"gt":5}})");
  EXPECT_EQ(condition.filter->should->size(), 2u);
  // values_count decides alone.
  EXPECT_TRUE(std::holds_alternative<ValuesCount>(
      Single<FieldCondition>(R"({"key":"a","match":{"value":1},"values_count":{"gt":5}})").predicate));
}

TEST(FilterCodec, UnknownKeysAreErrors) {
  EXPECT_THAT(ErrorOf(R"({"musst":[]})"), HasSubstr("400 Format error in JSON body: filter: unknown field `musst`"));
  EXPECT_THAT(ConditionError(R"({"hasid":[1]})"), HasSubstr("filter.must[0]: unknown field `hasid`"));
}

TEST(FilterCodec, RefusesBadConditions) {
  EXPECT_THAT(ConditionError(R"({"key":"a","match":{"value":1.5}})"), HasSubstr("400 Format error"));
  EXPECT_THAT(ConditionError(R"({"key":"a","match":{"value":18446744073709551615}})"), HasSubstr("400 "));
  EXPECT_THAT(ConditionError(R"({"key":"a","match":{"any":[1,"b"]}})"), HasSubstr("mixed"));
  EXPECT_THAT(ConditionError(R"({"key":"a","match":{}})"), HasSubstr("missing field"));
  EXPECT_THAT(ConditionError(R"({"key":"","match":{"value":1}})"), HasSubstr("Invalid json path"));
  EXPECT_THAT(ConditionError(R"({"key":"a","range":{"gt":true}})"), HasSubstr("filter.must[0].range.gt: invalid type"));
  EXPECT_THAT(ConditionError(R"({"nested":{"key":"a"}})"), HasSubstr("missing field `filter`"));
  EXPECT_THAT(ConditionError("5"), HasSubstr("expected a condition object"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("expected a filter object"));
  EXPECT_THAT(ErrorOf(R"({"min_should":{"conditions":[],"min_count":0}})"),
              HasSubstr("422 Validation error in JSON body: [filter.min_should.min_count: value 0 invalid"));
  EXPECT_THAT(ErrorOf(R"({"min_should":{"min_count":1}})"), HasSubstr("missing field `conditions`"));
}

TEST(FilterCodec, NamesWhatIsNotSupportedYet) {
  for (const char* kind : {"text", "text_any", "phrase", "prefix"}) {
    EXPECT_THAT(ConditionError(std::string("{\"key\":\"a\",\"match\":{\"") + kind + "\":\"x\"}}"),
                HasSubstr(std::string("match by `") + kind + "` is not supported yet"));
  }
  for (const char* kind : {"geo_bounding_box", "geo_radius", "geo_polygon"}) {
    EXPECT_THAT(ConditionError(std::string("{\"key\":\"a\",\"") + kind + "\":{}}"),
                HasSubstr("a geo condition is not supported yet"));
  }
  EXPECT_THAT(ConditionError(R"({"key":"a","range":{"gt":"2020-01-01"}})"),
              HasSubstr("datetimes is not supported yet"));
  EXPECT_THAT(ConditionError(R"({"slice":{"total":2,"index":0}})"), HasSubstr("slice condition is not supported yet"));
}

}  // namespace
}  // namespace sextant::wire
