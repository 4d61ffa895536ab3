// Payload indexes are filled beside the updates that go on meanwhile.

#include "shard/long_running/index_build.h"

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "gtest/gtest.h"
#include "search/reader.h"
#include "shard/shard_testing.h"

namespace sextant::shard {
namespace {

constexpr uint32_t kIndexedDim = 4;
constexpr uint64_t kIndexedPoints = 3000;

PayloadPath Path(const char* text) {
  return PayloadPath::Parse(text).value();
}

CreateIndex IntegerIndex(const char* field) {
  return {Path(field), {FieldType::kInteger, {}, true, true}};
}

class IndexBuildTest : public testing::TestWithParam<ShardHarness::Medium> {
 protected:
  IndexBuildTest() : harness_(GetParam()) {}

  void SetUp() override {
    Open(true);
    Fill();
  }
  void Fill() {
    Upsert upsert;
    for (uint64_t id = 0; id < kIndexedPoints; ++id) upsert.points.push_back(Point(id, static_cast<int64_t>(id % 10)));
    ASSERT_TRUE(ShardHarness::Run(*shard_, upsert).ok());
  }
  void TearDown() override { Release(); }

  void Open(bool create) {
    shard_.reset();
    auto shard = Shard::Open(harness_.environment(), harness_.directory(),
                             SmallConfig(kIndexedDim, Distance::kEuclid, 1000000), create);
    ASSERT_TRUE(shard.ok()) << shard.status();
    shard_ = std::move(*shard);
  }
  static PointInput Point(uint64_t id, int64_t n) {
    return {PointId::Number(id), {{"", DenseVector(kIndexedDim, 1)}}, "{\"n\":" + std::to_string(n) + ",\"m\":1}"};
  }

  // Index builds stop between their rounds until Release.
  void Hold() {
    held_ = std::make_unique<std::promise<void>>();
    harness_.environment().index_builders->Post([held = held_->get_future().share()] { held.wait(); });
  }
  void Release() {
    if (held_) std::exchange(held_, nullptr)->set_value();
  }
  std::future<Status> Submit(Operation operation, AnswerTime when = AnswerTime::kWhenVisible) {
    auto answer = std::make_shared<std::promise<Status>>();
    shard_->Submit(
        std::move(operation), [answer](const Result<WriteOutcome>& o) { answer->set_value(o.status()); }, when);
    return answer->get_future();
  }
  Status Run(Operation operation) { return ShardHarness::Run(*shard_, std::move(operation)).status(); }
  // How many points the index has values of; unset when there is no such index.
  std::optional<size_t> Indexed(const char* field) const {
    for (const auto& known : shard_->info().fields)
      if (known.path == Path(field)) return known.points;
    return std::nullopt;
  }
  uint64_t Count(const char* key, int64_t value) const {
    const Filter filter = FieldIs(key, value);
    return search::Count(*shard_->view(), &filter, true, Deadline()).value();
  }
  // Every count by the index is what the payloads say.
  void ExpectIndexed() const {
    ASSERT_TRUE(Indexed("n").has_value());
    std::map<int64_t, uint64_t> counts;
    search::ScrollRequest scroll;
    scroll.limit = 10 * kIndexedPoints;
    const auto view = shard_->view();
    const auto page = search::Scroll(*view, scroll).value();
    PayloadSelector all;
    all.kind = PayloadSelector::Kind::kAll;
    for (size_t i = 0; i < page.ids.size(); ++i) {
      const Record record = search::FetchRecord(*view, page.ordinals[i], page.ids[i], all, {}).value();
      const Json payload = Json::Parse(*record.payload).value();
      if (const Json* n = payload.Find("n")) ++counts[n->as_int()];
    }
    size_t total = 0;
    for (const auto& [n, count] : counts) {
      EXPECT_EQ(Count("n", n), count) << n;
      total += count;
    }
    EXPECT_EQ(*Indexed("n"), total);
    EXPECT_EQ(view->point_count, page.ids.size());
  }
  // Updates of all kinds to a part of the points.
  void Change(uint64_t from, uint64_t to) {
    Upsert upsert;
    DeletePoints erase;
    for (uint64_t id = from; id < to; ++id) {
      if (id % 3 == 0)
        upsert.points.push_back(Point(id, 77));
      else if (id % 3 == 1)
        erase.points.ids.push_back(PointId::Number(id));
      else
        upsert.points.push_back(Point(id + kIndexedPoints, 78));
    }
    ASSERT_TRUE(Run(upsert).ok());
    ASSERT_TRUE(Run(erase).ok());
  }

  ShardHarness harness_;
  std::unique_ptr<Shard> shard_;
  std::unique_ptr<std::promise<void>> held_;
};

TEST_P(IndexBuildTest, UpdatesGoOnWhileAnIndexIsFilledAndAreInIt) {
  Hold();
  auto created = Submit(IntegerIndex("n"));
  Change(0, 300);
  EXPECT_FALSE(Ready(created));
  EXPECT_FALSE(Indexed("n").has_value());
  EXPECT_EQ(Count("n", 77), 100u);  // by the payloads
  Release();
  EXPECT_TRUE(created.get().ok());
  ExpectIndexed();
  Change(300, 400);
  ExpectIndexed();
}

TEST_P(IndexBuildTest, ManyChangesAreCaughtUpWithInTheBackground) {
  Hold();
  auto created = Submit(IntegerIndex("n"));
  Change(0, kIndexedPoints);  // before the first round runs, after its view was taken
  Change(0, kIndexedPoints);
  Release();
  EXPECT_TRUE(created.get().ok());
  ExpectIndexed();
}

TEST_P(IndexBuildTest, ALargeOperationMeanwhileIsInTheIndex) {
  harness_.environment().batch_limits.points = 100;
  Open(GetParam() == ShardHarness::Medium::kMemory);
  Fill();
  Hold();
  auto created = Submit(IntegerIndex("n"));
  OverwritePayload overwrite;
  overwrite.points.filter = FieldIs("n", 3);
  overwrite.payload = Json(Json::Object{{"n", Json(int64_t{99})}});
  ASSERT_TRUE(Run(overwrite).ok());
  Release();
  EXPECT_TRUE(created.get().ok());
  ExpectIndexed();
  EXPECT_EQ(Count("n", 99), kIndexedPoints / 10);
}

TEST_P(IndexBuildTest, DroppingAnIndexEndsItsFilling) {
  Hold();
  auto created = Submit(IntegerIndex("n"));
  auto other = Submit(IntegerIndex("m"));
  ASSERT_TRUE(Run(DropIndex{Path("n")}).ok());
  EXPECT_TRUE(created.get().ok());
  Release();
  EXPECT_TRUE(other.get().ok());
  EXPECT_FALSE(Indexed("n").has_value());
  EXPECT_EQ(Indexed("m"), kIndexedPoints);
}

TEST_P(IndexBuildTest, AnotherIndexDroppedMeanwhileStaysDropped) {
  ASSERT_TRUE(Run(IntegerIndex("m")).ok());
  Hold();
  auto created = Submit(IntegerIndex("n"));
  ASSERT_TRUE(Run(DropIndex{Path("m")}).ok());
  EXPECT_FALSE(Indexed("m").has_value());
  Release();
  EXPECT_TRUE(created.get().ok());
  EXPECT_FALSE(Indexed("m").has_value());
  ExpectIndexed();
}

TEST_P(IndexBuildTest, AnIndexThatIsThereIsAnsweredAtOnceAndAnotherTypeReplacesIt) {
  ASSERT_TRUE(Run(IntegerIndex("n")).ok());
  Hold();
  EXPECT_TRUE(Run(IntegerIndex("n")).ok());
  auto replaced = Submit(CreateIndex{Path("n"), {FieldType::kKeyword, {}, true, true}});
  EXPECT_EQ(Indexed("n"), kIndexedPoints);
  Release();
  EXPECT_TRUE(replaced.get().ok());
  EXPECT_EQ(Indexed("n"), 0u);  // there are no strings
}

TEST_P(IndexBuildTest, WhoDoesNotWaitIsAnsweredWhenItIsDurable) {
  Hold();
  EXPECT_TRUE(Submit(IntegerIndex("n"), AnswerTime::kWhenDurable).get().ok());
  EXPECT_FALSE(Indexed("n").has_value());
  Release();
  ASSERT_TRUE(shard_->WaitForOptimizers(Deadline::After(std::chrono::seconds(60))).ok());
  ExpectIndexed();
}

TEST_P(IndexBuildTest, AnInterruptedIndexIsThereAfterARestart) {
  if (GetParam() == ShardHarness::Medium::kMemory) GTEST_SKIP();
  Hold();
  auto created = Submit(IntegerIndex("n"));
  Change(0, 30);  // the declaration is committed
  std::thread closing([&] { shard_.reset(); });
  Release();
  closing.join();
  (void)created.get();  // it may have been quick enough
  Open(false);
  ExpectIndexed();
}

// An integer index takes 5.0 for 5, an unindexed condition does not.
TEST_P(IndexBuildTest, ItsRulesHoldFromItsOperationOn) {
  Upsert upsert;
  upsert.points.push_back({PointId::Number(1), {{"", DenseVector(kIndexedDim, 1)}}, R"({"f":5.0})"});
  ASSERT_TRUE(Run(upsert).ok());
  EXPECT_EQ(Count("f", 5), 0u);
  Hold();
  auto created = Submit(IntegerIndex("f"));
  upsert.points.front().payload = R"({"f":6.0})";
  upsert.update_filter = FieldIs("f", 5);
  ASSERT_TRUE(Run(upsert).ok());  // the filter of an update too has the rules
  EXPECT_FALSE(Indexed("f").has_value());
  EXPECT_EQ(Count("f", 5), 0u);
  EXPECT_EQ(Count("f", 6), 1u);
  auto second = Submit(CreateIndex{Path("f"), {FieldType::kKeyword, {}, true, true}});
  ASSERT_TRUE(Run(DeletePoints{{{PointId::Number(2)}, std::nullopt}}).ok());
  EXPECT_EQ(Count("f", 6), 0u);  // of two that are to be filled, the later one counts
  Release();
  EXPECT_TRUE(created.get().ok());
  EXPECT_EQ(Count("f", 6), 0u);
  EXPECT_TRUE(second.get().ok());
  EXPECT_EQ(Count("f", 6), 0u);
  ASSERT_TRUE(Run(IntegerIndex("f")).ok());
  EXPECT_EQ(Count("f", 6), 1u);
}

INSTANTIATE_TEST_SUITE_P(Media, IndexBuildTest,
                         testing::Values(ShardHarness::Medium::kDisk, ShardHarness::Medium::kMemory),
                         [](const auto& medium) {
                           return medium.param == ShardHarness::Medium::kDisk ? "Disk" : "Memory";
                         });

}  // namespace
}  // namespace sextant::shard
