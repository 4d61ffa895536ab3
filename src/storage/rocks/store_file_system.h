#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace sextant::storage {

class SyncedMark;

// The number in the name of a write-ahead log ("000012.log") or manifest ("MANIFEST-000005"); 0 for other files.
uint64_t LogNumber(const std::string& path);
uint64_t ManifestNumber(const std::string& path);

// Where the newest write-ahead log is being written.
struct LogPosition {
  uint64_t number = 0;
  uint64_t bytes = 0;
};

// What: the files of one store, as one opening of RocksDB sees them, with these differences from the file system below.
// 1. A write-ahead log that had a failure is dead: its file is cut back by the store to what was acknowledged, and
//    what RocksDB still has in its buffer of it must not follow. Further writes to it fail.
// 2. A failed write is never told as a full disk and always as retryable: RocksDB would start a recovery of its own
//    after the former, and give up a compaction for good without the latter.
// 3. Once retired, nothing is written, created, renamed or deleted any more: the files belong to a later opening.
// 4. The lock file is not RocksDB's business: the store holds it, across openings.
// Threads: any. Ownership: shares the file system below; borrows the mark (may be null) until it is retired.
class StoreFiles : public rocksdb::FileSystemWrapper {
 public:
  StoreFiles(const std::shared_ptr<rocksdb::FileSystem>& below, SyncedMark* mark)
      : rocksdb::FileSystemWrapper(below), mark_(mark) {}

  static const char* kClassName() { return "SextantStoreFiles"; }
  const char* Name() const override { return kClassName(); }

  LogPosition log_position() const;
  uint64_t log_writes() const;  // attempts so far, to all logs
  // All logs so far are dead from now on.
  void KillLogs();
  void Retire();
  // While set, table and blob files are not deleted; RocksDB finds them at its next full purge.
  void set_keeping_tables(bool keeping) { keeping_tables_.store(keeping, std::memory_order_relaxed); }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LockFile(const std::string& path, const rocksdb::IOOptions& options, rocksdb::FileLock** lock,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  friend class StoreLogFile;
  friend class StoreManifestFile;

  // Set (release) when nobody of this opening writes any more; read (acquire) by what comes late, such as closing.
  std::atomic<bool> retired_{false};
  std::atomic<bool> keeping_tables_{false};  // no order with other data is needed
  mutable std::mutex mutex_;
  SyncedMark* mark_;  // guarded by mutex_, as are the next three
  LogPosition log_;
  uint64_t log_writes_ = 0;
  uint64_t dead_through_ = 0;  // logs up to this number are dead
};

}  // namespace sextant::storage
