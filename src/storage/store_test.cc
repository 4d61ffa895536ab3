#include "storage/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "storage/file_system_testing.h"
#include "storage/key_codec.h"

namespace sextant::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

using Entries = std::vector<std::pair<std::string, std::string>>;

Entries ReadAll(const Store& store, Family family, const StoreSnapshot* snapshot = nullptr) {
  Entries content;
  const auto it = store.Iterate(family, snapshot);
  for (it->SeekToFirst(); it->Valid(); it->Next()) content.emplace_back(it->key(), it->value());
  EXPECT_TRUE(it->status().ok()) << it->status();
  return content;
}

std::string Key(uint64_t number) {
  std::string key;
  AppendBigEndian64(number, &key);
  return key;
}

struct OnDisk {
  static constexpr bool kInMemory = false;
};
struct InMemory {
  static constexpr bool kInMemory = true;
};

// What every store promises.
template <typename Kind>
class StoreContract : public ::testing::Test {
 protected:
  StoreContract() { Reopen(); }

  void Reopen() {
    store_.reset();
    auto opened = Store::Open(&environment_, root_ / "store", true);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = std::move(*opened);
  }
  void Put(Family family, const std::string& key, const std::string& value) {
    WriteBatch batch;
    batch.Put(family, key, value);
    const Status status = store_->Commit(std::move(batch), true);
    ASSERT_TRUE(status.ok()) << status;
  }

  TemporaryDirectory root_{TemporaryDirectory::kMemory};
  StoreEnvironment environment_{{.in_memory = Kind::kInMemory}};
  std::unique_ptr<Store> store_;
};

using Stores = ::testing::Types<OnDisk, InMemory>;
TYPED_TEST_SUITE(StoreContract, Stores);

TYPED_TEST(StoreContract, FamiliesAreSeparateAndHoldWhatWasPut) {
  for (int f = 0; f < kFamilies; ++f) this->Put(static_cast<Family>(f), "key", "value " + std::to_string(f));
  for (int f = 0; f < kFamilies; ++f) {
    EXPECT_EQ(this->store_->Get(static_cast<Family>(f), "key").value(), "value " + std::to_string(f));
    EXPECT_EQ(this->store_->Get(static_cast<Family>(f), "other").value(), std::nullopt);
  }
}

TYPED_TEST(StoreContract, BatchAppliesInOrderLaterEntriesWin) {
  this->Put(Family::kIds, "b", "old");
  WriteBatch batch;
  EXPECT_TRUE(batch.empty());
  batch.Put(Family::kIds, "a", "1");
  batch.Put(Family::kIds, "a", "2");
  batch.Put(Family::kIds, "c", "3");
  batch.DeleteRange(Family::kIds, "a", "c");
  batch.Put(Family::kIds, "b", "new");
  batch.Put(Family::kPoints, "x", "1");
  batch.Delete(Family::kPoints, "x");
  batch.DeleteRange(Family::kPoints, "z", "a");  // an empty range
  EXPECT_FALSE(batch.empty());
  EXPECT_GT(batch.bytes(), 0u);
  ASSERT_TRUE(this->store_->Commit(std::move(batch), true).ok());
  EXPECT_THAT(ReadAll(*this->store_, Family::kIds), ElementsAre(Pair("b", "new"), Pair("c", "3")));
  EXPECT_TRUE(ReadAll(*this->store_, Family::kPoints).empty());
}

TYPED_TEST(StoreContract, EmptyBatchesAreFine) {
  EXPECT_TRUE(this->store_->Commit(WriteBatch(), true).ok());
  this->Put(Family::kMeta, "key", "value");
  EXPECT_TRUE(this->store_->Commit(WriteBatch(), true).ok());
  EXPECT_TRUE(this->store_->Commit(WriteBatch(), false).ok());
  EXPECT_EQ(this->store_->Get(Family::kMeta, "key").value(), "value");
}

TYPED_TEST(StoreContract, SnapshotKeepsItsState) {
  this->Put(Family::kPayloads, "a", "before");
  this->Put(Family::kPayloads, "b", "before");
  const auto snapshot = this->store_->Snapshot();
  this->Put(Family::kPayloads, "a", "after");
  WriteBatch batch;
  batch.DeleteRange(Family::kPayloads, "b", "c");
  ASSERT_TRUE(this->store_->Commit(std::move(batch), true).ok());
  ASSERT_TRUE(this->store_->Flush().ok());
  EXPECT_THAT(ReadAll(*this->store_, Family::kPayloads, snapshot.get()),
              ElementsAre(Pair("a", "before"), Pair("b", "before")));
  EXPECT_EQ(this->store_->Get(Family::kPayloads, "b", snapshot.get()).value(), "before");
  EXPECT_EQ(this->store_->MultiGet(Family::kPayloads, {"b", "x", "a"}, snapshot.get()).value(),
            (std::vector<std::optional<std::string>>{"before", std::nullopt, "before"}));
  EXPECT_THAT(ReadAll(*this->store_, Family::kPayloads), ElementsAre(Pair("a", "after")));
}

TYPED_TEST(StoreContract, IteratorWalksBothWaysAndKeepsItsState) {
  for (const uint64_t n : {1, 300, 2, 70000}) this->Put(Family::kPoints, Key(n), std::to_string(n));
  const auto it = this->store_->Iterate(Family::kPoints);
  this->Put(Family::kPoints, Key(5), "later");
  it->Seek(Key(3));
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->value(), "300");
  it->Prev();
  EXPECT_EQ(it->value(), "2");
  it->SeekToLast();
  EXPECT_EQ(it->key(), Key(70000));
  it->SeekForPrev(Key(299));
  EXPECT_EQ(it->value(), "2");
  it->SeekToFirst();
  EXPECT_EQ(it->value(), "1");
  it->Prev();
  EXPECT_FALSE(it->Valid());
  EXPECT_TRUE(it->status().ok());
}

TYPED_TEST(StoreContract, MultiGetAnswersInTheOrderOfTheKeys) {
  for (uint64_t n = 0; n < 200; n += 2) this->Put(Family::kVectors, Key(n), std::string(1000 + n, 'v'));
  ASSERT_TRUE(this->store_->Flush().ok());
  std::vector<std::string> keys;
  for (uint64_t n = 200; n-- > 0;) keys.push_back(Key(n));
  const auto values = this->store_->MultiGet(Family::kVectors, keys).value();
  ASSERT_EQ(values.size(), keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    const uint64_t n = 199 - i;
    ASSERT_EQ(values[i].has_value(), n % 2 == 0) << n;
    EXPECT_EQ(values[i].value_or("").size(), n % 2 == 0 ? 1000 + n : 0);
  }
  EXPECT_TRUE(this->store_->MultiGet(Family::kVectors, {}).value().empty());
}

TYPED_TEST(StoreContract, MirrorsAModelThroughRandomBatches) {
  constexpr uint32_t kSeed = 11;
  std::mt19937 random(kSeed);
  std::map<std::string, std::string> model;
  for (int round = 0; round < 300; ++round) {
    WriteBatch batch;
    for (uint32_t i = random() % 20; i > 0; --i) {
      const std::string key = Key(random() % 500);
      switch (random() % 5) {
        case 0:
          batch.Delete(Family::kVectors, key);
          model.erase(key);
          break;
        case 1: {
          const std::string end = Key(ReadBigEndian64(key.data()) + random() % 20);
          batch.DeleteRange(Family::kVectors, key, end);
          model.erase(model.lower_bound(key), model.lower_bound(end));
          break;
        }
        default: {
          const std::string value(random() % 1500, static_cast<char>('a' + random() % 26));
          batch.Put(Family::kVectors, key, value);
          model[key] = value;
        }
      }
    }
    ASSERT_TRUE(this->store_->Commit(std::move(batch), random() % 4 == 0).ok());
    if (round % 100 == 50) {
      ASSERT_TRUE(this->store_->Compact(Family::kVectors, Key(0), Key(600)).ok());
    }
    if (!TypeParam::kInMemory && round % 100 == 75) this->Reopen();
  }
  EXPECT_EQ(ReadAll(*this->store_, Family::kVectors), Entries(model.begin(), model.end()));
}

TYPED_TEST(StoreContract, ReadersSeeWholeBatchesWhileOthersAreCommitted) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  this->Put(Family::kPoints, "a", "0");
  this->Put(Family::kIds, "b", "0");
  for (int t = 0; t < 2; ++t) {
    readers.emplace_back([&] {
      while (!stop.load()) {
        const auto snapshot = this->store_->Snapshot();
        const auto a = this->store_->Get(Family::kPoints, "a", snapshot.get());
        const auto b = this->store_->Get(Family::kIds, "b", snapshot.get());
        ASSERT_TRUE(a.ok() && b.ok());
        EXPECT_EQ(*a, *b);
        EXPECT_EQ(ReadAll(*this->store_, Family::kPoints, snapshot.get()).front().second, **b);
      }
    });
  }
  for (int i = 1; i <= 200; ++i) {
    WriteBatch batch;
    batch.Put(Family::kPoints, "a", std::to_string(i));
    batch.Put(Family::kVectors, Key(static_cast<uint64_t>(i)), std::string(2000, 'v'));
    batch.Put(Family::kIds, "b", std::to_string(i));
    ASSERT_TRUE(this->store_->Commit(std::move(batch), false).ok());
    if (i % 100 == 0) {
      ASSERT_TRUE(this->store_->Compact(Family::kVectors, Key(0), Key(1000)).ok());
    }
  }
  stop.store(true);
  for (std::thread& reader : readers) reader.join();
}

class DiskStore : public StoreContract<OnDisk> {
 protected:
  std::string directory() const { return root_ / "store"; }
  Result<std::unique_ptr<Store>> Open(bool create = false) {
    store_.reset();
    return Store::Open(&environment_, directory(), create);
  }
  void Fill(int commits, bool sync = true) {
    for (int i = 0; i < commits; ++i) {
      WriteBatch batch;
      batch.Put(Family::kMeta, "number", std::to_string(i));
      batch.Put(Family::kVectors, Key(static_cast<uint64_t>(i)), std::string(1500, 'v'));
      ASSERT_TRUE(store_->Commit(std::move(batch), sync).ok());
    }
  }
};

TEST_F(DiskStore, CommitsSurviveReopeningSyncedOrNot) {
  Put(Family::kMeta, "synced", "1");
  WriteBatch batch;
  batch.Put(Family::kMeta, "unsynced", "2");
  batch.Put(Family::kVectors, "v", std::string(5000, 'x'));
  ASSERT_TRUE(store_->Commit(std::move(batch), false).ok());
  for (int round = 0; round < 3; ++round) {
    Reopen();
    EXPECT_THAT(ReadAll(*store_, Family::kMeta), ElementsAre(Pair("synced", "1"), Pair("unsynced", "2")));
    EXPECT_EQ(store_->Get(Family::kVectors, "v").value(), std::string(5000, 'x'));
  }
}

TEST_F(DiskStore, AbsentStoreIsMadeOnlyWhenAsked) {
  const Status status = Store::Open(&environment_, root_ / "a/b/c", false).status();
  EXPECT_EQ(ErrorClassOf(status), ErrorClass::kNotFound) << status;
  EXPECT_FALSE(std::filesystem::exists(root_ / "a"));
  EXPECT_TRUE(Store::Open(&environment_, root_ / "a/b/c", true).ok());
  EXPECT_TRUE(Store::Open(&environment_, root_ / "a/b/c", false).ok());
}

TEST_F(DiskStore, DirectoryIsLockedWhileOpen) {
  const auto second = Store::Open(&environment_, directory(), true);
  EXPECT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("lock"));
}

TEST_F(DiskStore, CompactGivesTheSpaceOfDeletedRangesBack) {
  const std::string noise = [] {
    std::mt19937 random(1);
    std::string bytes(4096, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    return bytes;
  }();
  for (uint64_t n = 0; n < 5000; n += 100) {
    WriteBatch batch;
    for (uint64_t i = n; i < n + 100; ++i) batch.Put(Family::kVectors, Key(i), noise);
    ASSERT_TRUE(store_->Commit(std::move(batch), false).ok());
  }
  ASSERT_TRUE(store_->Flush().ok());
  const uint64_t full = store_->disk_bytes();
  EXPECT_GT(full, 5000u * 4096);
  WriteBatch batch;
  batch.DeleteRange(Family::kVectors, Key(0), Key(4900));
  ASSERT_TRUE(store_->Commit(std::move(batch), true).ok());
  ASSERT_TRUE(store_->Compact(Family::kVectors, Key(0), Key(4900)).ok());
  EXPECT_LT(store_->disk_bytes(), full / 20);
  EXPECT_EQ(ReadAll(*store_, Family::kVectors).size(), 100u);
  EXPECT_EQ(store_->Get(Family::kVectors, Key(4950)).value(), noise);
}

// What damage does to a closed store: refused with the file named, or harmless; never a silent loss.
class DamagedStore : public DiskStore {
 protected:
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory())) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string LastFile(const std::string& part) const {
    std::string found;
    for (const std::string& name : Files()) {
      if (name.find(part) != std::string::npos) found = directory() + "/" + name;
    }
    EXPECT_NE(found, "") << part;
    return found;
  }
  static std::string Load(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void Save(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<long>(bytes.size()));
  }

  // True if the store opens and answers exactly `expected`, false if it refuses or reports the damage when read.
  bool OpensWith(const std::map<int, Entries>& expected) {
    auto opened = Open();
    if (!opened.ok()) {
      EXPECT_EQ(ErrorClassOf(opened.status()), ErrorClass::kCorruption) << opened.status();
      return false;
    }
    for (const auto& [family, content] : expected) {
      const auto it = (*opened)->Iterate(static_cast<Family>(family));
      Entries found;
      for (it->SeekToFirst(); it->Valid(); it->Next()) found.emplace_back(it->key(), it->value());
      if (!it->status().ok()) {
        EXPECT_EQ(ErrorClassOf(it->status()), ErrorClass::kCorruption) << it->status();
        return false;
      }
      EXPECT_EQ(found, content) << "family " << family;
    }
    return true;
  }
  std::map<int, Entries> State() {
    std::map<int, Entries> state;
    for (int f = 0; f < kFamilies; ++f) state[f] = ReadAll(*store_, static_cast<Family>(f));
    return state;
  }
};

TEST_F(DamagedStore, GarbageBehindTheSyncedLogIsCutOff) {
  Fill(20);
  const auto state = State();
  store_.reset();
  const std::string log = LastFile(".log");
  const std::string good = Load(log);
  std::mt19937 random(3);
  for (int round = 0; round < 30; ++round) {
    std::string tail(1 + random() % 70000, '\0');
    if (round % 3 != 0) {
      for (char& c : tail) c = static_cast<char>(random());
    }
    if (round % 5 == 4) tail = good.substr(0, 500);  // looks like a log, but not like its continuation
    const std::string copy = root_ / ("copy" + std::to_string(round));
    std::filesystem::copy(directory(), copy);
    Save(copy + "/" + std::filesystem::path(log).filename().string(), good + tail);
    auto opened = Store::Open(&environment_, copy, false);
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(ReadAll(**opened, Family::kMeta), state.at(0));
    EXPECT_EQ(ReadAll(**opened, Family::kVectors).size(), 20u);
  }
}

TEST_F(DamagedStore, DamagedOrShortenedSyncedLogIsRefusedAndLeftAlone) {
  Fill(40);
  store_.reset();
  const std::string log = LastFile(".log");
  const std::string good = Load(log), mark = Load(LastFile("SYNCED"));
  std::mt19937 random(4);
  for (int round = 0; round < 40; ++round) {
    std::string bad = good;
    const size_t place = random() % good.size();
    switch (round % 3) {
      case 0: bad[place] = static_cast<char>(bad[place] ^ (1 << random() % 8)); break;
      case 1: bad.resize(place); break;
      default: std::fill_n(bad.begin() + static_cast<long>(place), std::min<size_t>(4096, bad.size() - place), '\0');
    }
    if (bad == good) continue;
    Save(log, bad);
    const Status status = Open().status();
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << round << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(log));
    EXPECT_TRUE(Load(log) == bad);
  }
  Save(log, good);
  EXPECT_TRUE(Open().ok());
}

// After a power cut the mark may be as old as the store. Then the records themselves tell what was synced.
TEST_F(DamagedStore, DamageInsideTheLogIsRefusedEvenWithAnOldMark) {
  const std::string old_mark = Load(LastFile("SYNCED"));
  Fill(40);
  store_.reset();
  const std::string log = LastFile(".log");
  const std::string good = Load(log);
  Save(directory() + "/SYNCED", old_mark);
  for (const size_t place : {size_t{20}, good.size() / 2, good.size() * 3 / 4}) {
    for (const bool zeros : {false, true}) {
      std::string bad = good;
      std::fill_n(bad.begin() + static_cast<long>(place), 100, zeros ? '\0' : 'x');
      Save(log, bad);
      const Status status = Open().status();
      EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << status;
      EXPECT_TRUE(Load(log) == bad);
    }
  }
  Save(log, good);
  EXPECT_TRUE(Open().ok());
}

TEST_F(DamagedStore, EachFileFlippedTruncatedOrRemovedIsNoticedOrHarmless) {
  Fill(60);
  ASSERT_TRUE(store_->Flush().ok());
  Fill(5);
  const auto state = State();
  store_.reset();
  const std::string backup = root_ / "backup";
  std::filesystem::copy(directory(), backup);
  std::mt19937 random(5);
  int refused = 0;
  for (const std::string& name : Files()) {
    const std::string good = Load(backup + "/" + name);
    for (int round = 0; round < 12; ++round) {
      std::filesystem::remove_all(directory());
      std::filesystem::copy(backup, directory());
      std::string bad = good;
      if (round == 0) {
        std::filesystem::remove(directory() + "/" + name);
      } else if (!good.empty()) {
        const size_t place = random() % good.size();
        if (round % 3 == 0) bad.resize(place);
        if (round % 3 == 1) bad[place] = static_cast<char>(bad[place] ^ (1 << random() % 8));
        if (round % 3 == 2) bad.replace(place, 512, std::string(std::min<size_t>(512, bad.size() - place), '\0'));
        Save(directory() + "/" + name, bad);
      }
      SCOPED_TRACE(name + " round " + std::to_string(round));
      if (!OpensWith(state)) ++refused;
    }
  }
  EXPECT_GT(refused, 40);
}

TEST_F(DamagedStore, LostMarkOfAStoreWithContentIsRefused) {
  Fill(3);
  store_.reset();
  std::filesystem::remove(directory() + "/SYNCED");
  for (const bool create : {false, true}) {
    const Status status = Open(create).status();
    EXPECT_EQ(ErrorClassOf(status), ErrorClass::kCorruption) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("SYNCED"));
  }
}

}  // namespace
}  // namespace sextant::storage
