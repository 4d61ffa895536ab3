#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "storage/rocks/database.h"
#include "storage/rocks/store_environment.h"
#include "storage/rocks/synced_mark.h"
#include "storage/store.h"

namespace sextant::storage {

// What: the store behind its fence: one Database at a time, opened anew after a failed write.
struct Store::Impl {
  Impl(StoreEnvironment::Impl* shared_environment, std::string store_directory);
  ~Impl();

  Status Open(bool create);
  Status Commit(WriteBatch::Impl* batch, bool sync);
  Status CompactFamily(Family family, const rocksdb::Slice* begin, const rocksdb::Slice* end);
  // What reads and snapshots go to. Any thread.
  std::shared_ptr<Database> database() const;

  // In the order of use while opening; each leaves things as they are when it fails.
  Status Lock();
  Status FindOrMakeFiles(bool create);
  Status MakeFiles();
  Result<std::shared_ptr<Database>> OpenDatabase(bool keep_files);
  Status RemoveLogsBefore(uint64_t number);
  void Publish(std::shared_ptr<Database> opened);

  Status Write(WriteBatch::Impl* batch, bool sync);
  // Undoes what a failed write left in the log.
  Status CutLog();
  Status ProbeDisk();
  // Makes the store writable again after a failure.
  Status Recover();

  std::string Doing(std::string_view what) const;  // "cannot <what> the store in '<directory>'"

  StoreEnvironment::Impl* environment;
  const std::string directory;
  std::shared_ptr<rocksdb::FileSystem> file_system;  // the environment's
  rocksdb::FileLock* lock = nullptr;                 // of the file LOCK; released last
  std::unique_ptr<SyncedMark> mark;                  // null in memory

  mutable std::mutex database_mutex;    // guards the pointer alone
  std::shared_ptr<Database> published;  // null until opened and checked

  // Of the committing thread alone.
  uint64_t acknowledged = 0;  // the last sequence number of the last commit that succeeded
  uint64_t synced = 0;        // everything up to this sequence number is on disk
  std::mutex commit_mutex;    // held, across I/O on purpose, by a commit
  bool failed = false;        // a commit failed; Recover is due
  bool log_uncut = false;     // ... and its record may still be in the log
};

}  // namespace sextant::storage
