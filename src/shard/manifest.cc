#include "shard/manifest.h"

#include "storage/key_codec.h"

namespace sextant::shard {
namespace {

using storage::Family;

std::string SegmentKey(uint64_t id) {
  std::string key = "s";
  storage::AppendBigEndian64(id, &key);
  return key;
}

std::string SequenceKey(uint32_t name_id) {
  std::string key = "q";
  storage::AppendBigEndian32(name_id, &key);
  return key;
}

Status ReadEntry(std::string_view key, std::string_view value, Manifest* manifest) {
  const std::string_view rest = key.substr(1);
  switch (key[0]) {
    case 'c':
      if (!rest.empty() || value.size() != 12) break;
      if (storage::ReadFixed32(value.data()) != kManifestFormat)
        return Corruption("the shard's manifest has format " + std::to_string(storage::ReadFixed32(value.data())) +
                          ", this version reads format " + std::to_string(kManifestFormat));
      manifest->last_operation = storage::ReadFixed64(value.data() + 4);
      return OkStatus();
    case 'q':
      if (rest.size() != 4 || value.size() != 8) break;
      manifest->next_sequence[storage::ReadBigEndian32(rest.data())] = storage::ReadFixed64(value.data());
      return OkStatus();
    case 's':
      if (rest.size() != 8 || value.size() != 16) break;
      manifest->segments.push_back({storage::ReadBigEndian64(rest.data()), storage::ReadFixed32(value.data()),
                                    storage::ReadFixed32(value.data() + 4), storage::ReadFixed64(value.data() + 8)});
      return OkStatus();
    case 'f': {
      ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(rest));
      ASSIGN_OR_RETURN(const Json json, Json::Parse(value));
      ASSIGN_OR_RETURN(FieldSchema schema, FieldSchemaFromJson(json));
      manifest->fields.push_back({std::move(path), std::move(schema)});
      return OkStatus();
    }
    case 'i': {
      if (!rest.empty()) return OkStatus();  // parts of an intent
      ASSIGN_OR_RETURN(manifest->intent, DecodeIntent(value));
      return OkStatus();
    }
    default: break;
  }
  return Corruption("the shard's manifest has a malformed entry of kind '" + std::string(key.substr(0, 1)) + "'");
}

}  // namespace

Result<Manifest> ReadManifest(const storage::Store& store) {
  Manifest manifest;
  auto cursor = store.Iterate(Family::kMeta);
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    if (cursor->key().empty()) return Corruption("the shard's manifest has an entry without a key");
    if (const Status status = ReadEntry(cursor->key(), cursor->value(), &manifest); !status.ok())
      return Corruption(std::string(status.message()));
  }
  RETURN_IF_ERROR(cursor->status());
  return manifest;
}

void PutLastOperation(OperationNumber number, storage::WriteBatch* batch) {
  std::string value;
  storage::AppendFixed32(kManifestFormat, &value);
  storage::AppendFixed64(number, &value);
  batch->Put(Family::kMeta, "c", value);
}

void PutNextSequence(uint32_t name_id, uint64_t sequence, storage::WriteBatch* batch) {
  std::string value;
  storage::AppendFixed64(sequence, &value);
  batch->Put(Family::kMeta, SequenceKey(name_id), value);
}

void DeleteNextSequence(uint32_t name_id, storage::WriteBatch* batch) {
  batch->Delete(Family::kMeta, SequenceKey(name_id));
}

void PutSegment(const SegmentRecord& record, storage::WriteBatch* batch) {
  std::string value;
  storage::AppendFixed32(record.name_id, &value);
  storage::AppendFixed32(record.rows, &value);
  storage::AppendFixed64(record.value_bytes, &value);
  batch->Put(Family::kMeta, SegmentKey(record.id), value);
}

void DeleteSegment(uint64_t id, storage::WriteBatch* batch) {
  batch->Delete(Family::kMeta, SegmentKey(id));
}

void PutField(const IndexedField& field, storage::WriteBatch* batch) {
  batch->Put(Family::kMeta, "f" + field.path.ToString(), ToJson(field.schema).Dump());
}

void DeleteField(const PayloadPath& path, storage::WriteBatch* batch) {
  batch->Delete(Family::kMeta, "f" + path.ToString());
}

std::string SegmentDirectory(const std::string& shard_directory, uint64_t id) {
  return SegmentsDirectory(shard_directory) + "/" + std::to_string(id);
}

}  // namespace sextant::shard
