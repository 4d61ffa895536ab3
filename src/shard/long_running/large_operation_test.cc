// Operations that are committed in parts: they happen whole or not at all, whatever interrupts them, and readers see
// all of one or nothing.

#include "shard/long_running/large_operation.h"

#include <atomic>
#include <cerrno>
#include <future>
#include <map>
#include <thread>

#include "gtest/gtest.h"
#include "search/reader.h"
#include "shard/shard_testing.h"
#include "storage/file_system_testing.h"

namespace sextant::shard {
namespace {

using storage::TemporaryDirectory;

constexpr uint32_t kLargeDim = 8;
constexpr uint64_t kLargePoints = 26;

CollectionConfig Config() {
  return SmallConfig(kLargeDim, Distance::kEuclid, 100000);
}

std::string Payload(int64_t n) {
  return "{\"n\":" + std::to_string(n) + "}";
}

// Point → payload and whether it has its vector.
using LargeModel = std::map<uint64_t, std::pair<std::string, bool>>;

LargeModel AllWith(const std::string& payload, bool vector) {
  LargeModel model;
  for (uint64_t id = 0; id < kLargePoints; ++id) model[id] = {payload, vector};
  return model;
}

Upsert UpsertAll() {
  Upsert upsert;
  for (uint64_t id = 0; id < kLargePoints; ++id)
    upsert.points.push_back({PointId::Number(id), {{"", DenseVector(kLargeDim, static_cast<float>(id))}}, Payload(1)});
  return upsert;
}

LargeModel Contents(const search::View& view) {
  LargeModel contents;
  search::ScrollRequest scroll;
  scroll.limit = 10 * kLargePoints;
  const auto page = search::Scroll(view, scroll).value();
  size_t vectors = 0;
  for (size_t i = 0; i < page.ids.size(); ++i) {
    PayloadSelector payload;
    payload.kind = PayloadSelector::Kind::kAll;
    VectorSelector all;
    all.kind = VectorSelector::Kind::kAll;
    const auto record = search::FetchRecord(view, page.ordinals[i], page.ids[i], payload, all);
    EXPECT_TRUE(record.ok()) << record.status();
    if (!record.ok()) return contents;
    contents[page.ids[i].number()] = {*record->payload, !record->vectors->empty()};
    vectors += record->vectors->size();
  }
  search::VectorQuery query;
  query.vector = DenseVector(kLargeDim, 1);
  query.limit = 10 * kLargePoints;
  const auto hits = search::SearchVectors(view, query, nullptr).value();
  EXPECT_EQ(hits.size(), vectors);
  return contents;
}

// What is done to all points at once, and what they are afterwards.
struct Step {
  Operation operation;
  LargeModel after;
};
std::vector<Step> Steps() {
  PointSelection all;
  all.filter = Filter();
  PointSelection ids;
  for (uint64_t id = 0; id < kLargePoints; ++id) ids.ids.push_back(PointId::Number(id));
  return {{OverwritePayload{all, Json::Parse(Payload(2)).value()}, AllWith(Payload(2), true)},
          {SetPayload{ids, Json::Parse("{\"k\":3}").value(), std::nullopt}, AllWith("{\"n\":1,\"k\":3}", true)},
          {DeletePoints{all}, LargeModel()},
          {DeleteVectors{all, {""}}, AllWith(Payload(1), false)}};
}

// A shard that takes four points a part.
class SmallParts {
 public:
  template <typename Disk>
  explicit SmallParts(Disk&& disk) : harness_(std::forward<Disk>(disk)) {
    harness_.environment().batch_limits.points = 4;
  }

  // Before the shard is opened.
  void LimitBytes(size_t bytes) { harness_.environment().batch_limits.bytes = bytes; }

  Status Open(bool create) {
    shard_.reset();
    auto shard = Shard::Open(harness_.environment(), harness_.directory(), Config(), create);
    if (shard.ok()) shard_ = std::move(*shard);
    return shard.status();
  }
  void Create() {
    ASSERT_TRUE(Open(true).ok());
    ASSERT_TRUE(ShardHarness::Run(*shard_, UpsertAll()).ok());
  }
  void Close() { shard_.reset(); }
  LargeModel Now() const { return Contents(*shard_->view()); }
  Shard& shard() { return *shard_; }

  // Runs the large operation and a small one after it, which changes nothing. The answer to the large one if there is
  // one by then; the shard may still be at it when the small one was refused.
  std::future<Status> RunBoth(Operation large, Status* small) {
    auto answer = std::make_shared<std::promise<Status>>();
    shard_->Submit(std::move(large), [answer](const Result<WriteOutcome>& o) { answer->set_value(o.status()); });
    DeletePoints nothing;
    nothing.points.ids = {PointId::Number(kLargePoints + 1)};
    *small = ShardHarness::Run(*shard_, nothing).status();
    return answer->get_future();
  }

 private:
  ShardHarness harness_;
  std::unique_ptr<Shard> shard_;
};

TEST(LargeOperation, ChangesAllSelectedPointsUnderOneNumber) {
  for (const Step& step : Steps()) {
    SmallParts parts(ShardHarness::Medium::kDisk);
    parts.Create();
    auto before = parts.shard().view();
    const auto outcome = ShardHarness::Run(parts.shard(), step.operation);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_EQ(outcome->operation_number, 2u);
    EXPECT_EQ(parts.shard().view()->version, 2u);
    EXPECT_EQ(parts.Now(), step.after);
    EXPECT_EQ(Contents(*before), AllWith(Payload(1), true));
    before.reset();  // it keeps the store open
    ASSERT_TRUE(parts.Open(false).ok());
    EXPECT_EQ(parts.Now(), step.after);
    EXPECT_EQ(parts.shard().view()->version, 2u);
    ASSERT_TRUE(ShardHarness::Run(parts.shard(), UpsertAll()).ok());
    EXPECT_EQ(parts.Now(), AllWith(Payload(1), true));
  }
}

TEST(LargeOperation, AMissingPointIsAnErrorAndNothingHappens) {
  SmallParts parts(ShardHarness::Medium::kMemory);
  parts.Create();
  SetPayload set;
  for (uint64_t id = 0; id <= kLargePoints; ++id) set.points.ids.push_back(PointId::Number(id));
  set.payload = Json::Parse("{\"k\":3}").value();
  EXPECT_EQ(ErrorClassOf(ShardHarness::Run(parts.shard(), set).status()), ErrorClass::kNotFound);
  EXPECT_EQ(parts.Now(), AllWith(Payload(1), true));
  DeletePoints absent;  // of which nothing is there
  for (uint64_t id = 0; id < kLargePoints; ++id) absent.points.ids.push_back(PointId::Number(1000 + id));
  EXPECT_TRUE(ShardHarness::Run(parts.shard(), absent).ok());
  EXPECT_EQ(parts.Now(), AllWith(Payload(1), true));
}

TEST(LargeOperation, PartsAreCutByTheirBytesToo) {
  SmallParts parts(ShardHarness::Medium::kMemory);
  parts.LimitBytes(1000);
  parts.Create();
  OverwritePayload overwrite;
  overwrite.points.filter = Filter();
  overwrite.payload = Json(Json::Object{{"t", Json(std::string(2000, 'x'))}});  // each is a batch of its own
  ASSERT_TRUE(ShardHarness::Run(parts.shard(), overwrite).ok());
  EXPECT_EQ(parts.Now(), AllWith(overwrite.payload.Dump(), true));
}

TEST(LargeOperation, ReadersSeeAllOfItOrNothing) {
  SmallParts parts(ShardHarness::Medium::kMemory);
  parts.Create();
  std::atomic<bool> stop{false};
  std::atomic<int> reads{0};
  std::thread reader([&] {
    while (!stop.load()) {
      const LargeModel seen = Contents(*parts.shard().view());
      EXPECT_EQ(seen.size(), kLargePoints);
      for (const auto& [id, point] : seen) EXPECT_EQ(point, seen.begin()->second);
      ++reads;
    }
  });
  for (int64_t n = 2; n < 30 || reads.load() < 30; ++n) {
    OverwritePayload overwrite;
    overwrite.points.filter = Filter();
    overwrite.payload = Json(Json::Object{{"n", Json(n)}});
    ASSERT_TRUE(ShardHarness::Run(parts.shard(), overwrite).ok());
  }
  stop = true;
  reader.join();
}

TEST(LargeOperation, APowerCutAtAnyMomentLeavesAllOfItOrNothing) {
  const LargeModel before = AllWith(Payload(1), true);
  int finished_at_start = 0;
  uint64_t first = 1;  // each step meets another third of the moments
  for (const Step& step : Steps()) {
    for (uint64_t n = first++;; n += 3) {
      SCOPED_TRACE("power off at disk operation " + std::to_string(n));
      TemporaryDirectory temporary;
      storage::SimulatedDisk disk(temporary / "disk");
      Status small;
      Status large;
      {
        SmallParts parts(&disk);
        parts.Create();
        disk.PowerOffAtNth(n);
        std::future<Status> answer = parts.RunBoth(step.operation, &small);
        if (!Ready(answer)) {
          EXPECT_EQ(parts.Now(), before);
        }
        parts.Close();
        large = answer.get();
      }
      disk.CutPower(n, temporary / "after");
      SmallParts parts(temporary / "after");
      ASSERT_TRUE(parts.Open(false).ok());
      const LargeModel found = parts.Now();
      if (large.ok() || found != before) {
        EXPECT_EQ(found, step.after);
      }
      if (!large.ok() && found != before) ++finished_at_start;
      ASSERT_TRUE(ShardHarness::Run(parts.shard(), UpsertAll()).ok());
      EXPECT_EQ(parts.Now(), before);
      if (small.ok()) break;
    }
  }
  EXPECT_GT(finished_at_start, 10);
}

void FailEachOnceInParts(storage::DiskOperation kind, int error) {
  const LargeModel before = AllWith(Payload(1), true);
  for (const Step& step : Steps()) {
    for (uint64_t n = 1;; ++n) {
      SCOPED_TRACE("failing operation " + std::to_string(n) + " with errno " + std::to_string(error));
      TemporaryDirectory temporary;
      storage::SimulatedDisk disk(temporary / "disk");
      SmallParts parts(&disk);
      parts.Create();
      disk.FailNth(kind, n, error);
      Status small;
      std::future<Status> answer = parts.RunBoth(step.operation, &small);
      if (!small.ok()) {  // by now the disk works again
        const LargeModel seen = parts.Now();
        EXPECT_TRUE(seen == before || seen == step.after);
        (void)parts.RunBoth(ClearPayload{}, &small);
      }
      EXPECT_TRUE(small.ok()) << small;
      ASSERT_TRUE(Ready(answer));
      const Status large = answer.get();
      const LargeModel now = parts.Now();
      EXPECT_EQ(now, large.ok() ? step.after : before) << large;
      if (!disk.failed()) break;
      ASSERT_TRUE(parts.Open(false).ok());
      EXPECT_EQ(parts.Now(), now);
    }
  }
}

TEST(LargeOperation, AWriteThatFailsOnceIsMadeUpForOrRefused) {
  FailEachOnceInParts(storage::DiskOperation::kWrite, EIO);
  FailEachOnceInParts(storage::DiskOperation::kWrite, ENOSPC);
}
TEST(LargeOperation, ASyncThatFailsOnceIsMadeUpForOrRefused) {
  FailEachOnceInParts(storage::DiskOperation::kSync, EIO);
}

TEST(LargeOperation, IsFinishedByItselfOnceAFullDiskHasRoom) {
  TemporaryDirectory temporary;
  storage::SimulatedDisk disk(temporary / "disk");
  SmallParts parts(&disk);
  parts.Create();
  disk.FailNth(storage::DiskOperation::kSync, 4, EIO);  // after the intent
  Status small;
  auto answer = std::make_shared<std::promise<Status>>();
  const Step step = Steps()[0];
  parts.shard().Submit(step.operation, [answer](const Result<WriteOutcome>& o) { answer->set_value(o.status()); });
  std::future<Status> answered = answer->get_future();
  EXPECT_TRUE(answered.get().ok());  // nobody writes: a timer goes on with it
  EXPECT_EQ(parts.Now(), step.after);
  EXPECT_TRUE(disk.failed());
}

TEST(LargeOperation, IsAcknowledgedWhenItIsDurableIfSoAsked) {
  TemporaryDirectory temporary;
  storage::SimulatedDisk disk(temporary / "disk");
  const Step step = Steps()[0];
  {
    SmallParts parts(&disk);
    parts.Create();
    disk.FailNth(storage::DiskOperation::kSync, 4, EIO);
    auto answer = std::make_shared<std::promise<Status>>();
    parts.shard().Submit(
        step.operation, [answer](const Result<WriteOutcome>& o) { answer->set_value(o.status()); },
        AnswerTime::kWhenDurable);
    EXPECT_TRUE(answer->get_future().get().ok());
    parts.Close();
  }
  SmallParts parts(temporary / "disk");
  ASSERT_TRUE(parts.Open(false).ok());
  EXPECT_EQ(parts.Now(), step.after);
}

}  // namespace
}  // namespace sextant::shard
