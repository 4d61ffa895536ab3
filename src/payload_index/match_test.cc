#include <gtest/gtest.h>

#include "payload_index/index_snapshot.h"

namespace sextant::payload_index {
namespace {

PayloadPath At(std::string_view text) {
  return *PayloadPath::Parse(text);
}

template <typename Predicate>
Condition Field(std::string_view key, Predicate predicate) {
  return FieldCondition{At(key), std::move(predicate)};
}
MatchValue Int(int64_t value) {
  return {value};
}
MatchValue Text(std::string value) {
  return {std::move(value)};
}
MatchAny AnyInt(std::vector<int64_t> values) {
  return {std::move(values)};
}
MatchExcept ExceptInt(std::vector<int64_t> values) {
  return {std::move(values)};
}
Range AtLeast(double bound) {
  return {.lt = {}, .gt = {}, .lte = {}, .gte = bound};
}
ValuesCount FewerThan(uint64_t bound) {
  return {.lt = bound, .gt = {}, .lte = {}, .gte = {}};
}

Filter Must(Condition condition) {
  Filter filter;
  filter.must.emplace().push_back(std::move(condition));
  return filter;
}
FilterCondition Wrap(Filter filter) {
  return {std::make_shared<const Filter>(std::move(filter))};
}
NestedCondition Nested(std::string_view key, Filter filter) {
  return {At(key), std::make_shared<const Filter>(std::move(filter))};
}

bool Holds(const Filter& filter, std::string_view payload) {
  auto json = payload.empty() ? Result<Json>(Json()) : Json::Parse(payload);
  EXPECT_TRUE(json.ok()) << payload;
  auto result = IndexSnapshot::Empty()->Holds(filter, *json, PointId::Number(7),
                                              [](std::string_view vector_name) { return vector_name == "image"; });
  EXPECT_TRUE(result.ok());
  return *result;
}
bool Holds(Condition condition, std::string_view payload) {
  return Holds(Must(std::move(condition)), payload);
}

TEST(Matches, ReferenceMatrixOfStoredValuesAndConditions) {
  struct Row {
    const char* payload;
    bool value5, except5, gte1, count_lt1, is_empty, is_null;
  };
  for (const Row& row : {Row{R"({})", false, false, false, true, true, false},
                         Row{R"({"k":null})", false, false, false, true, true, true},
                         Row{R"({"k":[]})", false, false, false, true, true, false},
                         Row{R"({"k":5})", true, false, true, false, false, false},
                         Row{R"({"k":[5,7]})", true, true, true, false, false, false},
                         Row{R"({"k":[null]})", false, false, false, false, false, true},
                         Row{R"({"k":"5"})", false, true, false, false, false, false},
                         Row{R"({"k":{"x":1}})", false, true, false, false, false, false}}) {
    SCOPED_TRACE(row.payload);
    EXPECT_EQ(Holds(Field("k", Int(5)), row.payload), row.value5);
    EXPECT_EQ(Holds(Field("k", ExceptInt({5})), row.payload), row.except5);
    EXPECT_EQ(Holds(Field("k", AtLeast(1)), row.payload), row.gte1);
    EXPECT_EQ(Holds(Field("k", FewerThan(1)), row.payload), row.count_lt1);
    EXPECT_EQ(Holds(Field("k", IsEmpty{true}), row.payload), row.is_empty);
    EXPECT_EQ(Holds(Field("k", IsEmpty{false}), row.payload), !row.is_empty);
    EXPECT_EQ(Holds(Field("k", IsNull{true}), row.payload), row.is_null);
    EXPECT_EQ(Holds(Field("k", IsNull{false}), row.payload), !row.is_null);
    EXPECT_EQ(Holds(IsEmptyCondition{At("k")}, row.payload), row.is_empty);
  }
}

TEST(Matches, PointWithoutPayloadLacksEveryField) {
  EXPECT_TRUE(Holds(IsEmptyCondition{At("k")}, ""));
  EXPECT_FALSE(Holds(IsNullCondition{At("k")}, ""));
  EXPECT_FALSE(Holds(Field("k", ExceptInt({5})), ""));
  EXPECT_TRUE(Holds(Field("k", FewerThan(1)), ""));
  EXPECT_TRUE(Holds(Filter{}, ""));
}

TEST(Matches, StandaloneIsNullDoesNotLookInsideArrays) {
  EXPECT_TRUE(Holds(IsNullCondition{At("k")}, R"({"k":null})"));
  EXPECT_FALSE(Holds(IsNullCondition{At("k")}, R"({"k":[null]})"));
  EXPECT_FALSE(Holds(IsNullCondition{At("k")}, R"({"k":5})"));
  EXPECT_TRUE(Holds(IsNullCondition{At("k[].a")}, R"({"k":[{"a":1},{"a":null}]})"));
  EXPECT_FALSE(Holds(IsEmptyCondition{At("k[].a")}, R"({"k":[{"a":1},{"a":null}]})"));
  EXPECT_TRUE(Holds(IsEmptyCondition{At("k[].a")}, R"({"k":[{"b":1},{"a":null},{"a":[]}]})"));
}

TEST(Matches, ValuesAreTypeStrict) {
  EXPECT_FALSE(Holds(Field("k", Int(5)), R"({"k":5.0})"));
  EXPECT_FALSE(Holds(Field("k", Int(1)), R"({"k":true})"));
  EXPECT_FALSE(Holds(Field("k", MatchValue{true}), R"({"k":1})"));
  EXPECT_TRUE(Holds(Field("k", MatchValue{true}), R"({"k":[false,true]})"));
  EXPECT_TRUE(Holds(Field("k", Text("5")), R"({"k":"5"})"));
  EXPECT_FALSE(Holds(Field("k", Text("a")), R"({"k":"A"})"));
  EXPECT_FALSE(Holds(Field("k", Int(INT64_MAX)), R"({"k":9223372036854775808})"));
  EXPECT_TRUE(Holds(Field("k", AtLeast(9.2e18)), R"({"k":9223372036854775808})"));
}

TEST(Matches, ListsOfStringsAndIntegers) {
  EXPECT_TRUE(Holds(Field("k", AnyInt({1, 5})), R"({"k":[5,9]})"));
  EXPECT_FALSE(Holds(Field("k", AnyInt({1, 2})), R"({"k":[5,9]})"));
  EXPECT_FALSE(Holds(Field("k", AnyInt({})), R"({"k":5})"));
  EXPECT_TRUE(Holds(Field("k", MatchAny{std::vector<std::string>{"a", "b"}}), R"({"k":"b"})"));
  EXPECT_FALSE(Holds(Field("k", MatchAny{std::vector<std::string>{"5"}}), R"({"k":5})"));
  EXPECT_TRUE(Holds(Field("k", ExceptInt({})), R"({"k":5})"));
  EXPECT_FALSE(Holds(Field("k", ExceptInt({})), R"({"k":null})"));
  EXPECT_TRUE(Holds(Field("k", ExceptInt({5})), R"({"k":5.0})"));
  EXPECT_TRUE(Holds(Field("k", ExceptInt({5})), R"({"k":[[5]]})"));
  EXPECT_FALSE(Holds(Field("k", MatchExcept{std::vector<std::string>{"a"}}), R"({"k":["a","a"]})"));
}

TEST(Matches, RangesCompareNumbersOnly) {
  EXPECT_TRUE(Holds(Field("k", Range{}), R"({"k":-3.5})"));
  EXPECT_FALSE(Holds(Field("k", Range{}), R"({"k":"3"})"));
  EXPECT_FALSE(Holds(Field("k", Range{}), R"({"k":true})"));
  EXPECT_FALSE(Holds(Field("k", Range{.lt = 5, .gt = {}, .lte = {}, .gte = {}}), R"({"k":5})"));
  EXPECT_TRUE(Holds(Field("k", Range{.lt = {}, .gt = 4.5, .lte = 5, .gte = {}}), R"({"k":5})"));
  // One value must satisfy all bounds.
  EXPECT_FALSE(Holds(Field("k", Range{.lt = 5, .gt = 3, .lte = {}, .gte = {}}), R"({"k":[1,7]})"));
}

TEST(Matches, TextsAreSubstringsWithoutAnIndex) {
  const char* fox = R"({"k":"The quick brown fox"})";
  EXPECT_TRUE(Holds(Field("k", MatchText{"quick b"}), fox));
  EXPECT_TRUE(Holds(Field("k", MatchText{"he qui"}), fox));
  EXPECT_TRUE(Holds(Field("k", MatchText{""}), fox));
  EXPECT_FALSE(Holds(Field("k", MatchText{"the"}), fox));
  EXPECT_FALSE(Holds(Field("k", MatchText{"fox brown"}), fox));
  EXPECT_TRUE(Holds(Field("k", MatchPhrase{"quick brown"}), fox));
  EXPECT_FALSE(Holds(Field("k", MatchPhrase{"quick fox"}), fox));
  EXPECT_TRUE(Holds(Field("k", MatchTextAny{"cat  row"}), fox));
  EXPECT_TRUE(Holds(Field("k", MatchTextAny{"cat\xE3\x80\x80"
                                            "fox\xC2\xA0"
                                            "dog"}),
                    fox));
  EXPECT_FALSE(Holds(Field("k", MatchTextAny{"cat dog"}), fox));
  EXPECT_FALSE(Holds(Field("k", MatchTextAny{" \t\n"}), fox));
  EXPECT_TRUE(Holds(Field("k", MatchText{"b"}), R"({"k":["a",5,"abc"]})"));
  EXPECT_FALSE(Holds(Field("k", MatchText{"5"}), R"({"k":5})"));
  EXPECT_FALSE(Holds(Field("k", MatchText{""}), R"({"k":null})"));
  EXPECT_FALSE(Holds(Field("k", MatchTextAny{"a"}), "{}"));
}

TEST(Matches, PrefixesAreOfStrings) {
  EXPECT_TRUE(Holds(Field("k", MatchPrefix{"ab"}), R"({"k":"abc"})"));
  EXPECT_TRUE(Holds(Field("k", MatchPrefix{"ab"}), R"({"k":["x","ab"]})"));
  EXPECT_TRUE(Holds(Field("k", MatchPrefix{""}), R"({"k":""})"));
  EXPECT_FALSE(Holds(Field("k", MatchPrefix{"ab"}), R"({"k":"a"})"));
  EXPECT_FALSE(Holds(Field("k", MatchPrefix{"ab"}), R"({"k":"ABC"})"));
  EXPECT_FALSE(Holds(Field("k", MatchPrefix{""}), R"({"k":5})"));
}

TEST(Matches, DatetimeRangesReadStrings) {
  const DatetimeRange since2020{.lt = {}, .gt = {}, .lte = {}, .gte = int64_t{1577836800} * 1'000'000};
  EXPECT_TRUE(Holds(Field("k", since2020), R"({"k":"2020-01-01"})"));
  EXPECT_TRUE(Holds(Field("k", since2020), R"({"k":["x","2021-05-06T07:08:09Z"]})"));
  EXPECT_TRUE(Holds(Field("k", since2020), R"({"k":"2019-12-31T23:00:00-01:00"})"));
  EXPECT_FALSE(Holds(Field("k", since2020), R"({"k":"2019-12-31T23:59:59.999999Z"})"));
  EXPECT_FALSE(Holds(Field("k", since2020), R"({"k":"soon"})"));
  EXPECT_FALSE(Holds(Field("k", since2020), R"({"k":1700000000})"));
  EXPECT_TRUE(Holds(Field("k", DatetimeRange{}), R"({"k":"1900-01-01"})"));
  EXPECT_FALSE(Holds(Field("k", AtLeast(1)), R"({"k":"2020-01-01"})"));
}

TEST(Matches, AreasReadPoints) {
  const GeoBoundingBox berlin{{13, 53}, {14, 52}};
  EXPECT_TRUE(Holds(Field("k", berlin), R"({"k":{"lon":13.4,"lat":52.5}})"));
  EXPECT_TRUE(Holds(Field("k", berlin), R"({"k":[{"lon":0,"lat":0},{"lat":52.5,"lon":13.4,"name":"x"}]})"));
  EXPECT_FALSE(Holds(Field("k", berlin), R"({"k":{"lon":13,"lat":52.5}})"));
  EXPECT_FALSE(Holds(Field("k", berlin), R"({"k":{"lon":"13.4","lat":52.5}})"));
  EXPECT_FALSE(Holds(Field("k", berlin), R"({"k":{"lon":13.4}})"));
  EXPECT_FALSE(Holds(Field("k", berlin), R"({"k":[13.4,52.5]})"));
  EXPECT_FALSE(Holds(Field("k", GeoRadius{{0, 0}, 1e9}), R"({"k":{"lon":181,"lat":0}})"));
  EXPECT_TRUE(Holds(Field("k", GeoRadius{{0, 0}, 1e9}), R"({"k":{"lon":180,"lat":0}})"));
  EXPECT_TRUE(
      Holds(Field("k", GeoPolygon{{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}}, {}}), R"({"k":{"lon":2,"lat":1}})"));
}

TEST(Matches, SlicesDivideThePoints) {
  // Of point 7: by an independent implementation of SipHash-2-4.
  constexpr uint64_t kHash = 13180436571133193200ull;
  for (uint32_t total : {1u, 2u, 3u, 4u, 1000u, UINT32_MAX}) {
    const auto index = static_cast<uint32_t>(kHash % total);
    EXPECT_TRUE(Holds(SliceCondition{total, index}, "{}")) << total;
    if (total > 1) {
      EXPECT_FALSE(Holds(SliceCondition{total, index == 0 ? 1 : index - 1}, "{}")) << total;
    }
  }
  EXPECT_FALSE(Holds(Nested("a", Must(SliceCondition{1, 0})), R"({"a":[{}]})"));
}

TEST(Matches, CountsValues) {
  EXPECT_TRUE(Holds(Field("k", ValuesCount{.lt = {}, .gt = {}, .lte = 2, .gte = 2}), R"({"k":[1,null]})"));
  EXPECT_TRUE(Holds(Field("k", ValuesCount{.lt = {}, .gt = 0, .lte = 1, .gte = {}}), R"({"k":{"a":1}})"));
  EXPECT_TRUE(
      Holds(Field("k[].a", ValuesCount{.lt = {}, .gt = 1, .lte = {}, .gte = {}}), R"({"k":[{"a":1},{"a":[1,2]}]})"));
}

TEST(Matches, OnlyTheLeafArrayIsExpanded) {
  EXPECT_FALSE(Holds(Field("a.b", Int(1)), R"({"a":[{"b":1}]})"));
  EXPECT_TRUE(Holds(Field("a[].b", Int(1)), R"({"a":[{"b":1}]})"));
  EXPECT_TRUE(Holds(Field("a[].b", Int(2)), R"({"a":[{"b":[1,2]}]})"));
  EXPECT_TRUE(Holds(Field("a[1]", Int(2)), R"({"a":[1,2]})"));
  EXPECT_FALSE(Holds(Field("a", Int(1)), R"({"a":[[1]]})"));
  EXPECT_TRUE(Holds(Field("a[]", Int(1)), R"({"a":[[1]]})"));
}

TEST(Matches, MustNotNegatesTheWholeCondition) {
  Filter filter;
  filter.must_not.emplace().push_back(Field("k", Int(5)));
  EXPECT_TRUE(Holds(filter, "{}"));
  EXPECT_TRUE(Holds(filter, R"({"k":null})"));
  EXPECT_FALSE(Holds(filter, R"({"k":[5,7]})"));
}

TEST(Matches, ClausesAreAnded) {
  Filter filter;
  filter.must = {Field("a", Int(1))};
  filter.should = {Field("b", Int(1)), Field("c", Int(1))};
  filter.must_not = {Field("d", Int(1))};
  EXPECT_TRUE(Holds(filter, R"({"a":1,"c":1})"));
  EXPECT_FALSE(Holds(filter, R"({"a":1})"));
  EXPECT_FALSE(Holds(filter, R"({"b":1})"));
  EXPECT_FALSE(Holds(filter, R"({"a":1,"b":1,"d":1})"));
}

TEST(Matches, MinShouldCounts) {
  Filter filter;
  filter.min_should = MinShould{{Field("a", Int(1)), Field("b", Int(1)), Field("c", Int(1))}, 2};
  EXPECT_FALSE(Holds(filter, R"({"a":1})"));
  EXPECT_TRUE(Holds(filter, R"({"a":1,"c":1})"));
  filter.min_should->min_count = 4;
  EXPECT_FALSE(Holds(filter, R"({"a":1,"b":1,"c":1})"));
}

TEST(Matches, EmptyListsAreIgnoredExceptInsideNested) {
  Filter filter;
  filter.must.emplace();
  filter.should.emplace();
  filter.must_not.emplace();
  filter.min_should.emplace();
  EXPECT_TRUE(Holds(filter, "{}"));
  EXPECT_TRUE(Holds(Wrap(filter), "{}"));
  Filter empty_should;
  empty_should.should.emplace();
  EXPECT_FALSE(Holds(Nested("a", empty_should), R"({"a":[{"b":1}]})"));
  EXPECT_FALSE(Holds(Nested("a", Must(Wrap(empty_should))), R"({"a":[{"b":1}]})"));
  EXPECT_TRUE(Holds(Nested("a", Filter{}), R"({"a":[{"b":1}]})"));
}

TEST(Matches, NestedNeedsOneElementThatSatisfiesAll) {
  Filter inner;
  inner.must = {Field("b", Int(1)), Field("c", Int(2))};
  EXPECT_TRUE(Holds(Nested("a", inner), R"({"a":[{"b":1,"c":3},{"b":1,"c":2}]})"));
  EXPECT_TRUE(Holds(Nested("a[]", inner), R"({"a":[{"b":1,"c":2}]})"));
  EXPECT_FALSE(Holds(Nested("a", inner), R"({"a":[{"b":1},{"c":2}]})"));
  EXPECT_FALSE(Holds(Nested("a", inner), R"({"a":{"b":1,"c":2}})"));
  EXPECT_FALSE(Holds(Nested("a", Filter{}), R"({"a":[1,"x",null,[{}]]})"));
  EXPECT_TRUE(Holds(Nested("a", Must(Nested("x", inner))), R"({"a":[{"x":[{"b":1,"c":2}]}]})"));
  Filter negative;
  negative.must_not = {Field("b", Int(1))};
  EXPECT_TRUE(Holds(Nested("a", negative), R"({"a":[{"b":1},{"b":2}]})"));
}

TEST(Matches, ConditionsOnThePoint) {
  EXPECT_TRUE(Holds(HasIdCondition{{PointId::Number(3), PointId::Number(7)}}, "{}"));
  EXPECT_FALSE(Holds(HasIdCondition{{PointId::Uuid(0, 7)}}, "{}"));
  EXPECT_FALSE(Holds(HasIdCondition{}, "{}"));
  EXPECT_TRUE(Holds(HasVectorCondition{"image"}, "{}"));
  EXPECT_FALSE(Holds(HasVectorCondition{""}, "{}"));
  EXPECT_FALSE(Holds(Nested("a", Must(HasIdCondition{{PointId::Number(7)}})), R"({"a":[{}]})"));
  EXPECT_FALSE(Holds(Nested("a", Must(HasVectorCondition{"image"})), R"({"a":[{}]})"));
}

}  // namespace
}  // namespace sextant::payload_index
