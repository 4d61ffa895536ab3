#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "storage/rocks/store_environment.h"
#include "storage/rocks/store_file_system.h"
#include "storage/rocks/synced_mark.h"

namespace sextant::storage {

// What: remembers that RocksDB refuses writes because something failed, and keeps it from recovering by itself.
// Threads: any.
class BackgroundErrors : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status*) override { pending_.store(true); }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* automatic) override {
    *automatic = false;
  }
  bool pending() const { return pending_.load(); }

 private:
  std::atomic<bool> pending_{false};  // a flag alone: RocksDB itself holds the error
};

// What: RocksDB over one store's files, from one opening to the next. After a failed write the store opens another one
// over the same files and *retires* this one: it changes nothing any more, and serves the snapshots that readers hold
// until the last of them is gone.
// Threads: reads from any thread; writes as the store orders them.
// Ownership: shared by the store and by everything that reads from it; borrows environment and mark (the latter until
// it is retired). The destructor closes RocksDB.
class Database {
 public:
  struct Options {
    StoreEnvironment::Impl* environment = nullptr;
    std::string directory;
    SyncedMark* mark = nullptr;  // told how far manifests are synced; null in memory and while a store is made
    uint64_t reached = 0;        // the newest change that is known to have been synced
    bool fresh = false;          // make what is missing
    bool keep_files = false;     // a retired instance has readers: delete no file before KeepFilesOf ends
  };
  // kCorruption when the files are not what RocksDB's manifest says.
  static Result<std::shared_ptr<Database>> Open(const Options& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB* rocks() const { return db_.get(); }
  rocksdb::ColumnFamilyHandle* family(Family family) const { return families_[static_cast<size_t>(family)]; }
  const std::vector<rocksdb::ColumnFamilyHandle*>& families() const { return families_; }
  StoreFiles& files() { return *files_; }
  bool refuses_writes() const { return background_errors_->pending(); }

  // kCorruption unless the content reaches the change that was synced and every blob file is there in full size.
  Status Check() const;

  // Ends background work and cuts the connection to the files, but for reading. Blocks until running jobs have
  // stopped. May be repeated.
  void Retire();
  // `successor`, opened with keep_files, deletes no file before this retired one is gone, whose readers may open any of
  // them yet.
  void KeepFilesOf(std::shared_ptr<Database> successor);

 private:
  explicit Database(Options options);
  Status OpenRocks();

  const Options options_;
  std::shared_ptr<StoreFiles> files_;
  std::unique_ptr<rocksdb::Env> env_;
  std::shared_ptr<BackgroundErrors> background_errors_ = std::make_shared<BackgroundErrors>();
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;  // by Family; owned, destroyed before db_
  bool retired_ = false;                                // of the committing thread, and of the destructor
  std::shared_ptr<Database> successor_;
};

}  // namespace sextant::storage
