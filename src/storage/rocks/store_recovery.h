#pragma once

#include <rocksdb/file_system.h>
#include <rocksdb/wal_filter.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "storage/rocks/synced_mark.h"

// What happens to logs and manifest before RocksDB reads them: docs/decisions/0001-store-recovery.md.
namespace sextant::storage {

// Every record of the write-ahead log ends with such a note: through which sequence number the store was synced when
// the record was written. A record behind damage thereby tells whether the damaged part had been acknowledged.
std::string SyncNote(uint64_t synced_sequence);

// Verifies the manifest that CURRENT names and all write-ahead logs of a closed store. An unsynced end that is damaged
// is cut off; damage of synced bytes is kCorruption and changes nothing. Returns the newest sequence number known to
// have been synced, which the opened store must reach.
Result<uint64_t> PrepareLogs(rocksdb::FileSystem* fs, const std::string& directory, const SyncedState& mark);

// Cuts everything with a sequence number above `last` off the write-ahead logs, durably. Nobody may write to them.
Status CutLogs(rocksdb::FileSystem* fs, const std::string& directory, uint64_t last);

// What: watches the replay of the logs and refuses a gap between two of them (a log missing) below `synced`; a gap
// above it ends the replay, because nothing behind it was synced.
// Threads: used by the opening thread alone.
class ReplayWatch : public rocksdb::WalFilter {
 public:
  explicit ReplayWatch(uint64_t synced) : synced_(synced) {}
  const char* Name() const override { return "SextantReplayWatch"; }
  WalProcessingOption LogRecordFound(unsigned long long log_number, const std::string& log_file_name,
                                     const rocksdb::WriteBatch& batch, rocksdb::WriteBatch* new_batch,
                                     bool* batch_changed) override;

 private:
  uint64_t synced_;
  std::optional<uint64_t> next_;
};

}  // namespace sextant::storage
