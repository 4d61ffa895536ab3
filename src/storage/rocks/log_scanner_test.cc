#include "storage/rocks/log_scanner.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "storage/file_system_testing.h"

namespace sextant::storage {
namespace {

// Logs as RocksDB itself writes them: fragments over blocks, padding at the ends of blocks.
class LogScannerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, root_ / "db", &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    for (int i = 0; i < kRecords; ++i) {
      const std::string value(static_cast<size_t>(i * i * 3), static_cast<char>('a' + i % 26));
      ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), "key", value).ok());
    }
    std::unique_ptr<rocksdb::LogFile> log;
    ASSERT_TRUE(db->GetCurrentWalFile(&log).ok());
    std::ifstream file(root_ / "db" + log->PathName(), std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
    ASSERT_GT(bytes_.size(), 10u * 32768);
  }

  struct Found {
    LogExtent extent;
    std::vector<std::string> payloads;
    std::vector<uint64_t> ends;
    size_t before_damage = 0;
  };
  static Found Scan(const std::string& bytes) {
    Found found;
    found.extent = ScanLog(bytes, [&](const LogRecord& record) {
      found.payloads.emplace_back(record.payload);
      found.ends.push_back(record.end);
      if (!record.after_damage) ++found.before_damage;
    });
    return found;
  }

  static constexpr int kRecords = 120;
  TemporaryDirectory root_{TemporaryDirectory::kMemory};
  std::string bytes_;
};

TEST_F(LogScannerTest, FindsEveryRecordOfAWholeLog) {
  const Found found = Scan(bytes_);
  EXPECT_FALSE(found.extent.damaged);
  EXPECT_EQ(found.extent.good_bytes, bytes_.size());
  ASSERT_EQ(found.payloads.size(), size_t{kRecords});
  for (int i = 0; i < kRecords; ++i) {
    const std::string value(static_cast<size_t>(i * i * 3), static_cast<char>('a' + i % 26));
    EXPECT_TRUE(found.payloads[static_cast<size_t>(i)].ends_with(value)) << i;
  }
  EXPECT_FALSE(Scan("").extent.damaged);
}

TEST_F(LogScannerTest, ACutLogEndsBehindItsLastWholeRecord) {
  const Found whole = Scan(bytes_);
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const size_t size = random() % bytes_.size();
    const Found found = Scan(bytes_.substr(0, size));
    uint64_t expected = 0;
    for (uint64_t end : whole.ends) expected = end <= size ? end : expected;
    EXPECT_EQ(found.extent.good_bytes, expected);
    // Zeros that fill a block up to its end may be missing.
    EXPECT_TRUE(found.extent.damaged ? size > expected : size - expected < 7);
  }
}

TEST_F(LogScannerTest, DamageIsSeenAndRecordsBehindItAreFound) {
  const Found whole = Scan(bytes_);
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    std::string bad = bytes_;
    const size_t place = random() % bytes_.size();
    const size_t size = 1 + random() % 3000;
    for (size_t i = place; i < std::min(bad.size(), place + size); ++i) {
      bad[i] = round % 2 == 0 ? '\0' : static_cast<char>(random());
    }
    const Found found = Scan(bad);
    if (!found.extent.damaged) {
      EXPECT_EQ(found.payloads, whole.payloads);  // only padding was hit, or nothing changed
      continue;
    }
    EXPECT_LE(found.extent.good_bytes, place);
    for (size_t i = 0; i < found.before_damage; ++i) EXPECT_EQ(found.payloads[i], whole.payloads[i]);
    if (place + 3 * 32768 < bad.size()) {
      EXPECT_EQ(found.payloads.back(), whole.payloads.back());
    }
  }
}

}  // namespace
}  // namespace sextant::storage
