#include "wire/grpc/convert/filter/convert_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/grpc/message_testing.h"

namespace sextant::wire {
namespace {

using testing::HasSubstr;

Result<Filter> ConvertedFilter(const std::string& text) {
  return ConvertFilter(Parse<qdrant::Filter>(text));
}
std::string FilterError(const std::string& text) {
  return ErrorOf(ConvertedFilter(text));
}

// The predicate of a filter whose only condition is on the field `k`.
Predicate PredicateOf(const std::string& member) {
  const auto filter = ConvertedFilter("must { field { key: 'k' " + member + " } }");
  EXPECT_TRUE(filter.ok()) << filter.status();
  if (!filter.ok()) return {};
  const auto& field = std::get<FieldCondition>(filter->must->at(0));
  EXPECT_EQ(field.key.ToString(), "k");
  return field.predicate;
}

template <typename T>
T As(const Predicate& predicate) {
  EXPECT_TRUE(std::holds_alternative<T>(predicate));
  return std::holds_alternative<T>(predicate) ? std::get<T>(predicate) : T{};
}

using Strings = std::vector<std::string>;
using Integers = std::vector<int64_t>;

TEST(ConvertFilter, EveryMatch) {
  EXPECT_EQ(std::get<std::string>(As<MatchValue>(PredicateOf("match { keyword: '' }")).value), "");
  EXPECT_EQ(std::get<int64_t>(As<MatchValue>(PredicateOf("match { integer: -5 }")).value), -5);
  EXPECT_FALSE(std::get<bool>(As<MatchValue>(PredicateOf("match { boolean: false }")).value));
  EXPECT_EQ(std::get<Strings>(As<MatchAny>(PredicateOf("match { keywords { strings: ['a', 'b'] } }")).values),
            (Strings{"a", "b"}));
  EXPECT_EQ(std::get<Integers>(As<MatchAny>(PredicateOf("match { integers { integers: [1] } }")).values), Integers{1});
  EXPECT_EQ(std::get<Strings>(As<MatchExcept>(PredicateOf("match { except_keywords { } }")).values), Strings{});
  EXPECT_EQ(std::get<Integers>(As<MatchExcept>(PredicateOf("match { except_integers { integers: [1, 2] } }")).values),
            (Integers{1, 2}));
}

TEST(ConvertFilter, TextsAndPrefixes) {
  EXPECT_EQ(As<MatchText>(PredicateOf("match { text: 'a b' }")).text, "a b");
  EXPECT_EQ(As<MatchTextAny>(PredicateOf("match { text_any: 'a b' }")).text, "a b");
  EXPECT_EQ(As<MatchPhrase>(PredicateOf("match { phrase: 'a b' }")).text, "a b");
  EXPECT_EQ(As<MatchPrefix>(PredicateOf("match { prefix: 'ab' }")).prefix, "ab");
  qdrant::Filter long_text;
  long_text.add_must()->mutable_field()->mutable_match()->set_text(std::string(kMaxMatchTextBytes + 1, 'x'));
  long_text.mutable_must(0)->mutable_field()->set_key("k");
  EXPECT_THAT(ErrorOf(ConvertFilter(long_text)), HasSubstr("can be matched"));
}

TEST(ConvertFilter, PlacesAndTimes) {
  const auto box = As<GeoBoundingBox>(
      PredicateOf("geo_bounding_box { top_left { lon: -1 lat: 2 } bottom_right { lon: 3 lat: -4 } }"));
  EXPECT_EQ(box.top_left, (GeoPoint{-1, 2}));
  EXPECT_EQ(box.bottom_right, (GeoPoint{3, -4}));
  EXPECT_EQ(As<GeoRadius>(PredicateOf("geo_radius { center { lon: 1 lat: 2 } radius: 50 }")).radius, 50);
  const std::string ring = "points { lon: 0 lat: 0 } points { lon: 1 lat: 0 } points { lon: 1 lat: 1 }";
  const auto polygon = As<GeoPolygon>(
      PredicateOf("geo_polygon { exterior { " + ring + " points { } } interiors { " + ring + " points { } } }"));
  EXPECT_EQ(polygon.exterior.size(), 4u);
  EXPECT_EQ(polygon.interiors.size(), 1u);
  const auto times =
      As<DatetimeRange>(PredicateOf("datetime_range { gte { seconds: 1 nanos: 2000 } lt { seconds: -1 } }"));
  EXPECT_EQ(times.gte, 1'000'002);
  EXPECT_EQ(times.lt, -1'000'000);
  EXPECT_FALSE(times.gt || times.lte);
  const auto refused = [](const std::string& member) {
    return FilterError("must { field { key: 'k' " + member + " } }");
  };
  EXPECT_THAT(refused("geo_radius { radius: 1 }"), HasSubstr("`center` is needed"));
  EXPECT_THAT(refused("geo_radius { center { lon: 181 lat: 0 } }"), HasSubstr("no place on earth"));
  EXPECT_THAT(refused("geo_polygon { exterior { " + ring + " } }"), HasSubstr("not a ring"));
  EXPECT_THAT(refused("datetime_range { lt { seconds: 253402300800 } }"), HasSubstr("years 1 to 9999"));
}

TEST(ConvertFilter, Slices) {
  const auto filter = ConvertedFilter("must { slice { total: 4 index: 3 } }");
  EXPECT_EQ(std::get<SliceCondition>(filter->must->at(0)).index, 3u);
  EXPECT_THAT(FilterError("must { slice { total: 4 index: 4 } }"), HasSubstr("must be below `total`"));
  EXPECT_THAT(FilterError("must { slice { } }"), HasSubstr("must be below `total`"));
}

TEST(ConvertFilter, BoundsThatAreNotSetDoNotLimit) {
  const auto range = As<Range>(PredicateOf("range { gte: 0 lt: 2.5 }"));
  EXPECT_EQ(range.gte, 0.0);
  EXPECT_EQ(range.lt, 2.5);
  EXPECT_FALSE(range.gt || range.lte);
  const auto count = As<ValuesCount>(PredicateOf("values_count { gt: 1 lte: 3 }"));
  EXPECT_EQ(count.gt, 1u);
  EXPECT_EQ(count.lte, 3u);
  EXPECT_FALSE(count.lt || count.gte);
}

TEST(ConvertFilter, EmptyAndNullByFieldAndByCondition) {
  EXPECT_FALSE(As<IsEmpty>(PredicateOf("is_empty: false")).expected);
  EXPECT_TRUE(As<IsNull>(PredicateOf("is_null: true")).expected);
  const auto filter = ConvertedFilter("must { is_empty { key: 'a[].b' } } must_not { is_null { key: 'c' } }");
  EXPECT_EQ(std::get<IsEmptyCondition>(filter->must->at(0)).key.ToString(), "a[].b");
  EXPECT_EQ(std::get<IsNullCondition>(filter->must_not->at(0)).key.ToString(), "c");
}

TEST(ConvertFilter, SeveralPredicatesAreAlternativesUnlessOneDecidesAlone) {
  const auto both = ConvertedFilter("must { field { key: 'k' match { integer: 1 } range { lt: 5 } } }");
  const auto& condition = std::get<FieldCondition>(both->must->at(0));
  EXPECT_TRUE(std::holds_alternative<MatchValue>(condition.predicate));
  ASSERT_EQ(condition.alternatives.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Range>(condition.alternatives[0]));
  As<ValuesCount>(PredicateOf("values_count { gt: 1 } match { integer: 1 } is_empty: true"));
}

TEST(ConvertFilter, IdsVectorsNestedAndFilters) {
  const auto filter = ConvertedFilter(
      "should { has_id { has_id { num: 3 } } } should { has_id { } } should { has_vector { has_vector: 'v' } }"
      "should { nested { key: 'a' filter { must { field { key: 'b' range { } } } } } } should { filter { } }");
  ASSERT_TRUE(filter.ok()) << filter.status();
  EXPECT_FALSE(filter->must || filter->must_not || filter->min_should);
  ASSERT_EQ(filter->should->size(), 5u);
  EXPECT_EQ(std::get<HasIdCondition>((*filter->should)[0]).ids, std::vector<PointId>{PointId::Number(3)});
  EXPECT_TRUE(std::get<HasIdCondition>((*filter->should)[1]).ids.empty());
  EXPECT_EQ(std::get<HasVectorCondition>((*filter->should)[2]).name, "v");
  EXPECT_EQ(std::get<NestedCondition>((*filter->should)[3]).filter->must->size(), 1u);
  EXPECT_FALSE(std::get<FilterCondition>((*filter->should)[4]).filter->must);
}

TEST(ConvertFilter, MinShould) {
  const auto filter = ConvertedFilter("min_should { min_count: 2 conditions { has_id { } } }");
  EXPECT_EQ(filter->min_should->min_count, 2u);
  EXPECT_EQ(filter->min_should->conditions.size(), 1u);
  EXPECT_THAT(FilterError("min_should { }"),
              HasSubstr("3 Validation error in body: [filter.min_should.min_count: value 0"));
}

TEST(ConvertFilter, RefusesConditionsWithoutAMember) {
  EXPECT_EQ(FilterError("must { }"), "3 Malformed Condition type");
  EXPECT_EQ(FilterError("must { field { key: 'k' match { } } }"), "3 Malformed Match condition: no value to match");
  EXPECT_THAT(FilterError("must { field { key: 'k' } }"), HasSubstr("at least one field condition must be specified"));
  EXPECT_THAT(FilterError("must { nested { key: 'k' } }"), HasSubstr("`filter` is missing"));
  EXPECT_EQ(FilterError("must { has_id { has_id { } } }"), "3 Empty ID is not allowed");
}

TEST(ConvertFilter, RefusesBadPaths) {
  for (const char* condition : {"field { key: '[0]' range { } }", "is_empty { key: '' }", "is_null { key: 'a..b' }",
                                "nested { key: 'a.' filter { } }"})
    EXPECT_THAT(FilterError(std::string("must { ") + condition + " }"), HasSubstr("3 Wrong input: Invalid json path"));
}

TEST(ConvertFilter, DeepNestingIsRefusedNotFollowed) {
  qdrant::Filter filter;
  qdrant::Filter* at = &filter;
  for (int i = 0; i < 63; ++i) at = at->add_must()->mutable_filter();
  EXPECT_TRUE(ConvertFilter(filter).ok());
  for (int i = 0; i < 10'000; ++i) at = at->add_must()->mutable_nested()->mutable_filter();
  EXPECT_NE(ErrorOf(ConvertFilter(filter)), "ok");
  for (int i = 0; i < 10'000; ++i) at = at->add_should()->mutable_filter();
  EXPECT_NE(ErrorOf(ConvertFilter(filter)), "ok");
}

TEST(ConvertFilter, TooManyConditionsAreRefused) {
  qdrant::Filter filter;
  for (size_t i = 0; i < kMaxFilterConditions / 2; ++i) {
    filter.add_must()->mutable_has_id();
    filter.mutable_must_not()->Add()->mutable_has_id();
  }
  EXPECT_TRUE(ConvertFilter(filter).ok());
  filter.mutable_min_should()->set_min_count(1);
  filter.mutable_min_should()->add_conditions()->mutable_filter();
  EXPECT_THAT(ErrorOf(ConvertFilter(filter)), HasSubstr("at most 65536 conditions"));
}

}  // namespace
}  // namespace sextant::wire
