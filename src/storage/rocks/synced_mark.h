#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/status.h"

namespace sextant::storage {

// What a store is known to have on disk. Every field only ever lags behind the truth.
struct SyncedState {
  uint64_t sequence = 0;         // all changes up to this RocksDB sequence number
  uint64_t log_number = 0;       // this write-ahead log
  uint64_t log_bytes = 0;        // ... is synced up to here
  uint64_t manifest_number = 0;  // this manifest
  uint64_t manifest_bytes = 0;   // ... is synced up to here
};

// What: the file SYNCED beside a store's files. It tells a log that lost synced bytes (damage: refuse) from one whose
// unsynced end did not survive a power cut (normal: cut it off); its existence says that the store was made whole.
// It is rewritten in place after every sync but synced itself only at the end: after a power cut it may be old, which
// weakens the check and breaks nothing. 64 bytes within one disk sector are never torn.
// Threads: any. Errors: setters do not fail; a mark that cannot be written stays old.
class SyncedMark {
 public:
  static constexpr char kName[] = "SYNCED";

  static Status Create(rocksdb::FileSystem* fs, const std::string& directory);  // durable when it returns
  // kCorruption when the file is not what was written, kNotFound when it is missing.
  static Result<std::unique_ptr<SyncedMark>> Open(rocksdb::FileSystem* fs, const std::string& directory);

  SyncedState state() const;
  void SetLog(uint64_t sequence, uint64_t log_number, uint64_t log_bytes);
  void SetManifest(uint64_t number, uint64_t bytes);
  // To disk; the store is about to be closed.
  Status Sync();

 private:
  SyncedMark(std::unique_ptr<rocksdb::FSRandomRWFile> file, const SyncedState& state, std::string path)
      : file_(std::move(file)), state_(state), path_(std::move(path)) {}
  void WriteLocked();

  mutable std::mutex mutex_;  // guards all below; held while 64 bytes go to the page cache
  std::unique_ptr<rocksdb::FSRandomRWFile> file_;
  SyncedState state_;
  std::string path_;
};

}  // namespace sextant::storage
