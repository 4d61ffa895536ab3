#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "shard/long_running/intent.h"
#include "storage/store.h"
#include "types/config.h"
#include "types/ordinal.h"
#include "types/payload_path.h"

// What a shard keeps in its store's meta family (format version 2):
//
//   key                     value
//   "c"                     format:32 last operation number:64
//   "q" name id:be32        next row sequence number of this named vector:64
//   "s" segment id:be64     name id:32 rows:32 bytes of their values:64
//   "f" payload path text   FieldSchema as JSON
//   "i" …                   an unfinished large operation, see shard/long_running/intent.h
namespace sextant::shard {

inline constexpr uint32_t kManifestFormat = 2;

struct SegmentRecord {
  uint64_t id = 0;
  uint32_t name_id = 0;
  uint32_t rows = 0;
  uint64_t value_bytes = 0;
};

struct IndexedField {
  PayloadPath path;
  FieldSchema schema;
};

struct Manifest {
  OperationNumber last_operation = 0;
  std::map<uint32_t, uint64_t> next_sequence;  // by name id
  std::vector<SegmentRecord> segments;
  std::vector<IndexedField> fields;
  std::optional<IntentRecord> intent;
};

// The whole manifest; kCorruption on anything unknown or malformed.
Result<Manifest> ReadManifest(const storage::Store& store);

void PutLastOperation(OperationNumber number, storage::WriteBatch* batch);
void PutNextSequence(uint32_t name_id, uint64_t sequence, storage::WriteBatch* batch);
void DeleteNextSequence(uint32_t name_id, storage::WriteBatch* batch);
void PutSegment(const SegmentRecord& record, storage::WriteBatch* batch);
void DeleteSegment(uint64_t id, storage::WriteBatch* batch);
void PutField(const IndexedField& field, storage::WriteBatch* batch);
void DeleteField(const PayloadPath& path, storage::WriteBatch* batch);

// The directory of a segment below its shard's.
std::string SegmentDirectory(const std::string& shard_directory, uint64_t id);
inline std::string SegmentsDirectory(const std::string& shard_directory) {
  return shard_directory + "/segments";
}
inline std::string StoreDirectory(const std::string& shard_directory) {
  return shard_directory + "/store";
}

}  // namespace sextant::shard
