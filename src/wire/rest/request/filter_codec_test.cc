#include "wire/rest/request/filter_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rest/request/decode_testing.h"

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

std::string FilterError(const std::string& filter) {
  return ErrorOf(Decode(filter));
}

std::string ConditionError(const std::string& condition) {
  return FilterError("{\"must\":[" + condition + "]}");
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
  const auto condition = Single<FieldCondition>(R"({"key":"a","match":{"value":1},"range":{"gt":5}})");
  EXPECT_TRUE(std::holds_alternative<MatchValue>(condition.predicate));
  ASSERT_EQ(condition.alternatives.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Range>(condition.alternatives[0]));
  // values_count decides alone.
  EXPECT_TRUE(std::holds_alternative<ValuesCount>(
      Single<FieldCondition>(R"({"key":"a","match":{"value":1},"values_count":{"gt":5}})").predicate));
}

TEST(FilterCodec, UnknownKeysAreErrors) {
  EXPECT_THAT(FilterError(R"({"musst":[]})"),
              HasSubstr("400 Format error in JSON body: filter: unknown field `musst`"));
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
  EXPECT_THAT(FilterError("[]"), HasSubstr("expected a filter object"));
  EXPECT_THAT(FilterError(R"({"min_should":{"conditions":[],"min_count":0}})"),
              HasSubstr("422 Validation error in JSON body: [filter.min_should.min_count: value 0 invalid"));
  EXPECT_THAT(FilterError(R"({"min_should":{"min_count":1}})"), HasSubstr("missing field `conditions`"));
}

TEST(FilterCodec, ReadsTextsAndPrefixes) {
  EXPECT_EQ(Predicate<MatchText>(R"("match":{"text":"a b"})").text, "a b");
  EXPECT_EQ(Predicate<MatchTextAny>(R"("match":{"text_any":""})").text, "");
  EXPECT_EQ(Predicate<MatchPhrase>(R"("match":{"phrase":"x"})").text, "x");
  EXPECT_EQ(Predicate<MatchPrefix>(R"("match":{"prefix":"pre"})").prefix, "pre");
  EXPECT_THAT(ConditionError(R"({"key":"a","match":{"text":5}})"), HasSubstr("400 "));
  const std::string longest(kMaxMatchTextBytes, 'x');
  EXPECT_EQ(ConditionError(R"({"key":"a","match":{"text":")" + longest + "\"}}"), "ok");
  EXPECT_THAT(ConditionError(R"({"key":"a","match":{"phrase":"x)" + longest + "\"}}"), HasSubstr("400 Format error"));
}

TEST(FilterCodec, ARangeWithStringsIsOfDatetimes) {
  const auto range = Predicate<DatetimeRange>(R"("range":{"gte":"1970-01-01T00:00:01Z","lt":"1970-01-02","gt":null})");
  EXPECT_EQ(range.gte, 1'000'000);
  EXPECT_EQ(range.lt, int64_t{86400} * 1'000'000);
  EXPECT_FALSE(range.gt.has_value() || range.lte.has_value());
  EXPECT_THAT(ConditionError(R"({"key":"a","range":{"gt":"soon"}})"),
              HasSubstr("400 Format error in JSON body: filter.must[0].range.gt: not a datetime"));
  EXPECT_THAT(ConditionError(R"({"key":"a","range":{"gt":"2020-01-01","lt":5}})"), HasSubstr("400 Format error"));
}

TEST(FilterCodec, ReadsAreas) {
  const auto box = Predicate<GeoBoundingBox>(
      R"("geo_bounding_box":{"top_left":{"lon":1,"lat":2.5},"bottom_right":{"lon":3,"lat":-4}})");
  EXPECT_EQ(box.top_left, (GeoPoint{1, 2.5}));
  EXPECT_EQ(box.bottom_right, (GeoPoint{3, -4}));
  const auto circle = Predicate<GeoRadius>(R"("geo_radius":{"center":{"lat":1,"lon":2},"radius":1000})");
  EXPECT_EQ(circle.center, (GeoPoint{2, 1}));
  EXPECT_EQ(circle.radius, 1000);
  const std::string ring = R"({"points":[{"lon":0,"lat":0},{"lon":1,"lat":0},{"lon":1,"lat":1},{"lon":0,"lat":0}]})";
  const auto polygon =
      Predicate<GeoPolygon>("\"geo_polygon\":{\"exterior\":" + ring + ",\"interiors\":[" + ring + "]}");
  EXPECT_EQ(polygon.exterior.size(), 4u);
  EXPECT_EQ(polygon.interiors.size(), 1u);
  EXPECT_TRUE(
      Predicate<GeoPolygon>("\"geo_polygon\":{\"exterior\":" + ring + ",\"interiors\":null}").interiors.empty());
}

TEST(FilterCodec, RefusesBadAreas) {
  EXPECT_THAT(ConditionError(R"({"key":"a","geo_radius":{"center":{"lon":181,"lat":0},"radius":1}})"),
              HasSubstr("400 Format error in JSON body: filter.must[0].geo_radius.center: not a place on earth"));
  EXPECT_THAT(ConditionError(R"({"key":"a","geo_radius":{"center":{"lon":1},"radius":1}})"), HasSubstr("`lat`"));
  EXPECT_THAT(ConditionError(R"({"key":"a","geo_radius":{"center":{"lon":1,"lat":1}}})"), HasSubstr("`radius`"));
  EXPECT_THAT(ConditionError(R"({"key":"a","geo_bounding_box":{"top_left":{"lon":1,"lat":1}}})"),
              HasSubstr("missing field `bottom_right`"));
  EXPECT_THAT(ConditionError(R"({"key":"a","geo_bounding_box":5})"), HasSubstr("400 "));
  const std::string open = R"({"points":[{"lon":0,"lat":0},{"lon":1,"lat":0},{"lon":1,"lat":1},{"lon":0,"lat":1}]})";
  const std::string small = R"({"points":[{"lon":0,"lat":0},{"lon":1,"lat":0},{"lon":0,"lat":0}]})";
  for (const std::string& ring : {open, small, std::string(R"({"points":[]})")})
    EXPECT_THAT(ConditionError(R"({"key":"a","geo_polygon":{"exterior":)" + ring + "}}"), HasSubstr("not a ring"));
  EXPECT_THAT(ConditionError(R"({"key":"a","geo_polygon":{"exterior":{}}})"), HasSubstr("missing field `points`"));
  EXPECT_THAT(ConditionError(R"({"key":"a","geo_polygon":{}})"), HasSubstr("missing field `exterior`"));
  std::string many;
  for (size_t i = 0; i <= kMaxPolygonPoints; ++i) many += R"({"lon":0,"lat":0},)";
  many.pop_back();
  EXPECT_THAT(ConditionError(R"({"key":"a","geo_polygon":{"exterior":{"points":[)" + many + "]}}}"),
              HasSubstr("at most 65536 points"));
}

TEST(FilterCodec, ReadsSlices) {
  const auto slice = Single<SliceCondition>(R"({"slice":{"total":4,"index":3}})");
  EXPECT_EQ(slice.total, 4u);
  EXPECT_EQ(slice.index, 3u);
  EXPECT_THAT(ConditionError(R"({"slice":{"total":0,"index":0}})"), HasSubstr("400 Format error"));
  EXPECT_THAT(ConditionError(R"({"slice":{"total":4,"index":4}})"),
              HasSubstr("422 Validation error in JSON body: [filter.must[0].slice.index: value 4 invalid"));
  EXPECT_THAT(ConditionError(R"({"slice":{"total":4}})"), HasSubstr("missing field `index`"));
  EXPECT_THAT(ConditionError(R"({"slice":{"index":4}})"), HasSubstr("missing field `total`"));
  EXPECT_THAT(ConditionError(R"({"slice":{"total":4294967296,"index":0}})"), HasSubstr("400 "));
}

TEST(FilterCodec, FiltersHaveLimits) {
  // A single condition is one JSON level, so that this many filters fit into a body.
  const auto nested = [](size_t depth) {
    std::string filter = R"({"must":{"has_id":[1]}})";
    for (size_t i = 1; i < depth; ++i) filter = "{\"must\":" + filter + "}";
    return filter;
  };
  EXPECT_EQ(FilterError(nested(kMaxFilterDepth)), "ok");
  EXPECT_THAT(FilterError(nested(kMaxFilterDepth + 1)), HasSubstr("400 Format error"));
  // Filters side by side are not nested.
  std::string wide;
  for (size_t i = 0; i < kMaxFilterConditions; ++i) wide += R"({"must":[]},)";
  EXPECT_EQ(FilterError(R"({"should":[)" + wide.substr(0, wide.size() - 1) + "]}"), "ok");
  EXPECT_THAT(FilterError(R"({"should":[)" + wide + R"({"must":[]}]})"), HasSubstr("at most 65536 conditions"));
}

}  // namespace
}  // namespace sextant::wire
