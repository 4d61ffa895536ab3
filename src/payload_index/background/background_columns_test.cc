// Background columns never change an answer: conditions mean what they mean on payloads.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "payload_index/background/column_demand.h"
#include "payload_index/background/column_piece.h"
#include "payload_index/index_snapshot.h"
#include "payload_index/point_model_testing.h"
#include "types/values/datetime.h"

namespace sextant::payload_index {
namespace {

using Change = std::pair<uint32_t, std::optional<std::string>>;
using Piece = std::shared_ptr<const ColumnPiece>;

constexpr FieldType kColumnTypes[] = {FieldType::kKeyword, FieldType::kInteger,  FieldType::kFloat,
                                      FieldType::kBool,    FieldType::kDatetime, FieldType::kGeo};
constexpr size_t kAllPoints = SIZE_MAX;

Filter MustHold(std::string_view key, Predicate predicate) {
  Filter filter;
  filter.must.emplace().push_back(FieldCondition{*PayloadPath::Parse(key), std::move(predicate)});
  return filter;
}

// A snapshot beside the model that says what it must answer.
struct Columned {
  std::shared_ptr<const IndexSnapshot> snapshot = IndexSnapshot::Empty();
  PointModel model;

  void Apply(const std::vector<Change>& changes) {
    std::vector<PayloadChange> out;
    for (const auto& [ordinal, payload] : changes)
      out.push_back({Ordinal{ordinal}, payload.has_value(), payload ? std::string_view(*payload) : std::string_view()});
    snapshot = snapshot->With(out);
    model.Apply(out);
  }
  void AddColumn(std::string_view path, FieldType type) {
    snapshot = snapshot->WithColumn({*PayloadPath::Parse(path), type});
  }
  Piece Read(size_t points) const {
    auto piece = snapshot->ReadColumns(model, points, CancelToken());
    EXPECT_TRUE(piece.ok()) << piece.status();
    return piece.ok() ? *piece : nullptr;
  }
  void Fill() {
    while (const Piece piece = Read(kAllPoints)) snapshot = snapshot->WithPiece(*piece);
  }
  std::vector<uint32_t> Evaluate(const Filter& filter) const {
    auto result = snapshot->Evaluate(filter, model, Deadline());
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? ToVector(**result) : std::vector<uint32_t>();
  }
};

FieldSchema RandomIndex(std::mt19937_64& random) {
  FieldSchema schema;
  schema.type = static_cast<FieldType>(random() % 8);
  schema.lookup = random() % 4 != 0;
  return schema;
}

std::vector<Change> RandomChanges(std::mt19937_64& random, uint32_t ordinals, uint32_t largest_group) {
  std::vector<Change> changes(1 + random() % largest_group);
  for (auto& [ordinal, payload] : changes) {
    ordinal = static_cast<uint32_t>(random() % ordinals);
    if (random() % 5 != 0) payload = RandomPayload(random);
  }
  return changes;
}

// Points, indexes and columns come and go, and pieces are put in long after they were read.
void RandomColumnStep(Columned* columned, std::vector<Piece>* pieces, std::mt19937_64& random) {
  const PayloadPath path = RandomPath(random);
  const FieldSchema schema = RandomIndex(random);
  switch (random() % 12) {
    case 0:
      columned->snapshot = *columned->snapshot->WithField(path, schema, columned->model);
      return columned->model.SetField(path, schema);
    case 1:
      columned->snapshot = *columned->snapshot->Declare(path, schema);
      return columned->model.SetField(path, schema);
    case 2:
    case 3: columned->snapshot = columned->snapshot->WithoutField(path); return columned->model.RemoveField(path);
    case 4:
    case 5:
      columned->snapshot = columned->snapshot->WithColumn({path, kColumnTypes[random() % std::size(kColumnTypes)]});
      return;
    case 6:
      if (const auto columns = columned->snapshot->Columns(); columns.size() > 4)
        columned->snapshot = columned->snapshot->WithoutColumn(columns[random() % columns.size()].column);
      return;
    case 7:
    case 8:
      if (Piece piece = columned->Read(1 + random() % 60)) pieces->push_back(std::move(piece));
      return;
    case 9:
      for (const Piece& piece : std::exchange(*pieces, {})) columned->snapshot = columned->snapshot->WithPiece(*piece);
      return;
    default: columned->Apply(RandomChanges(random, 80, random() % 3 == 0 ? 60 : 3));
  }
}

TEST(BackgroundColumns, AnswerAsPayloadsDoOverRandomHistories) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    Columned columned;
    std::vector<Piece> pieces;
    std::vector<Columned> earlier;
    const auto expect_same = [&](const Columned& one, int filters) {
      for (int i = 0; i < filters; ++i) {
        const Filter filter = RandomFilter(random, 3);
        ASSERT_EQ(one.Evaluate(filter), one.model.Matching(filter));
        ASSERT_LE(one.snapshot->Estimate(filter, one.model), one.snapshot->point_count());
      }
    };
    for (int step = 0; step < 80; ++step) {
      RandomColumnStep(&columned, &pieces, random);
      expect_same(columned, 4);
      if (step % 20 == 0) earlier.push_back(columned);
      if (testing::Test::HasFatalFailure()) return;
    }
    for (const Columned& old : earlier) expect_same(old, 3);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(BackgroundColumns, AnswerAsPayloadsDoOnLargerRuns) {
  constexpr uint64_t kSeed = 11;
  std::mt19937_64 random(kSeed);
  Columned columned;
  for (const FieldType type : kColumnTypes)
    for (const char* path : {"a", "b", "l[].a"}) columned.AddColumn(path, type);
  for (int step = 0; step < 10; ++step) {
    columned.Apply(RandomChanges(random, 6000, 3000));
    if (step == 4) columned.AddColumn("c", FieldType::kFloat);
    if (step % 2 == 0)
      if (const Piece piece = columned.Read(500)) columned.snapshot = columned.snapshot->WithPiece(*piece);
    for (int i = 0; i < 6; ++i) {
      const Filter filter = RandomFilter(random, 3);
      ASSERT_EQ(columned.Evaluate(filter), columned.model.Matching(filter));
    }
  }
}

std::vector<std::string> ValuesOfAllKinds() {
  return {"1",
          "1.0",
          "-0.0",
          "0",
          "1.5",
          "\"1\"",
          "\"a\"",
          "\"ab\"",
          "\"\"",
          "true",
          "false",
          "null",
          "[]",
          "{}",
          "[null]",
          "[[1]]",
          "[1,\"a\"]",
          "[\"a\",null]",
          "[1,1.0,true]",
          "{\"x\":1}",
          "[{\"x\":\"a\"}]",
          "9007199254740993",
          "9007199254740992.0",
          "9223372036854775807",
          "-9223372036854775808",
          "18446744073709551615",
          "100000000000000000000",
          "1e300",
          "\"2020-01-02\"",
          "\"2020-01-02T00:00:00Z\"",
          "{\"lon\":10,\"lat\":20}",
          "{\"lon\":10.0,\"lat\":91}",
          "[{\"lon\":10,\"lat\":20},3]"};
}

std::vector<Predicate> PredicatesOfAllKinds() {
  using Texts = std::vector<std::string>;
  using Numbers = std::vector<int64_t>;
  const double two53 = 9007199254740992.0;
  const int64_t moment = *ParseDatetime("2020-01-02");
  return {MatchValue{std::string("a")},
          MatchValue{std::string("1")},
          MatchValue{std::string()},
          MatchValue{int64_t{1}},
          MatchValue{int64_t{0}},
          MatchValue{int64_t{9007199254740992}},
          MatchValue{INT64_MAX},
          MatchValue{INT64_MIN},
          MatchValue{true},
          MatchValue{false},
          MatchAny{Texts{"a", "1", "a"}},
          MatchAny{Numbers{1, INT64_MAX, 5}},
          MatchAny{Texts{}},
          MatchExcept{Texts{"a", ""}},
          MatchExcept{Numbers{1}},
          MatchExcept{Texts{}},
          MatchExcept{Numbers{}},
          MatchPrefix{"a"},
          MatchPrefix{""},
          Range{},
          Range{.lt = {}, .gt = two53, .lte = {}, .gte = {}},
          Range{.lt = {}, .gt = {}, .lte = two53, .gte = 1},
          Range{.lt = std::nan(""), .gt = {}, .lte = {}, .gte = {}},
          Range{.lt = {}, .gt = {}, .lte = {}, .gte = 1e19},
          DatetimeRange{.lt = {}, .gt = {}, .lte = moment, .gte = moment},
          GeoRadius{{10, 20}, 10},
          GeoBoundingBox{{9, 21}, {11, 19}},
          MatchText{"a"},
          IsEmpty{true},
          IsNull{true}};
}

// Every kind of value under every kind of condition.
TEST(BackgroundColumns, HaveTheRulesOfPayloadsForEveryKindOfValue) {
  Columned columned;
  std::vector<Change> changes;
  for (const std::string& value : ValuesOfAllKinds())
    for (const char* form : {R"({"v":%})", R"({"v":[%]})", R"({"l":[{"v":%},{"v":2}]})", R"({"w":%})"}) {
      std::string payload = form;
      payload.replace(payload.find('%'), 1, value);
      changes.emplace_back(changes.size(), payload);
    }
  columned.Apply(changes);
  const Columned plain = columned;
  const std::vector<Predicate> predicates = PredicatesOfAllKinds();
  for (const char* path : {"v", "l[].v", "v[]", "v[0]", "v.x"}) {
    for (const FieldType type : kColumnTypes) columned.AddColumn(path, type);
    columned.Fill();
    for (size_t i = 0; i < predicates.size(); ++i) {
      SCOPED_TRACE(testing::Message() << "predicate " << i << " on " << path);
      Filter filter = MustHold(path, predicates[i]);
      EXPECT_EQ(columned.Evaluate(filter), plain.Evaluate(filter));
      std::get<FieldCondition>(filter.must->front()).alternatives = {predicates[(i * 7 + 3) % predicates.size()]};
      EXPECT_EQ(columned.Evaluate(filter), plain.Evaluate(filter));
    }
  }
}

std::vector<Change> Numbered(uint32_t count) {
  std::vector<Change> changes;
  for (uint32_t i = 0; i < count; ++i) changes.emplace_back(i, R"({"a":)" + std::to_string(i % 10) + "}");
  return changes;
}

TEST(BackgroundColumns, ReadPayloadsOnlyOfPointsThatTheyLack) {
  Columned columned;
  columned.Apply(Numbered(1000));
  columned.AddColumn("a", FieldType::kInteger);
  const Filter filter = MustHold("a", MatchValue{int64_t{3}});
  columned.Apply({{5, R"({"a":3})"}, {3, std::nullopt}, {1000, R"({"a":3})"}});
  EXPECT_EQ(columned.snapshot->Columns().front().filled_points, 2u);
  columned.model.FailFrom(999);  // one of them in passing
  EXPECT_EQ(columned.Evaluate(filter).size(), 101u);
  columned.model.FailFrom(kAllPoints);
  columned.Fill();
  EXPECT_EQ(columned.snapshot->Columns().front().filled_points, 1000u);
  EXPECT_FALSE(columned.snapshot->LacksPieces());
  columned.model.FailFrom(0);
  EXPECT_EQ(columned.Evaluate(filter).size(), 101u);
  EXPECT_EQ(columned.snapshot->Estimate(filter, columned.model), 101u);
  EXPECT_GT(columned.snapshot->memory_bytes(),
            columned.snapshot->WithoutColumn({*PayloadPath::Parse("a"), FieldType::kInteger})->memory_bytes());
}

TEST(BackgroundColumns, AreNoIndexes) {
  Columned columned;
  columned.Apply(Numbered(100));
  columned.AddColumn("a", FieldType::kInteger);
  columned.Fill();
  const PayloadPath path = *PayloadPath::Parse("a");
  EXPECT_TRUE(columned.snapshot->Fields().empty());
  EXPECT_EQ(columned.snapshot->field_count(), 0u);
  EXPECT_EQ(columned.snapshot->SchemaOf(path), nullptr);
  EXPECT_FALSE(columned.snapshot->Facet(path, nullptr, 10).ok());
  EXPECT_FALSE(columned.snapshot->Ordered(path, OrderDirection::kAscending, std::nullopt, nullptr, 10).ok());
  // An index takes 5.0 for 5.
  const Json five = *Json::Parse(R"({"a":5.0})");
  const auto no_vector = [](std::string_view) { return false; };
  EXPECT_FALSE(*columned.snapshot->Holds(MustHold("a", MatchValue{int64_t{5}}), five, {}, no_vector));
  EXPECT_TRUE(columned.snapshot->has_columns());
}

TEST(BackgroundColumns, APieceOfAColumnThatIsGoneIsOfNoUse) {
  Columned columned;
  columned.Apply(Numbered(100));
  columned.AddColumn("a", FieldType::kInteger);
  const Piece piece = columned.Read(kAllPoints);
  ASSERT_NE(piece, nullptr);
  columned.snapshot = columned.snapshot->WithoutColumn({*PayloadPath::Parse("a"), FieldType::kInteger});
  columned.snapshot = columned.snapshot->WithPiece(*piece);
  EXPECT_FALSE(columned.snapshot->has_columns());
  EXPECT_EQ(columned.Evaluate(MustHold("a", MatchValue{int64_t{3}})).size(), 10u);
}

TEST(BackgroundColumns, ErrorsOfReadingAndCancellationComeThrough) {
  Columned columned;
  columned.Apply(Numbered(100));
  columned.AddColumn("a", FieldType::kInteger);
  CancelToken cancel;
  cancel.Cancel();
  EXPECT_EQ(ErrorClassOf(columned.snapshot->ReadColumns(columned.model, kAllPoints, cancel).status()),
            ErrorClass::kUnavailable);
  columned.model.FailFrom(50);
  EXPECT_EQ(ErrorClassOf(columned.snapshot->ReadColumns(columned.model, kAllPoints, CancelToken()).status()),
            ErrorClass::kCorruption);
}

TEST(BackgroundColumns, AreWantedWhenTheyHaveCostWhatTheyTake) {
  Columned columned;
  columned.Apply(Numbered(100));
  int calls = 0;
  columned.snapshot->demand().Watch(150, [&] { ++calls; });
  const auto ask = [&](int64_t value) { columned.Evaluate(MustHold("a", MatchValue{value})); };
  ask(1);
  ask(1);  // is answered from the cache
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(columned.snapshot->demand().TakeWanted().empty());
  ask(2);
  ask(3);
  EXPECT_EQ(calls, 1);
  const BackgroundColumn column{*PayloadPath::Parse("a"), FieldType::kInteger};
  EXPECT_EQ(columned.snapshot->demand().TakeWanted(), std::vector<BackgroundColumn>{column});
  EXPECT_TRUE(columned.snapshot->demand().TakeWanted().empty());
  columned.AddColumn("a", FieldType::kInteger);
  columned.Fill();
  const auto before = columned.snapshot->demand().LastUse(column);
  ask(4);
  EXPECT_GT(*columned.snapshot->demand().LastUse(column), *before);
  EXPECT_EQ(calls, 1);
  // Conditions that no column decides want none.
  for (const char* text : {"x", "y", "z"}) columned.Evaluate(MustHold("b", MatchText{text}));
  EXPECT_EQ(calls, 1);
}

TEST(BackgroundColumns, ForgetWhatIsLongestOutOfUse) {
  ColumnDemand demand;
  for (int i = 0; i < 1000; ++i) demand.CountUse({*PayloadPath::Parse("f" + std::to_string(i)), FieldType::kKeyword});
  EXPECT_FALSE(demand.LastUse({*PayloadPath::Parse("f0"), FieldType::kKeyword}).has_value());
  EXPECT_TRUE(demand.LastUse({*PayloadPath::Parse("f999"), FieldType::kKeyword}).has_value());
}

// Readers hold states from all stages; a writer changes points; pieces are read of old states beside it.
TEST(BackgroundColumns, AnswerAsPayloadsDoWhilePointsChange) {
  struct State {
    std::shared_ptr<const IndexSnapshot> snapshot;
    std::shared_ptr<const PointModel> model;
  };
  constexpr uint64_t kSeed = 3;
  std::mutex mutex;
  State published;
  std::vector<Piece> pieces;
  std::atomic<bool> stop{false};
  std::atomic<int> checked{0};
  std::atomic<int> wrong{0};
  const auto now = [&] {
    const std::lock_guard lock(mutex);
    return published;
  };
  std::mt19937_64 random(kSeed);
  Columned columned;
  const auto publish = [&] {
    auto model = std::make_shared<const PointModel>(columned.model);
    const std::lock_guard lock(mutex);
    published = {columned.snapshot, std::move(model)};
    std::vector<Piece> ready = std::exchange(pieces, {});
    for (const Piece& piece : ready) columned.snapshot = columned.snapshot->WithPiece(*piece);
  };
  columned.Apply(RandomChanges(random, 200, 400));
  publish();
  std::vector<std::thread> threads;
  for (uint64_t reader = 0; reader < 2; ++reader)
    threads.emplace_back([&, reader] {
      std::mt19937_64 own(kSeed + 1 + reader);
      while (!stop.load()) {
        const State state = now();
        const PointModel model = *state.model;  // one's own: it counts reads
        const Filter filter = RandomFilter(own, 2);
        const auto answer = state.snapshot->Evaluate(filter, model, Deadline());
        wrong += answer.ok() && ToVector(**answer) == model.Matching(filter) ? 0 : 1;
        ++checked;
      }
    });
  threads.emplace_back([&] {
    while (!stop.load()) {
      const State state = now();
      const PointModel model = *state.model;
      const auto piece = state.snapshot->ReadColumns(model, 40, CancelToken());
      if (!piece.ok() || *piece == nullptr) continue;
      const std::lock_guard lock(mutex);
      pieces.push_back(*piece);
    }
  });
  for (int round = 0; round < 200 || checked.load() < 100; ++round) {
    const BackgroundColumn column{RandomPath(random), kColumnTypes[random() % std::size(kColumnTypes)]};
    if (round % 10 == 0) columned.snapshot = columned.snapshot->WithColumn(column);
    if (round % 25 == 0) columned.snapshot = columned.snapshot->WithoutColumn(column);
    columned.Apply(RandomChanges(random, 200, 20));
    publish();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0);
}

}  // namespace
}  // namespace sextant::payload_index
