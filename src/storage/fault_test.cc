// Stores and files on a disk that fails, fills up or loses power.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "runtime/log.h"
#include "storage/block_file.h"
#include "storage/fault_testing.h"
#include "storage/file_system_testing.h"
#include "storage/key_codec.h"
#include "storage/store.h"

namespace sextant::storage {
namespace {

using ::testing::AnyOf;

constexpr Family kUsed[] = {Family::kMeta, Family::kPoints, Family::kVectors};
using State = std::map<std::pair<Family, std::string>, std::string>;

std::string NumberedKey(uint64_t number) {
  std::string key;
  AppendBigEndian64(number, &key);
  return key;
}

State Read(const Store& store) {
  State state;
  for (Family family : kUsed) {
    const auto it = store.Iterate(family);
    for (it->SeekToFirst(); it->Valid(); it->Next()) state[{family, std::string(it->key())}] = it->value();
    EXPECT_TRUE(it->status().ok()) << it->status();
  }
  return state;
}

// Makes seeded batches and knows the state that each leaves.
class Workload {
 public:
  explicit Workload(uint64_t seed) : random_(seed) {}

  WriteBatch Next(State* state) {
    WriteBatch batch;
    ++number_;
    const auto put = [&](Family family, const std::string& key, const std::string& value) {
      batch.Put(family, key, value);
      (*state)[{family, key}] = value;
    };
    put(Family::kMeta, "number", std::to_string(number_));
    put(Family::kPoints, NumberedKey(random_() % 20), std::to_string(number_));
    for (uint64_t i = random_() % 3; i > 0; --i) {
      put(Family::kVectors, NumberedKey(random_() % 30),
          std::string(100 + random_() % 9000, static_cast<char>(random_())));
    }
    if (random_() % 4 == 0) {
      const std::string begin = NumberedKey(random_() % 30), end = NumberedKey(random_() % 30);
      batch.DeleteRange(Family::kVectors, begin, end);
      if (begin < end)
        state->erase(state->lower_bound({Family::kVectors, begin}), state->lower_bound({Family::kVectors, end}));
    }
    return batch;
  }
  uint64_t Random() { return random_(); }

 private:
  std::mt19937_64 random_;
  uint64_t number_ = 0;
};

// A store on a simulated disk.
struct Machine {
  explicit Machine(const std::string& root)
      : disk(root), environment({.in_memory = false, .file_system = disk.store_file_system()}) {
    SetLogLevel(LogLevel::kOff);  // the failures are wanted
  }
  ~Machine() { SetLogLevel(LogLevel::kInfo); }
  Status Open(bool create = true) {
    store.reset();
    ASSIGN_OR_RETURN(store, Store::Open(&environment, disk.root() + "/store", create));
    return OkStatus();
  }

  SimulatedDisk disk;
  StoreEnvironment environment;
  std::unique_ptr<Store> store;
};

TEST(SimulatedDisk, KeepsWhatWasSyncedAndMayLoseTheRest) {
  const TemporaryDirectory root(TemporaryDirectory::kMemory);
  int lost = 0, kept = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SimulatedDisk disk(root / ("disk" + std::to_string(seed)));
    FileSystem* fs = disk.file_system();
    const auto path = [&](const std::string& name) { return disk.root() + "/" + name; };
    ASSERT_TRUE(fs->CreateDirs(path("d")).ok());
    auto file = fs->Create(path("d/file")).value();
    ASSERT_TRUE(file->Append(std::string(10000, 's')).ok());
    ASSERT_TRUE(file->Sync().ok());
    auto gone = fs->Create(path("d/gone")).value();
    ASSERT_TRUE(gone->Sync().ok());
    ASSERT_TRUE(fs->SyncDir(path("d")).ok());
    ASSERT_TRUE(file->Append(std::string(10000, 'u')).ok());
    ASSERT_TRUE(fs->Remove(path("d/gone")).ok());
    ASSERT_TRUE(fs->Rename(path("d/file"), path("d/renamed")).ok());

    const std::string after = root / ("after" + std::to_string(seed));
    disk.CutPower(seed, after);
    EXPECT_FALSE(file->Append("more").ok());
    EXPECT_FALSE(fs->Create(path("d/new")).ok());

    const auto real = MakePosixFileSystem();
    const bool renamed = real->Exists(after + "/d/renamed");
    EXPECT_NE(renamed, real->Exists(after + "/d/file")) << seed;
    const auto bytes = real->Read(after + (renamed ? "/d/renamed" : "/d/file"), Placement::kMapped).value();
    const std::string content(bytes->bytes().begin(), bytes->bytes().end());
    ASSERT_GE(content.size(), 10000u);
    EXPECT_EQ(content.substr(0, 10000), std::string(10000, 's'));
    ++(content.substr(10000) == std::string(10000, 'u') ? kept : lost);
  }
  EXPECT_GT(lost, 10);
  EXPECT_GT(kept, 0);
}

TEST(SimulatedDisk, FailsTheChosenOperationOnce) {
  const TemporaryDirectory root(TemporaryDirectory::kMemory);
  SimulatedDisk disk(root / "disk");
  FileSystem* fs = disk.file_system();
  disk.FailNth(DiskOperation::kWrite, 2, ENOSPC);
  auto file = fs->Create(disk.root() + "/file").value();
  EXPECT_TRUE(file->Append("one").ok());
  EXPECT_FALSE(disk.failed());
  EXPECT_EQ(ErrorClassOf(file->Append("four")), ErrorClass::kStorageFull);
  EXPECT_TRUE(disk.failed());
  EXPECT_TRUE(file->Append("three").ok());
  ASSERT_TRUE(file->Close().ok());
  EXPECT_EQ(fs->FileSize(disk.root() + "/file").value(), 10u);  // a half of "four"
  disk.FailNth(DiskOperation::kSync, 1, EIO);
  EXPECT_EQ(ErrorClassOf(fs->SyncDir(disk.root())), ErrorClass::kInternal);
  EXPECT_TRUE(fs->SyncDir(disk.root()).ok());
}

TEST(FaultyBlockFile, AFileThatWasFinishedSurvivesEveryCutAndNoOtherOpens) {
  const TemporaryDirectory root(TemporaryDirectory::kMemory);
  std::string content(200000, '\0');
  std::mt19937 random(1);
  for (char& c : content) c = static_cast<char>(random());
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SimulatedDisk disk(root / ("disk" + std::to_string(seed)));
    disk.PowerOffAtNth(1 + seed % 9);
    const auto write = [&]() -> Status {
      ASSIGN_OR_RETURN(auto writer, BlockFileWriter::Create(disk.file_system(), disk.root() + "/file", 1));
      for (size_t i = 0; i < content.size(); i += 50000) RETURN_IF_ERROR(writer.Append(content.substr(i, 50000)));
      RETURN_IF_ERROR(writer.Finish());
      return disk.file_system()->SyncDir(disk.root());
    };
    const bool finished = write().ok();
    const std::string after = root / ("after" + std::to_string(seed));
    disk.CutPower(seed, after);
    const auto real = MakePosixFileSystem();
    const auto opened = BlockFile::Open(real.get(), after + "/file", 1, Placement::kMapped);
    EXPECT_TRUE(opened.ok() || !finished) << "seed " << seed << ": " << opened.status();
    if (opened.ok()) {
      EXPECT_TRUE(std::equal(content.begin(), content.end(), (*opened)->content().begin(), (*opened)->content().end(),
                             [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; }));
    }
  }
}

TEST(FaultyStore, CommitsFailCleanlyOnAFullDiskAndSucceedAgainWithoutReopening) {
  const TemporaryDirectory root(TemporaryDirectory::kMemory);
  Machine machine(root / "disk");
  ASSERT_TRUE(machine.Open().ok());
  Workload workload(1);
  State state;
  for (int round = 0; round < 20; ++round) {
    // In the first round nothing was ever written: there is nothing to flush.
    for (int i = 0; i < 5 * round; ++i) ASSERT_TRUE(machine.store->Commit(workload.Next(&state), i % 2 == 0).ok());
    if (round % 4 == 3) {
      ASSERT_TRUE(machine.store->Flush().ok());
    }
    machine.disk.SetFull(true);
    for (int i = 0; i < 3; ++i) {
      State attempted = state;
      const Status status = machine.store->Commit(workload.Next(&attempted), true);
      EXPECT_EQ(ErrorClassOf(status), ErrorClass::kStorageFull) << status;
      EXPECT_EQ(Read(*machine.store), state);
    }
    if (round % 5 == 4) {
      EXPECT_FALSE(machine.store->Flush().ok());
    }
    machine.disk.SetFull(false);
    const Status status = machine.store->Commit(workload.Next(&state), true);
    ASSERT_TRUE(status.ok()) << round << ": " << status;
    EXPECT_EQ(Read(*machine.store), state);
    if (round % 3 == 2) {
      ASSERT_TRUE(machine.Open().ok());
      EXPECT_EQ(Read(*machine.store), state);
    }
  }
}

TEST(FaultyStore, SnapshotsAndIteratorsOutliveTheRecovery) {
  const TemporaryDirectory root(TemporaryDirectory::kMemory);
  Machine machine(root / "disk");
  ASSERT_TRUE(machine.Open().ok());
  Workload workload(3);
  State state;
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(machine.store->Commit(workload.Next(&state), true).ok());
  ASSERT_TRUE(machine.store->Flush().ok());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(machine.store->Commit(workload.Next(&state), true).ok());
  const State before = state;
  const auto snapshot = machine.store->Snapshot();
  const auto iterator = machine.store->Iterate(Family::kPoints, snapshot.get());
  for (int failure = 0; failure < 3; ++failure) {
    machine.disk.FailNth(failure == 1 ? DiskOperation::kWrite : DiskOperation::kSync, 1, EIO);
    State refused = state;
    EXPECT_FALSE(machine.store->Commit(workload.Next(&refused), true).ok());
    ASSERT_TRUE(machine.store->Commit(workload.Next(&state), true).ok());
    EXPECT_EQ(Read(*machine.store), state);
    ASSERT_TRUE(machine.store->Flush().ok());  // rewrites files that the snapshot reads
  }
  for (const auto& [key, value] : before)
    EXPECT_EQ(machine.store->Get(key.first, key.second, snapshot.get()).value(), value);
  size_t points = 0;
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next(), ++points)
    EXPECT_EQ(before.at({Family::kPoints, std::string(iterator->key())}), iterator->value());
  EXPECT_TRUE(iterator->status().ok()) << iterator->status();
  EXPECT_GT(points, 10u);
}

struct Fault {
  DiskOperation operation;
  int error;
  uint64_t nth;
  std::string ToString() const {
    return "operation " + std::to_string(static_cast<int>(operation)) + " errno " + std::to_string(error) + " no. " +
           std::to_string(nth);
  }
};

// Endings: 0 closes and opens again after more commits, 1 right after the failure, 2 cuts the power after more commits.
// Runs a workload in which one operation fails, and checks that state and disk are what was acknowledged. Returns false
// once the workload is too short to reach the fault.
bool RunWithFault(const Fault& fault, const std::string& root, int ending) {
  SCOPED_TRACE(fault.ToString() + " ending " + std::to_string(ending));
  Machine machine(root + "/disk");
  EXPECT_TRUE(machine.Open().ok());
  Workload workload(7);
  State state;
  machine.disk.FailNth(fault.operation, fault.nth, fault.error);
  for (int i = 0; i < 12; ++i) {
    State attempted = state;
    const Status status = machine.store->Commit(workload.Next(&attempted), i % 3 != 0);
    if (status.ok()) state = attempted;
    if (!status.ok()) {
      EXPECT_THAT(ErrorClassOf(status), AnyOf(ErrorClass::kStorageFull, ErrorClass::kInternal)) << status;
    }
    EXPECT_EQ(Read(*machine.store), state);
    if (!status.ok() && ending == 1) break;  // nothing more is written before the end
    if (i == 3 || i == 8) machine.store->Flush().IgnoreError();
  }
  const bool reached = machine.disk.failed();
  if (ending != 1) {
    State attempted = state;
    const Status status = machine.store->Commit(workload.Next(&attempted), true);
    EXPECT_TRUE(status.ok() || !reached) << status;
    if (status.ok()) state = attempted;
  }
  std::string place = machine.disk.root();
  if (ending == 2) {
    place = root + "/after";
    machine.disk.CutPower(fault.nth, place);
  }
  machine.store.reset();
  Machine after(place);
  const Status status = after.Open(false);
  EXPECT_TRUE(status.ok() && Read(*after.store) == state) << status;
  return reached;
}

TEST(FaultyStore, AnyOperationMayFailOnceAndTheStateIsAsLastAcknowledged) {
  for (const DiskOperation operation : {DiskOperation::kCreate, DiskOperation::kWrite, DiskOperation::kSync,
                                        DiskOperation::kRename, DiskOperation::kRemove}) {
    uint64_t reached = 0;
    for (const int error : {EIO, ENOSPC}) {
      for (uint64_t nth = 1;; ++nth, ++reached) {
        const TemporaryDirectory root(TemporaryDirectory::kMemory);
        const int ending = static_cast<int>((nth + (error == EIO ? 0 : 1)) % 3);
        if (!RunWithFault({operation, error, nth}, root.path(), ending)) break;
        if (::testing::Test::HasFailure()) return;
      }
    }
    if (operation != DiskOperation::kRename) {
      EXPECT_GT(reached, 6u);
    }
  }
}

TEST(FaultyStore, OpeningThatFailsCanBeRepeated) {
  for (const DiskOperation operation :
       {DiskOperation::kCreate, DiskOperation::kWrite, DiskOperation::kSync, DiskOperation::kRename}) {
    for (uint64_t nth = 1;; ++nth) {
      SCOPED_TRACE(std::to_string(static_cast<int>(operation)) + " no. " + std::to_string(nth));
      const TemporaryDirectory root(TemporaryDirectory::kMemory);
      Machine machine(root / "disk");
      machine.disk.FailNth(operation, nth, nth % 2 == 0 ? EIO : ENOSPC);
      machine.Open().IgnoreError();  // some failures are harmless
      if (!machine.disk.failed()) break;
      const Status status = machine.Open();
      ASSERT_TRUE(status.ok()) << status;
      Workload workload(nth);
      State state;
      ASSERT_TRUE(machine.store->Commit(workload.Next(&state), true).ok());
      ASSERT_TRUE(machine.Open(false).ok());
      EXPECT_EQ(Read(*machine.store), state);
    }
  }
}

// What may be found after a cut: the state after any commit from the last one known to be synced on.
struct History {
  std::vector<State> states = {State()};
  size_t synced = 0;
};

void RunUntilPowerCut(Machine* machine, Workload* workload, History* history) {
  for (int i = 0; i < 40; ++i) {
    State next = history->states.back();
    WriteBatch batch = workload->Next(&next);
    const bool sync = workload->Random() % 3 != 0;
    const bool ok = machine->store->Commit(std::move(batch), sync).ok();
    // The power may have gone off behind the sync: a commit that failed then may be found or not.
    history->states.push_back(std::move(next));
    if (!ok) return;
    if (sync) history->synced = history->states.size() - 1;
    if (workload->Random() % 8 == 0 && !machine->store->Flush().ok()) return;
  }
}

TEST(FaultyStore, PowerCutsLoseNothingAcknowledgedAndTheStoreOpensByItself) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const TemporaryDirectory root(TemporaryDirectory::kMemory);
    Workload workload(seed);
    History history;
    std::string place = root / "disk0";
    for (int cut = 1; cut <= 2; ++cut) {
      Machine machine(place);
      if (workload.Random() % 4 != 0) machine.disk.PowerOffAtNth(1 + workload.Random() % 250);
      if (machine.Open().ok()) {
        const State found = Read(*machine.store);
        size_t match = history.synced;
        while (match < history.states.size() && history.states[match] != found) ++match;
        ASSERT_LT(match, history.states.size()) << "cut " << cut << ": not a state since the last sync";
        history.states = {found};
        history.synced = 0;
        RunUntilPowerCut(&machine, &workload, &history);
      }
      place = root / ("disk" + std::to_string(cut));
      machine.disk.CutPower(workload.Random(), place);
    }
    Machine last(place);
    const Status status = last.Open();
    ASSERT_TRUE(status.ok()) << status;
    const State found = Read(*last.store);
    ASSERT_NE(std::find(history.states.begin() + static_cast<long>(history.synced), history.states.end(), found),
              history.states.end());
  }
}

}  // namespace
}  // namespace sextant::storage
