// A shard on a simulated disk: power cuts at every kind of moment, and every disk operation failing once.

#include <cerrno>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "gtest/gtest.h"
#include "search/reader.h"
#include "shard/shard_testing.h"
#include "storage/file_system_testing.h"

namespace sextant::shard {
namespace {

using storage::TemporaryDirectory;

constexpr uint32_t kDim = 8;
constexpr uint64_t kIds = 60;
constexpr uint64_t kSealRows = 32;  // the smallest threshold: 1 KiB

// The points as acknowledged: id → the number that both the vector and the payload carry.
using Model = std::map<uint64_t, int64_t>;

std::vector<float> VectorOf(int64_t number) {
  std::mt19937_64 random(static_cast<uint64_t>(number));
  std::vector<float> v(kDim);
  for (float& x : v) x = static_cast<float>(random() % 1000);
  return v;
}

// One random operation, and what the points are after it.
Operation RandomOperation(std::mt19937_64& random, int64_t number, Model* model) {
  if (random() % 4 == 0) {
    DeletePoints erase;
    for (int i = 0; i < 3; ++i) erase.points.ids.push_back(PointId::Number(random() % kIds));
    for (const PointId& id : erase.points.ids) model->erase(id.number());
    return erase;
  }
  Upsert upsert;
  for (int i = 0; i < 8; ++i) {
    PointInput point;
    point.id = PointId::Number(random() % kIds);
    point.vectors.push_back({"", VectorOf(number)});
    point.payload = "{\"n\":" + std::to_string(number) + "}";
    (*model)[point.id.number()] = number;
    upsert.points.push_back(std::move(point));
  }
  return upsert;
}

// What the shard holds; fails the test where vector, payload, index and search do not agree with one another.
Model Contents(const Shard& shard) {
  Model contents;
  const auto view = shard.view();
  search::ScrollRequest scroll;
  scroll.limit = 10 * kIds;
  const auto page = search::Scroll(*view, scroll);
  EXPECT_TRUE(page.ok()) << page.status();
  if (!page.ok()) return contents;
  for (size_t i = 0; i < page->ids.size(); ++i) {
    PayloadSelector all;
    all.kind = PayloadSelector::Kind::kAll;
    const auto record = search::FetchRecord(*view, page->ordinals[i], page->ids[i], all, {});
    EXPECT_TRUE(record.ok()) << record.status();
    const int64_t number = Json::Parse(*record->payload).value().Find("n")->as_int();
    const auto vector = search::FetchVector(*view, page->ordinals[i], page->ids[i], "");
    EXPECT_TRUE(vector.ok()) << vector.status();
    EXPECT_EQ(*vector, VectorValue(VectorOf(number)));
    contents[page->ids[i].number()] = number;
  }
  search::VectorQuery query;
  query.vector = VectorOf(1);
  query.limit = 10 * kIds;
  const auto hits = search::SearchVectors(*view, query, nullptr);
  EXPECT_TRUE(hits.ok()) << hits.status();
  if (hits.ok()) {
    std::set<uint64_t> ids;
    for (const auto& hit : *hits) ids.insert(hit.id.number());
    EXPECT_EQ(ids.size(), contents.size());
    EXPECT_EQ(hits->size(), contents.size());
  }
  return contents;
}

struct Outcome {
  bool created = false;
  Model acknowledged;
  std::optional<Model> in_doubt;  // after the operation that was under way when the power went off
};

// Writes until the power goes off (or `operations` are done), with seals and merges in between.
Outcome WriteUntilPowerOff(storage::SimulatedDisk* disk, uint64_t seed, int operations) {
  std::mt19937_64 random(seed);
  Outcome outcome;
  ShardHarness harness(disk);
  auto shard = Shard::Open(harness.environment(), harness.directory(), SmallConfig(kDim, Distance::kEuclid, kSealRows),
                           /*create=*/true);
  if (!shard.ok()) return outcome;
  outcome.created = true;
  for (int64_t number = 1; number <= operations; ++number) {
    Model next = outcome.acknowledged;
    const Operation operation = RandomOperation(random, number, &next);
    if (!ShardHarness::Run(**shard, operation).ok()) {
      outcome.in_doubt = std::move(next);
      break;
    }
    outcome.acknowledged = std::move(next);
    // Now and then everything is sealed and merged before the writing goes on, so that cuts fall there too.
    if (random() % 8 == 0) (void)(*shard)->WaitForOptimizers(Deadline::After(std::chrono::milliseconds(200)));
  }
  return outcome;
}

// Operations on the disk of one undisturbed run, so that cuts are spread over all of it.
uint64_t DiskOperationsOfOneRun(int operations) {
  TemporaryDirectory temporary;
  storage::SimulatedDisk disk(temporary / "disk");
  WriteUntilPowerOff(&disk, 1, operations);
  return disk.count();
}

TEST(PowerCut, LosesNothingAcknowledgedAndTheShardOpensAgain) {
  constexpr int kCuts = 125;
  constexpr int kOperations = 60;
  const uint64_t disk_operations = DiskOperationsOfOneRun(kOperations);
  int reopened = 0;
  for (uint64_t seed = 1; seed <= kCuts; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TemporaryDirectory temporary;
    storage::SimulatedDisk disk(temporary / "disk");
    disk.PowerOffAtNth(1 + std::mt19937_64(seed)() % disk_operations);
    const Outcome outcome = WriteUntilPowerOff(&disk, seed, kOperations);
    disk.CutPower(seed, temporary / "after");
    if (!outcome.created) continue;
    ShardHarness harness(temporary / "after");
    auto shard = Shard::Open(harness.environment(), harness.directory(),
                             SmallConfig(kDim, Distance::kEuclid, kSealRows), /*create=*/false);
    ASSERT_TRUE(shard.ok()) << shard.status();
    const Model found = Contents(**shard);
    if (found != outcome.acknowledged) {
      ASSERT_TRUE(outcome.in_doubt.has_value());
      ASSERT_EQ(found, *outcome.in_doubt);
    }
    ++reopened;
  }
  EXPECT_GE(reopened, 100);
}

// The shard on a healthy disk holds the model's points and takes another operation.
void ExpectToGoOn(const std::string& root, Model model) {
  ShardHarness harness(root);
  auto shard = Shard::Open(harness.environment(), harness.directory(), SmallConfig(kDim, Distance::kEuclid, kSealRows),
                           /*create=*/false);
  ASSERT_TRUE(shard.ok()) << shard.status();
  EXPECT_EQ(Contents(**shard), model);
  std::mt19937_64 random(1);
  ASSERT_TRUE(ShardHarness::Run(**shard, RandomOperation(random, /*number=*/1000, &model)).ok());
  EXPECT_EQ(Contents(**shard), model);
}

// Every n-th operation of a kind fails once: what meets it, an operation or the opening after them, gets a clear error
// and changes nothing, all others succeed, and the shard holds exactly what was acknowledged, before and after it is
// opened again; then it takes writes.
void FailEachOnce(storage::DiskOperation kind, int error) {
  constexpr int kOperations = 30;
  const ErrorClass expected = error == ENOSPC ? ErrorClass::kStorageFull : ErrorClass::kInternal;
  uint64_t reached = 0;
  for (uint64_t n = 1;; n = n < 40 ? n + 1 : n + n / 8) {
    SCOPED_TRACE("failing operation " + std::to_string(n) + " of kind " + std::to_string(static_cast<int>(kind)) +
                 " with errno " + std::to_string(error));
    TemporaryDirectory temporary;
    storage::SimulatedDisk disk(temporary / "disk");
    Model acknowledged;
    bool failed = false;
    {
      ShardHarness harness(&disk);
      auto shard = Shard::Open(harness.environment(), harness.directory(),
                               SmallConfig(kDim, Distance::kEuclid, kSealRows), /*create=*/true);
      ASSERT_TRUE(shard.ok()) << shard.status();
      disk.FailNth(kind, n, error);
      std::mt19937_64 random(n);
      int errors = 0;
      for (int64_t number = 1; number <= kOperations; ++number) {
        Model next = acknowledged;
        const auto outcome = ShardHarness::Run(**shard, RandomOperation(random, number, &next));
        if (outcome.ok()) {
          acknowledged = std::move(next);
          continue;
        }
        EXPECT_FALSE(outcome.status().message().empty());
        ++errors;
        EXPECT_EQ(ErrorClassOf(outcome.status()), expected) << outcome.status();
        EXPECT_EQ(Contents(**shard), acknowledged);
      }
      EXPECT_LE(errors, 1);
      (void)(*shard)->WaitForOptimizers(Deadline::After(std::chrono::milliseconds(100)));
      EXPECT_EQ(Contents(**shard), acknowledged);
      const bool failed_before = disk.failed();
      shard = Unavailable("closed");
      const auto reopen = [&] {
        return Shard::Open(harness.environment(), harness.directory(), SmallConfig(kDim, Distance::kEuclid, kSealRows),
                           /*create=*/false);
      };
      shard = reopen();
      failed = disk.failed();
      if (!shard.ok()) {
        EXPECT_TRUE(failed && !failed_before) << shard.status();
        EXPECT_EQ(ErrorClassOf(shard.status()), expected) << shard.status();
        shard = reopen();
      }
      ASSERT_TRUE(shard.ok()) << shard.status();
      EXPECT_EQ(Contents(**shard), acknowledged);
    }
    reached += failed ? 1 : 0;
    ExpectToGoOn(temporary / "disk", acknowledged);
    if (!failed) break;
  }
  EXPECT_GT(reached, 0u);
}

using Fault = std::tuple<storage::DiskOperation, int>;
class DiskFaultSweep : public ::testing::TestWithParam<Fault> {};

TEST_P(DiskFaultSweep, EachOperationOfAKindMayFailOnce) {
  FailEachOnce(std::get<0>(GetParam()), std::get<1>(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, DiskFaultSweep,
    ::testing::Combine(::testing::Values(storage::DiskOperation::kCreate, storage::DiskOperation::kWrite,
                                         storage::DiskOperation::kSync, storage::DiskOperation::kRename),
                       ::testing::Values(EIO, ENOSPC)));

TEST(DiskFault, WritesResumeByThemselvesAfterAFullDisk) {
  TemporaryDirectory temporary;
  storage::SimulatedDisk disk(temporary / "disk");
  ShardHarness harness(&disk);
  auto shard = Shard::Open(harness.environment(), harness.directory(), SmallConfig(kDim, Distance::kEuclid, kSealRows),
                           /*create=*/true);
  ASSERT_TRUE(shard.ok()) << shard.status();
  std::mt19937_64 random(5);
  Model model;
  int64_t number = 1;
  for (int cycle = 0; cycle < 5; ++cycle) {
    for (int i = 0; i < 10; ++i)
      ASSERT_TRUE(ShardHarness::Run(**shard, RandomOperation(random, number++, &model)).ok());
    disk.SetFull(true);
    for (int i = 0; i < 3; ++i) {
      Model refused = model;
      const auto outcome = ShardHarness::Run(**shard, RandomOperation(random, number++, &refused));
      if (outcome.ok())
        model = std::move(refused);  // a log file with room left may still take it
      else
        EXPECT_EQ(ErrorClassOf(outcome.status()), ErrorClass::kStorageFull) << outcome.status();
      EXPECT_EQ(Contents(**shard), model);
    }
    disk.SetFull(false);
    Model next = model;
    ASSERT_TRUE(ShardHarness::Run(**shard, RandomOperation(random, number++, &next)).ok());
    model = std::move(next);
    EXPECT_EQ(Contents(**shard), model);
  }
}

}  // namespace
}  // namespace sextant::shard
