// Background columns come, are filled beside the updates that go on, and go.

#include "shard/long_running/background_columns.h"

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "gtest/gtest.h"
#include "search/reader.h"
#include "search/view_points.h"
#include "shard/shard_testing.h"

namespace sextant::shard {
namespace {

using std::chrono::milliseconds;

constexpr uint32_t kColumnDim = 4;
constexpr uint64_t kColumnPoints = 3000;

// `n` is not a column's field alone: integers, whole floats and strings take turns, so that the rules of an index would
// give other answers.
std::string PayloadOf(int64_t n) {
  const std::string number = std::to_string(n);
  switch (n % 3) {
    case 0: return "{\"n\":" + number + "}";
    case 1: return "{\"n\":[" + number + ".0," + number + "]}";
    default: return "{\"n\":\"" + number + "\"}";
  }
}

class BackgroundColumnsTest : public testing::TestWithParam<ShardHarness::Medium> {
 protected:
  BackgroundColumnsTest() : harness_(GetParam()) {
    ColumnPolicy& policy = harness_.environment().column_policy;
    policy.least_points = 2 * kColumnPoints;
    policy.piece_points = 500;
    policy.check = milliseconds(10);
  }
  void SetUp() override { Start(); }
  void TearDown() override { Release(); }

  void Start() {
    Open(true);
    // Of such different sizes that they stay apart, and are read one after the other.
    uint64_t id = 0;
    for (const uint64_t end : {2000u, 2600u, 2900u, 3000u}) {
      Upsert upsert;
      for (; id < end; ++id) upsert.points.push_back(Point(id, static_cast<int64_t>(id % 10)));
      ASSERT_TRUE(Run(upsert).ok());
    }
  }
  void Open(bool create) {
    shard_.reset();
    auto shard = Shard::Open(harness_.environment(), harness_.directory(),
                             SmallConfig(kColumnDim, Distance::kEuclid, 1000000), create);
    ASSERT_TRUE(shard.ok()) << shard.status();
    shard_ = std::move(*shard);
  }
  // With other settings.
  void Reopen() {
    if (GetParam() == ShardHarness::Medium::kMemory)
      Start();
    else
      Open(false);
  }
  static PointInput Point(uint64_t id, int64_t n) {
    return {PointId::Number(id), {{"", DenseVector(kColumnDim, 1)}}, PayloadOf(n)};
  }
  Status Run(Operation operation) { return ShardHarness::Run(*shard_, std::move(operation)).status(); }

  // Columns are not filled until Release.
  void Hold() {
    held_ = std::make_unique<std::promise<void>>();
    harness_.environment().column_builders->Post([held = held_->get_future().share()] { held.wait(); });
  }
  void Release() {
    if (held_) std::exchange(held_, nullptr)->set_value();
  }

  uint64_t Count(int64_t value) const {
    const Filter filter = FieldIs("n", value);
    return search::Count(*shard_->view(), &filter, true, Deadline()).value();
  }
  // Filters with ever other values, until they want a column.
  void Ask() {
    for (int64_t value = 1000; value < 1003; ++value) EXPECT_EQ(Count(value), 0u);
  }
  size_t Columns() const { return shard_->view()->index->Columns().size(); }
  bool Filled() const { return Columns() > 0 && !shard_->view()->index->LacksPieces(); }
  template <typename Check>
  static void WaitUntil(Check&& check) {
    while (!check()) std::this_thread::yield();
  }
  // The filters' answers are what the payloads say.
  void ExpectRight() const {
    const auto view = shard_->view();
    std::map<int64_t, uint64_t> counts;
    const search::ViewPoints points(*view);
    ASSERT_TRUE(points
                    .ForEachPayload({},
                                    [&](Ordinal, std::string_view payload) {
                                      for (int64_t n = 0; n < 100; ++n)
                                        if (n % 3 != 2 && payload == PayloadOf(n)) ++counts[n];
                                      return OkStatus();
                                    })
                    .ok());
    for (int64_t n = 0; n < 100; ++n) {
      const Filter filter = FieldIs("n", n);
      EXPECT_EQ(search::Count(*view, &filter, true, Deadline()).value(), counts[n]) << n;
    }
  }
  // Updates of all kinds to a part of the points.
  void Change(uint64_t from, uint64_t to) {
    Upsert upsert;
    DeletePoints erase;
    OverwritePayload overwrite;
    for (uint64_t id = from; id < to; ++id) {
      switch (id % 4) {
        case 0: upsert.points.push_back(Point(id, 48)); break;
        case 1: erase.points.ids.push_back(PointId::Number(id)); break;
        case 2: upsert.points.push_back(Point(id + kColumnPoints, 49)); break;
        default: overwrite.points.ids.push_back(PointId::Number(id));
      }
    }
    overwrite.payload = Json::Parse(PayloadOf(51)).value();
    ASSERT_TRUE(Run(upsert).ok());
    ASSERT_TRUE(Run(erase).ok());
    ASSERT_TRUE(Run(overwrite).ok());
  }

  ShardHarness harness_;
  MemoryBudget memory_{1u << 30};
  MemoryBudget small_{1000};
  std::unique_ptr<Shard> shard_;
  std::unique_ptr<std::promise<void>> held_;
};

TEST_P(BackgroundColumnsTest, AFieldThatFiltersReadOftenGetsOneAndIsNoIndex) {
  EXPECT_EQ(Count(3), kColumnPoints / 10);
  EXPECT_EQ(Columns(), 0u);
  Ask();
  WaitUntil([&] { return Filled(); });
  EXPECT_TRUE(shard_->info().fields.empty());
  ExpectRight();
  Change(0, 300);
  EXPECT_TRUE(Filled());
  ExpectRight();
}

TEST_P(BackgroundColumnsTest, UpdatesGoOnWhileOneIsFilledAndAreInIt) {
  Hold();
  Ask();
  WaitUntil([&] { return Columns() == 1; });
  Change(0, 300);
  ExpectRight();
  Release();
  for (uint64_t from = 300; !Filled(); from = (from + 10) % kColumnPoints) {
    Change(from, from + 10);
    ExpectRight();
  }
  ExpectRight();
}

TEST_P(BackgroundColumnsTest, AnIndexOfTheFieldMadeMeanwhileHasItsOwnRules) {
  Hold();
  Ask();
  WaitUntil([&] { return Columns() == 1; });
  Upsert upsert;
  upsert.points.push_back({PointId::Number(1), {{"", DenseVector(kColumnDim, 1)}}, R"({"n":77.0})"});
  ASSERT_TRUE(Run(upsert).ok());
  EXPECT_EQ(Count(77), 0u);
  const CreateIndex index{PayloadPath::Parse("n").value(), {FieldType::kInteger, {}, true, true}};
  ASSERT_TRUE(Run(index).ok());
  EXPECT_EQ(Count(77), 1u);
  Release();
  WaitUntil([&] { return Filled(); });
  EXPECT_EQ(Count(77), 1u);
  ASSERT_TRUE(Run(DropIndex{index.field}).ok());
  EXPECT_EQ(Count(77), 0u);
  ExpectRight();
}

TEST_P(BackgroundColumnsTest, ALargeOperationMeanwhileIsInIt) {
  harness_.environment().batch_limits.points = 100;
  Reopen();
  Hold();
  Ask();
  WaitUntil([&] { return Columns() == 1; });
  OverwritePayload overwrite;
  overwrite.points.filter = FieldIs("n", 3);
  overwrite.payload = Json::Parse(PayloadOf(99)).value();
  ASSERT_TRUE(Run(overwrite).ok());
  Release();
  WaitUntil([&] { return Filled(); });
  ExpectRight();
  EXPECT_EQ(Count(99), kColumnPoints / 10);
}

TEST_P(BackgroundColumnsTest, OneThatNoFilterUsesGoes) {
  harness_.environment().column_policy.unused = milliseconds(50);
  Reopen();
  int64_t value = 2000;
  WaitUntil([&] { return Count(value++) == 0 && Columns() == 1; });
  WaitUntil([&] { return Columns() == 0; });
  ExpectRight();
}

TEST_P(BackgroundColumnsTest, TheyGoWhenMemoryIsShortAndComeWhenThereIsRoomAgain) {
  harness_.environment().memory = &memory_;
  harness_.environment().column_policy.rest = milliseconds(20);
  Reopen();
  Ask();
  WaitUntil([&] { return Filled(); });
  MemoryShare share(&memory_);
  share.Resize(memory_.limit_bytes() / 100 * 85);
  WaitUntil([&] { return Columns() == 0; });
  ExpectRight();
  Ask();
  ASSERT_TRUE(Run(DeletePoints{{{PointId::Number(1)}, std::nullopt}}).ok());  // the writer has seen what filters want
  EXPECT_EQ(Columns(), 0u);
  share.Resize(0);
  int64_t value = 2000;
  WaitUntil([&] { return Count(value++) == 0 && Filled(); });
  ExpectRight();
}

TEST_P(BackgroundColumnsTest, OneThatWouldTakeTooMuchIsGivenUp) {
  harness_.environment().memory = &small_;
  Reopen();
  Upsert upsert;  // a run of its own, which the first piece leaves out
  for (uint64_t id = 0; id < 600; ++id) upsert.points.push_back(Point(kColumnPoints + id, 4));
  ASSERT_TRUE(Run(upsert).ok());
  Hold();
  Ask();
  WaitUntil([&] { return Columns() == 1; });
  Release();
  WaitUntil([&] { return Columns() == 0; });
  ExpectRight();
}

TEST_P(BackgroundColumnsTest, ThereAreNotMoreThanTheMost) {
  harness_.environment().column_policy.most_columns = 2;
  Reopen();
  for (const char* key : {"a", "b", "c", "d"}) {
    for (int64_t value = 0; value < 3; ++value) {
      Filter filter = FieldIs("n", value);
      std::get<FieldCondition>(filter.must->front()).key = PayloadPath::Parse(key).value();
      EXPECT_EQ(search::Count(*shard_->view(), &filter, true, Deadline()).value(), 0u);
    }
  }
  WaitUntil([&] { return Columns() == 2; });
  ASSERT_TRUE(Run(DeletePoints{{{PointId::Number(1)}, std::nullopt}}).ok());
  EXPECT_EQ(Columns(), 2u);
}

TEST_P(BackgroundColumnsTest, ClosingAShardEndsTheirFilling) {
  Hold();
  Ask();
  WaitUntil([&] { return Columns() == 1; });
  std::thread closing([&] { shard_.reset(); });
  Release();
  closing.join();
  if (GetParam() == ShardHarness::Medium::kMemory) return;
  Open(false);
  EXPECT_EQ(Columns(), 0u);
  ExpectRight();
}

INSTANTIATE_TEST_SUITE_P(Media, BackgroundColumnsTest,
                         testing::Values(ShardHarness::Medium::kDisk, ShardHarness::Medium::kMemory),
                         [](const auto& medium) {
                           return medium.param == ShardHarness::Medium::kDisk ? "Disk" : "Memory";
                         });

}  // namespace
}  // namespace sextant::shard
