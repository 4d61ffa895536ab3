#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

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

// What: the files of one store, as RocksDB sees them, with three differences from the file system below.
// 1. A write that fails is reported as retryable. RocksDB would otherwise take an EIO as fatal until the store is
//    reopened. It is not: memory holds every acknowledged change, and recovery (DB::Resume) writes all of it to new
//    files and a new log; nothing that was hit by the failed write is relied on again.
// 2. A write-ahead log that had a failure is dead: its file is cut back by the store to what was acknowledged, and
//    what RocksDB still has in its buffer of it must not follow. Further writes to it fail, except during recovery:
//    they are swallowed then, because memory is being written elsewhere as a whole, and the store makes sure that a
//    new log was begun before the next change is acknowledged.
// 3. When a background job cannot sync the directory of its new files, not that sync but the next write to the manifest
//    fails, without which the files do not count. RocksDB 7.8 forgets to give up an atomic flush after the former, and
//    could never flush again.
// Threads: any. Ownership: shares the file system below; borrows the mark, which is set after opening.
class StoreFiles : public rocksdb::FileSystemWrapper {
 public:
  explicit StoreFiles(const std::shared_ptr<rocksdb::FileSystem>& below) : rocksdb::FileSystemWrapper(below) {}

  static const char* kClassName() { return "SextantStoreFiles"; }
  const char* Name() const override { return kClassName(); }

  LogPosition log_position() const;
  uint64_t log_writes() const;  // attempts so far, to all logs
  // All logs so far are dead from now on.
  void KillLogs();
  uint64_t dead_through() const;  // logs up to this number are dead
  void set_recovering(bool recovering) { recovering_.store(recovering, std::memory_order_relaxed); }
  // A commit begins (with the calling thread) or ends: its own sync of the directory must not be put off.
  void set_committer(std::thread::id thread) { committer_.store(thread, std::memory_order_relaxed); }
  // While set, no log can be created.
  void set_refusing_logs(bool refusing) { refusing_logs_.store(refusing, std::memory_order_relaxed); }
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
  friend class StoreDirectory;
  friend class StoreLogFile;
  friend class StoreManifestFile;

  mutable std::mutex mutex_;
  LogPosition log_;  // guarded by mutex_, as are the next three
  uint64_t log_writes_ = 0;
  uint64_t dead_through_ = 0;
  rocksdb::IOStatus put_off_;  // the failed sync of the directory
  // Changed and read within one recovery: nothing else is published through them.
  std::atomic<bool> recovering_{false};
  std::atomic<bool> refusing_logs_{false};
  std::atomic<std::thread::id> committer_{std::thread::id()};  // compared only by the thread that set it
  // Set (release) after the mark is complete, read (acquire) by manifest writers.
  std::atomic<SyncedMark*> mark_{nullptr};
};

}  // namespace sextant::storage
