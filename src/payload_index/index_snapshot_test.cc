#include "payload_index/index_snapshot.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <memory>
#include <mutex>
#include <thread>

#include "payload_index/index_snapshot_testing.h"
#include "types/values/datetime.h"

namespace sextant::payload_index {
namespace {

template <typename Predicate>
Filter Must(std::string_view key, Predicate predicate) {
  Filter filter;
  filter.must.emplace().push_back(FieldCondition{Path(key), std::move(predicate)});
  return filter;
}

FieldSchema RandomSchema(std::mt19937_64& random) {
  FieldSchema schema = Schema(static_cast<FieldType>(random() % 8));
  schema.lookup = random() % 5 != 0;
  schema.range = random() % 5 != 0;
  if (schema.type == FieldType::kText && random() % 3 != 0)
    schema.params = *Json::Parse(random() % 2 == 0 ? R"({"phrase_matching":true})" : R"({"tokenizer":"prefix"})");
  return schema;
}

// The model knows nothing of filling: it has the rules of an index from the moment that there is to be one.
TEST(IndexSnapshot, HasTheRulesOfAnIndexBeforeItIsFilled) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    Pair pair;
    for (int step = 0; step < 30; ++step) {
      const std::string path = RandomPath(random).ToString();
      const FieldSchema schema = RandomSchema(random);
      switch (random() % 4) {
        case 0: pair.Declare(path, schema); break;
        case 1: pair.SetField(path, schema); break;
        default: RandomStep(&pair, random, 60, 20);
      }
      for (int i = 0; i < 8; ++i) {
        const Filter filter = RandomFilter(random, 3);
        ASSERT_EQ(pair.Evaluate(filter), pair.model.Matching(filter));
      }
    }
  }
}

TEST(IndexSnapshot, DecidesOnOnePayloadAsItDoesOnAllPoints) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    Pair pair;
    for (int step = 0; step < 30; ++step) {
      RandomStep(&pair, random, 40, 20);
      if (step % 3 == 0) pair.Declare(RandomPath(random).ToString(), RandomSchema(random));
      const Filter filter = RandomFilter(random, 3);
      std::vector<uint32_t> holding;
      for (const uint32_t ordinal : pair.model.Points()) {
        const std::string text = *pair.model.Payload(Ordinal{ordinal});
        const Json payload = text.empty() ? Json() : *Json::Parse(text);
        const auto has_vector = [&](std::string_view name) { return *pair.model.HasVector(Ordinal{ordinal}, name); };
        if (*pair.snapshot->Holds(filter, payload, PointModel::IdOf(ordinal), has_vector)) holding.push_back(ordinal);
      }
      ASSERT_EQ(holding, pair.model.Matching(filter));
    }
  }
}

TEST(IndexSnapshot, OfSeveralPredicatesTheFirstThatTheIndexServesDecides) {
  Pair pair;
  pair.Apply({{0, R"({"n":5})"}, {1, R"({"n":7})"}, {2, R"({"n":1})"}});
  Filter filter = Must("n", MatchValue{int64_t{5}});
  std::get<FieldCondition>(filter.must->front()).alternatives = {Range{.lt = {}, .gt = 6, .lte = {}, .gte = {}}};
  EXPECT_EQ(pair.Evaluate(filter), (std::vector<uint32_t>{0, 1}));
  FieldSchema schema = Schema(FieldType::kInteger);
  pair.SetField("n", schema);
  EXPECT_EQ(pair.Evaluate(filter), (std::vector<uint32_t>{0}));
  schema.lookup = false;
  pair.SetField("n", schema);
  EXPECT_EQ(pair.Evaluate(filter), (std::vector<uint32_t>{1}));
  pair.SetField("n", Schema(FieldType::kKeyword));
  EXPECT_EQ(pair.Evaluate(filter), (std::vector<uint32_t>{0, 1}));
}

TEST(IndexSnapshot, KeepsADeclaredFieldUntilItIsFilledOrDropped) {
  Pair pair;
  pair.Apply({{0, R"({"n":5.0})"}, {1, R"({"n":5})"}});
  const Filter five = Must("n", MatchValue{int64_t{5}});
  EXPECT_EQ(pair.Evaluate(five), (std::vector<uint32_t>{1}));
  pair.Declare("n", Schema(FieldType::kInteger));
  EXPECT_EQ(pair.Evaluate(five), (std::vector<uint32_t>{0, 1}));
  EXPECT_TRUE(pair.snapshot->Fields().empty());
  EXPECT_EQ(pair.snapshot->field_count(), 1u);
  EXPECT_EQ(pair.snapshot->SchemaOf(Path("n"))->type, FieldType::kInteger);
  pair.Apply({{2, R"({"n":5.0})"}});
  EXPECT_EQ(pair.Evaluate(five), (std::vector<uint32_t>{0, 1, 2}));
  pair.RemoveField("n");
  EXPECT_EQ(pair.Evaluate(five), (std::vector<uint32_t>{1}));
  EXPECT_EQ(pair.snapshot->field_count(), 0u);

  // Another type hides the filled index; the old one again needs no filling.
  pair.SetField("n", Schema(FieldType::kInteger));
  pair.Declare("n", Schema(FieldType::kKeyword));
  EXPECT_EQ(pair.Evaluate(five), (std::vector<uint32_t>{1}));
  EXPECT_EQ(pair.snapshot->field_count(), 1u);
  pair.Declare("n", Schema(FieldType::kInteger));
  EXPECT_EQ(pair.Evaluate(five), (std::vector<uint32_t>{0, 1, 2}));
}

TEST(IndexSnapshot, AnswersAsBruteForceOverRandomHistories) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    Pair pair;
    std::vector<Pair> earlier;
    for (int step = 0; step < 40; ++step) {
      RandomStep(&pair, random, 80, step % 3 == 0 ? 60 : 3);
      ExpectSame(pair, random, 4);
      if (step % 8 == 0) earlier.push_back(pair);
      if (testing::Test::HasFatalFailure()) return;
    }
    for (const Pair& old : earlier) ExpectSame(old, random, 3);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(IndexSnapshot, AnswersAsBruteForceOnLargerRuns) {
  constexpr uint64_t kSeed = 7;
  std::mt19937_64 random(kSeed);
  Pair pair;
  pair.SetField("a", Schema(FieldType::kInteger));
  pair.SetField("b", Schema(FieldType::kKeyword));
  pair.SetField("c", Schema(FieldType::kFloat));
  for (int step = 0; step < 12; ++step) {
    RandomStep(&pair, random, 9000, 3000);
    ExpectSame(pair, random, 4);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(IndexSnapshot, LastChangeOfAnOrdinalWins) {
  Pair pair;
  pair.SetField("a", Schema(FieldType::kInteger));
  pair.Apply({{3, R"({"a":1})"}, {3, R"({"a":2})"}, {4, R"({"a":1})"}, {4, std::nullopt}, {5, std::nullopt}, {5, ""}});
  EXPECT_EQ(pair.Evaluate(Filter{}), (std::vector<uint32_t>{3, 5}));
  EXPECT_EQ(pair.Evaluate(Must("a", MatchValue{int64_t{2}})), (std::vector<uint32_t>{3}));
  EXPECT_TRUE(pair.Evaluate(Must("a", MatchValue{int64_t{1}})).empty());
  EXPECT_TRUE(pair.snapshot->HasPoint(Ordinal{5}));
  EXPECT_FALSE(pair.snapshot->HasPoint(Ordinal{4}));
}

TEST(IndexSnapshot, IntegerIndexHoldsWholeFloatsAndDropsTheRest) {
  Pair pair;
  pair.Apply({{0, R"({"a":5})"},
              {1, R"({"a":5.0})"},
              {2, R"({"a":5.5})"},
              {3, R"({"a":18446744073709551615})"},
              {4, R"({"a":"5"})"},
              {5, R"({"a":1e300})"}});
  EXPECT_EQ(pair.Evaluate(Must("a", MatchValue{int64_t{5}})), (std::vector<uint32_t>{0}));
  EXPECT_EQ(pair.Evaluate(Must("a", MatchExcept{std::vector<int64_t>{5}})), (std::vector<uint32_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(pair.Evaluate(Must("a", Range{.lt = {}, .gt = 4.5, .lte = {}, .gte = {}})),
            (std::vector<uint32_t>{0, 1, 2, 3, 5}));
  pair.SetField("a", Schema(FieldType::kInteger));
  EXPECT_EQ(pair.Evaluate(Must("a", MatchValue{int64_t{5}})), (std::vector<uint32_t>{0, 1}));
  EXPECT_TRUE(pair.Evaluate(Must("a", MatchExcept{std::vector<int64_t>{5}})).empty());
  EXPECT_EQ(pair.Evaluate(Must("a", Range{.lt = {}, .gt = 4.5, .lte = {}, .gte = {}})), (std::vector<uint32_t>{0, 1}));
  // The index does not serve strings, so the payloads decide.
  EXPECT_EQ(pair.Evaluate(Must("a", MatchValue{std::string("5")})), (std::vector<uint32_t>{4}));
}

TEST(IndexSnapshot, IntegerRangesAreExactBeyondTheDoublesPrecision) {
  Pair pair;
  pair.SetField("a", Schema(FieldType::kInteger));
  pair.Apply({{0, R"({"a":9007199254740992})"},
              {1, R"({"a":9007199254740993})"},
              {2, R"({"a":9223372036854775807})"},
              {3, R"({"a":-9223372036854775808})"}});
  const double two53 = 9007199254740992.0;
  EXPECT_EQ(pair.Evaluate(Must("a", Range{.lt = {}, .gt = two53, .lte = {}, .gte = {}})),
            (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(pair.Evaluate(Must("a", Range{.lt = {}, .gt = {}, .lte = two53, .gte = {}})),
            (std::vector<uint32_t>{0, 3}));
  EXPECT_EQ(pair.Evaluate(Must("a", Range{.lt = 1e300, .gt = -1e300, .lte = {}, .gte = {}})),
            (std::vector<uint32_t>{0, 1, 2, 3}));
  EXPECT_TRUE(pair.Evaluate(Must("a", Range{.lt = {}, .gt = {}, .lte = {}, .gte = 1e19})).empty());
  EXPECT_TRUE(pair.Evaluate(Must("a", Range{.lt = -9.3e18, .gt = {}, .lte = {}, .gte = {}})).empty());
  EXPECT_EQ(pair.Evaluate(Must("a", Range{.lt = {}, .gt = {}, .lte = -9223372036854775808.0, .gte = {}})),
            (std::vector<uint32_t>{3}));
}

TEST(IndexSnapshot, EstimatesByCardinality) {
  Pair pair;
  pair.SetField("a", Schema(FieldType::kInteger));
  std::vector<std::pair<uint32_t, std::optional<std::string>>> changes;
  for (uint32_t i = 0; i < 1000; ++i) changes.emplace_back(i, R"({"a":)" + std::to_string(i % 10) + "}");
  pair.Apply(changes);
  const Filter tenth = Must("a", MatchValue{int64_t{3}});
  const Filter unindexed = Must("b", MatchValue{int64_t{3}});
  EXPECT_EQ(pair.snapshot->Estimate(Filter{}, pair.model), 1000u);
  EXPECT_EQ(pair.snapshot->Estimate(tenth, pair.model), 100u);
  EXPECT_EQ(pair.snapshot->Estimate(unindexed, pair.model), 500u);
  Filter both = tenth;
  both.must->push_back(unindexed.must->front());
  EXPECT_EQ(pair.snapshot->Estimate(both, pair.model), 50u);
  Filter none;
  none.must_not = tenth.must;
  EXPECT_EQ(pair.snapshot->Estimate(none, pair.model), 900u);
  Filter either;
  either.should = both.must;
  EXPECT_EQ(pair.snapshot->Estimate(either, pair.model), 550u);
  Filter two;
  two.min_should = MinShould{*both.must, 2};
  EXPECT_EQ(pair.snapshot->Estimate(two, pair.model), 50u);
  Filter ids;
  ids.must.emplace().push_back(HasIdCondition{{PointModel::IdOf(4), PointModel::IdOf(4), PointModel::IdOf(9999)}});
  EXPECT_EQ(pair.snapshot->Estimate(ids, pair.model), 1u);
}

TEST(IndexSnapshot, UuidIndexKnowsEveryTextualForm) {
  Pair pair;
  pair.Apply({{0, R"({"a":"550e8400-e29b-41d4-a716-446655440000"})"},
              {1, R"({"a":"urn:uuid:550E8400-E29B-41D4-A716-446655440000"})"},
              {2, R"({"a":"other"})"},
              {3, R"({"a":["550e8400e29b41d4a716446655440000","00000000-0000-0000-0000-000000000001"]})"}});
  const std::string braced = "{550e8400-e29b-41d4-a716-446655440000}";
  const Filter same = Must("a", MatchValue{braced});
  const Filter any = Must("a", MatchAny{std::vector<std::string>{braced, "other"}});
  const Filter except = Must("a", MatchExcept{std::vector<std::string>{braced}});
  EXPECT_TRUE(pair.Evaluate(same).empty());
  pair.SetField("a", Schema(FieldType::kUuid));
  EXPECT_EQ(pair.Evaluate(same), (std::vector<uint32_t>{0, 1, 3}));
  EXPECT_EQ(pair.Evaluate(except), (std::vector<uint32_t>{3}));
  // The index does not serve what is no UUID, so the payloads decide.
  EXPECT_EQ(pair.Evaluate(any), (std::vector<uint32_t>{2}));
  EXPECT_EQ(*pair.snapshot->Facet(Path("a"), nullptr, 10),
            (std::vector<FacetCount>{{"550e8400-e29b-41d4-a716-446655440000", 3},
                                     {"00000000-0000-0000-0000-000000000001", 1}}));
}

TEST(IndexSnapshot, PointsOfATenantShareANumber) {
  Pair pair;
  const std::vector<Ordinal> points = {Ordinal{7}, Ordinal{2}, Ordinal{900}, Ordinal{3}, Ordinal{8}, Ordinal{4}};
  pair.SetField("user", Schema(FieldType::kKeyword));
  EXPECT_TRUE(pair.snapshot->TenantsOf(points).empty());
  FieldSchema tenant = Schema(FieldType::kKeyword);
  tenant.params = *Json::Parse(R"({"type":"keyword","is_tenant":true})");
  pair.SetField("user", tenant);
  std::vector<std::pair<uint32_t, std::optional<std::string>>> others;  // in a run of their own
  for (uint32_t i = 1000; i < 6000; ++i) others.emplace_back(i, R"({"user":"a"})");
  pair.Apply(others);
  pair.Apply({{2, R"({"user":"c"})"}, {3, R"({"user":"b"})"}, {4, R"({"user":7})"}, {7, R"({"user":"b"})"}, {8, "{}"}});
  pair.Apply({{3, R"({"user":"c"})"}, {900, R"({"user":["b"]})"}});
  const std::vector<uint32_t> tenants = pair.snapshot->TenantsOf(points);
  ASSERT_EQ(tenants.size(), points.size());
  EXPECT_EQ(tenants[0], tenants[2]);  // b
  EXPECT_EQ(tenants[1], tenants[3]);  // c
  EXPECT_LT(tenants[0], tenants[1]);
  EXPECT_GT(tenants[0], 0u);
  EXPECT_EQ(tenants[4], 0u);
  EXPECT_EQ(tenants[5], 0u);
  EXPECT_TRUE(pair.snapshot->TenantsOf({}).empty());
}

TEST(IndexSnapshot, FacetNeedsAnIndexThatCounts) {
  Pair pair;
  FieldSchema range_only = Schema(FieldType::kInteger);
  range_only.lookup = false;
  pair.SetField("a", range_only);
  pair.SetField("b", Schema(FieldType::kGeo));
  for (const char* path : {"a", "b", "c"})
    EXPECT_EQ(ErrorClassOf(pair.snapshot->Facet(Path(path), nullptr, 10).status()), ErrorClass::kWrongInput);
}

TEST(IndexSnapshot, GeoIndexFindsPointsOfAnyArea) {
  Pair indexed;
  indexed.SetField("p", Schema(FieldType::kGeo));
  Pair plain;
  std::mt19937_64 random(9);
  const auto coordinate = [&](double most) { return std::uniform_real_distribution<double>(-most, most)(random); };
  std::vector<std::pair<uint32_t, std::optional<std::string>>> changes;
  for (uint32_t i = 0; i < 4000; ++i) {
    const bool near = i % 2 == 0;
    const Json lon(near ? 179.9 + coordinate(0.1) : coordinate(180));
    const Json lat(near ? 60 + coordinate(0.1) : coordinate(90));
    changes.emplace_back(i, R"({"p":{"lon":)" + lon.Dump() + R"(,"lat":)" + lat.Dump() + "}}");
  }
  indexed.Apply(changes);
  plain.Apply(changes);
  size_t found = 0;
  for (int i = 0; i < 60; ++i) {
    const GeoPoint center{i % 2 == 0 ? 179.95 + coordinate(0.05) : coordinate(180), i % 2 == 0 ? 60 : coordinate(90)};
    const double width = std::pow(10.0, coordinate(2.0));
    const GeoRing ring = {{center.lon, center.lat - width},
                          {center.lon + width, center.lat},
                          {center.lon, center.lat + width},
                          {center.lon - width, center.lat},
                          {center.lon, center.lat - width}};
    for (const Filter& filter :
         {Must("p", GeoRadius{center, width * 1e5}), Must("p", GeoPolygon{ring, {}}),
          Must("p", GeoBoundingBox{{center.lon - width, center.lat + width}, {width - 180, center.lat - width}})}) {
      const auto expected = plain.Evaluate(filter);
      found += expected.size();
      ASSERT_GE(indexed.snapshot->Estimate(filter, indexed.model) + 1, expected.size());
      ASSERT_EQ(indexed.Evaluate(filter), expected);
    }
  }
  EXPECT_GT(found, 10000u);
}

TEST(IndexSnapshot, TextIndexFindsTokens) {
  Pair pair;
  FieldSchema schema = Schema(FieldType::kText);
  schema.params = *Json::Parse(R"({"type":"text","phrase_matching":true})");
  pair.SetField("a", schema);
  pair.Apply({{0, R"({"a":"The quick, brown fox"})"},
              {1, R"({"a":["a brown bear","quick fox"]})"},
              {2, R"({"a":"foxes"})"},
              {3, R"({"a":7})"},
              {4, R"({"a":"fox fox brown fox quick"})"}});
  EXPECT_EQ(pair.Evaluate(Must("a", MatchText{"FOX quick"})), (std::vector<uint32_t>{0, 1, 4}));
  EXPECT_TRUE(pair.Evaluate(Must("a", MatchText{"fox wolf"})).empty());
  EXPECT_TRUE(pair.Evaluate(Must("a", MatchText{" ,"})).empty());
  EXPECT_EQ(pair.Evaluate(Must("a", MatchTextAny{"wolf bear foxes"})), (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(pair.Evaluate(Must("a", MatchPhrase{"brown fox"})), (std::vector<uint32_t>{0, 4}));
  EXPECT_EQ(pair.Evaluate(Must("a", MatchPhrase{"fox brown fox quick"})), (std::vector<uint32_t>{4}));
  // Not across the elements of an array.
  EXPECT_TRUE(pair.Evaluate(Must("a", MatchPhrase{"bear quick"})).empty());
  Filter negated;
  negated.must_not = Must("a", MatchPhrase{"brown fox"}).must;
  EXPECT_EQ(pair.Evaluate(negated), (std::vector<uint32_t>{1, 2, 3}));
  EXPECT_EQ(pair.snapshot->Estimate(Must("a", MatchText{"fox quick"}), pair.model), 3u);
  schema.params.reset();
  pair.SetField("a", schema);
  // Without phrase matching a phrase is a substring.
  EXPECT_EQ(pair.Evaluate(Must("a", MatchPhrase{"k, b"})), (std::vector<uint32_t>{0}));
}

TEST(IndexSnapshot, OrderNeedsARangeIndex) {
  Pair pair;
  FieldSchema lookup_only = Schema(FieldType::kInteger);
  lookup_only.range = false;
  pair.SetField("a", lookup_only);
  pair.SetField("b", Schema(FieldType::kKeyword));
  for (const char* path : {"a", "b", "c"}) {
    auto ordered = pair.snapshot->Ordered(Path(path), OrderDirection::kAscending, std::nullopt, nullptr, 10);
    EXPECT_EQ(ErrorClassOf(ordered.status()), ErrorClass::kWrongInput);
  }
}

TEST(IndexSnapshot, ErrorsOfTheSourceAndTheDeadlineComeThrough) {
  Pair pair;
  std::vector<std::pair<uint32_t, std::optional<std::string>>> changes;
  for (uint32_t i = 0; i < 3000; ++i) changes.emplace_back(i, R"({"a":1})");
  pair.Apply(changes);
  const Filter filter = Must("a", MatchValue{int64_t{1}});
  auto late = pair.snapshot->Evaluate(filter, pair.model, Deadline::After(std::chrono::milliseconds(-1)));
  EXPECT_EQ(ErrorClassOf(late.status()), ErrorClass::kTimeout);
  pair.model.FailFrom(2000);
  EXPECT_EQ(ErrorClassOf(pair.snapshot->Evaluate(filter, pair.model, Deadline()).status()), ErrorClass::kCorruption);
  EXPECT_EQ(ErrorClassOf(pair.snapshot->WithField(Path("a"), Schema(FieldType::kInteger), pair.model).status()),
            ErrorClass::kCorruption);
  pair.model.FailFrom(SIZE_MAX);
  EXPECT_EQ(pair.Evaluate(filter).size(), 3000u);
}

TEST(IndexSnapshot, ReadsOnlyWhatTheIndexesLeaveUndecided) {
  Pair pair;
  pair.SetField("a", Schema(FieldType::kInteger));
  std::vector<std::pair<uint32_t, std::optional<std::string>>> changes;
  for (uint32_t i = 0; i < 1000; ++i) changes.emplace_back(i, R"({"a":)" + std::to_string(i) + R"(,"b":1})");
  pair.Apply(changes);
  Filter filter = Must("a", Range{.lt = 10, .gt = {}, .lte = {}, .gte = {}});
  filter.must->push_back(FieldCondition{Path("b"), MatchValue{int64_t{1}}});
  filter.should = {FieldCondition{Path("a"), MatchValue{int64_t{3}}}, FieldCondition{Path("b"), IsNull{false}}};
  pair.model.FailFrom(10);
  EXPECT_EQ(pair.Evaluate(filter).size(), 10u);
  Filter indexed = Must("a", Range{.lt = 10, .gt = {}, .lte = {}, .gte = {}});
  indexed.should = {FieldCondition{Path("a"), IsEmpty{false}}, FieldCondition{Path("b"), IsNull{false}}};
  pair.model.FailFrom(0);
  EXPECT_EQ(pair.Evaluate(indexed).size(), 10u);
}

TEST(IndexSnapshot, PayloadsWithIntegersBeyondU64AreRead) {
  Pair pair;
  pair.SetField("a", Schema(FieldType::kFloat));
  pair.Apply({{0, R"({"a":100000000000000000000})"}, {1, R"({"a":1})"}});
  const Filter large = Must("a", Range{.lt = {}, .gt = 9e19, .lte = {}, .gte = {}});
  EXPECT_EQ(pair.Evaluate(large), (std::vector<uint32_t>{0}));
  pair.RemoveField("a");
  EXPECT_EQ(pair.Evaluate(large), (std::vector<uint32_t>{0}));
}

TEST(IndexSnapshot, ReadersOfOldSnapshotsDoNotMeetTheWriter) {
  constexpr uint32_t kPoints = 3000;
  Pair first;
  first.SetField("v", Schema(FieldType::kInteger));
  first.SetField("g", Schema(FieldType::kKeyword));
  std::vector<std::pair<uint32_t, std::optional<std::string>>> changes;
  for (uint32_t i = 0; i < kPoints; ++i) changes.emplace_back(i, R"({"v":0,"g":"x"})");
  first.Apply(changes);

  // In the n-th snapshot, n points have v = n, and all other v are smaller.
  struct Published {
    Snapshot snapshot;
    int64_t round;
  };
  std::mutex mutex;
  Published published{first.snapshot, 0};
  std::atomic<bool> stop{false};
  std::atomic<int> checked{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&] {
      const PointModel nothing;
      while (!stop.load()) {
        Published seen;
        {
          const std::lock_guard lock(mutex);
          seen = published;
        }
        const auto count = [&](const Filter& filter) {
          return static_cast<int64_t>((*seen.snapshot->Evaluate(filter, nothing, Deadline()))->size());
        };
        const double round = static_cast<double>(seen.round);
        const bool right = (seen.round == 0 || count(Must("v", MatchValue{seen.round})) == seen.round) &&
                           count(Must("v", Range{.lt = {}, .gt = {}, .lte = round, .gte = {}})) == kPoints &&
                           count(Must("g", MatchValue{std::string("x")})) == kPoints &&
                           count(Must("v", IsEmpty{true})) == 0;
        wrong += right ? 0 : 1;
        ++checked;
      }
    });
  }
  std::mt19937_64 random(5);
  for (int64_t round = 1; round <= 150 || checked.load() < 50; ++round) {
    changes.clear();
    const std::string payload = R"({"v":)" + std::to_string(round) + R"(,"g":"x"})";
    const auto start = static_cast<uint32_t>(random() % kPoints);
    for (uint32_t i = 0; i < std::min<int64_t>(round, kPoints); ++i)
      changes.emplace_back((start + i) % kPoints, payload);
    first.Apply(changes);
    const std::lock_guard lock(mutex);
    published = {first.snapshot, std::min<int64_t>(round, kPoints)};
    if (round >= kPoints) break;
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_GE(checked.load(), 1);
}

}  // namespace
}  // namespace sextant::payload_index
