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

// Where the write-ahead log is being written.
struct LogPosition {
  uint64_t number = 0;
  uint64_t bytes = 0;
  bool dead = false;
};

// What: the files of one store, as RocksDB sees them, with two differences from the file system below.
// 1. A write that fails is reported as retryable. RocksDB would otherwise take an EIO as fatal until the store is
//    reopened. It is not: memory holds every acknowledged change, and recovery (DB::Resume) writes all of it to new
//    files and a new log; nothing that was hit by the failed write is relied on again.
// 2. A write-ahead log that had a failure is dead: its file is cut back by the store to what was acknowledged, and
//    what RocksDB still has in its buffer of it must not follow. Further writes to it fail, except during recovery:
//    they are swallowed then, because memory is being written elsewhere as a whole, and the store makes sure that a
//    new log was begun before the next change is acknowledged.
// Threads: any. Ownership: shares the file system below; borrows the mark, which is set after opening.
class StoreFiles : public rocksdb::FileSystemWrapper {
 public:
  explicit StoreFiles(const std::shared_ptr<rocksdb::FileSystem>& below) : rocksdb::FileSystemWrapper(below) {}

  static const char* kClassName() { return "SextantStoreFiles"; }
  const char* Name() const override { return kClassName(); }

  LogPosition log_position() const;
  // All logs so far are dead from now on.
  void KillLog();
  void set_recovering(bool recovering) { recovering_.store(recovering, std::memory_order_relaxed); }
  // Manifests tell this mark how far they are synced. Null: nobody.
  void set_mark(SyncedMark* mark) { mark_.store(mark, std::memory_order_release); }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  friend class StoreLogFile;
  friend class StoreManifestFile;

  mutable std::mutex mutex_;
  LogPosition log_;            // of the newest log; guarded by mutex_
  uint64_t dead_through_ = 0;  // logs up to this number are dead; guarded by mutex_
  // Changed and read within one recovery: nothing else is published through it.
  std::atomic<bool> recovering_{false};
  // Set (release) after the mark is complete, read (acquire) by manifest writers.
  std::atomic<SyncedMark*> mark_{nullptr};
};

}  // namespace sextant::storage
