#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "shard/operation.h"
#include "storage/store.h"
#include "types/ordinal.h"

// What a shard keeps in its store's meta family of an operation that is too large for one batch (format version 1):
//
//   key                   value
//   "i"                   number:64 points:64 done:64      once this is there, the operation happens
//   "ic"                  the change, as JSON
//   "io" chunk:be32       ordinal:32 of each selected point, ascending; kIntentChunk of them in all but the last chunk
//
// The other entries without "i" are what a failed beginning has left: they mean nothing.
namespace sextant::shard {

inline constexpr uint32_t kIntentChunk = 16384;

struct IntentRecord {
  OperationNumber number = 0;
  uint64_t points = 0;  // selected
  uint64_t done = 0;    // of them, in order
};

void PutIntent(const IntentRecord& intent, storage::WriteBatch* batch);
Result<IntentRecord> DecodeIntent(std::string_view value);

// `operation` has a PointSelection, which is not kept.
void PutIntentChange(const Operation& operation, storage::WriteBatch* batch);
Result<Operation> ReadIntentChange(const storage::Store& store);

void PutIntentOrdinals(uint32_t chunk, std::span<const Ordinal> ordinals, storage::WriteBatch* batch);
Result<std::vector<Ordinal>> ReadIntentOrdinals(const storage::Store& store, uint32_t chunk);

// Deletes everything above that the store holds; one by one, because of what RocksDB does with range deletions
// (docs/decisions/0002-rows-and-views.md).
Status DeleteIntent(const storage::Store& store, storage::WriteBatch* batch);

}  // namespace sextant::shard
