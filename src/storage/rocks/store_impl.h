#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "storage/rocks/store_environment.h"
#include "storage/rocks/store_file_system.h"
#include "storage/rocks/synced_mark.h"
#include "storage/store.h"

namespace sextant::storage {

// What: remembers that RocksDB refuses writes because something failed, keeps it from recovering at a moment of its own
// choice, and lets it recover from every failed write (see StoreFiles for why that is sound).
// Threads: any.
class BackgroundErrors : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) override {
    pending_.store(true);
    if (error->IsIOError() && error->severity() > rocksdb::Status::kHardError) {
      *error = rocksdb::Status(*error, rocksdb::Status::kHardError);
    }
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* automatic) override {
    *automatic = false;
  }
  bool pending() const { return pending_.load(); }
  void Clear() { pending_.store(false); }

 private:
  std::atomic<bool> pending_{false};  // a flag alone: RocksDB itself holds the error
};

struct Store::Impl {
  Impl(StoreEnvironment::Impl* shared_environment, std::string store_directory);
  ~Impl();

  Status Open(bool create);
  Status Commit(WriteBatch::Impl* batch, bool sync);
  Status FlushBetweenCommits();
  Status CompactFamily(int family, const rocksdb::Slice* begin, const rocksdb::Slice* end);

  // In the order of use while opening; each leaves things as they are when it fails.
  Status FindOrMakeFiles(bool create);
  Status OpenDatabase(uint64_t synced, bool fresh);
  Status CheckOpened(uint64_t synced) const;
  Status CheckBlobFiles() const;

  Status Write(WriteBatch::Impl* batch, bool sync);
  // Undoes what a failed write left in the log.
  Status CutLog();
  // Makes the store writable again after a failure.
  Status ProbeDisk();
  Status Recover();
  Status Resume();
  bool WritesToDeadLog() const;
  bool CanFlush() const;
  Status BeginNewLog();

  std::string Doing(std::string_view what) const;  // "cannot <what> the store in '<directory>'"

  StoreEnvironment::Impl* environment;
  const std::string directory;
  std::shared_ptr<StoreFiles> files;
  std::unique_ptr<rocksdb::Env> env;
  std::unique_ptr<SyncedMark> mark;  // null in memory
  std::shared_ptr<BackgroundErrors> background_errors = std::make_shared<BackgroundErrors>();
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;  // by Family; owned, destroyed before db

  bool usable = false;  // opened and checked: what is known of it may be written to the mark

  // Of the committing thread alone.
  uint64_t acknowledged = 0;  // the last sequence number of the last commit that succeeded
  uint64_t synced = 0;        // everything up to this sequence number is on disk
  std::mutex commit_mutex;    // held, across I/O on purpose, by a commit and by the flush before a compaction
  bool failed = false;        // a commit failed; Recover is due
  bool log_uncut = false;     // ... and its record may still be in the log
};

}  // namespace sextant::storage
