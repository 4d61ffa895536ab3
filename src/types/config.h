#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/status.h"
#include "types/json.h"

namespace sextant {

// What the vectors of a name are.
enum class VectorKind : uint8_t { kDense = 1, kMulti = 2, kSparse = 3 };
// How their values are kept; clients send and get f32. uint8 ones are cut off to whole numbers from 0 to 255, and not
// normalised for Cosine.
enum class Datatype : uint8_t { kFloat32 = 1, kFloat16 = 2, kUint8 = 3 };
// What queries of sparse vectors are multiplied by: nothing, or how rare each index is among the stored vectors.
enum class SparseModifier : uint8_t { kNone = 1, kIdf = 2 };

enum class Distance : uint8_t { kCosine = 1, kEuclid = 2, kDot = 3, kManhattan = 4 };

// Cosine and Dot: a larger score is nearer. Euclid and Manhattan: a smaller one is.
constexpr bool LargerIsNearer(Distance d) {
  return d == Distance::kCosine || d == Distance::kDot;
}

// How the rows of a segment are coded for searches, as files name it: the bits of a dimension, but 0 stands for bytes.
enum class CodeFormat : uint8_t { kInt8 = 0, kPacked1 = 1, kPacked2 = 2, kPacked4 = 4 };
constexpr bool IsKnownCodeFormat(uint8_t format) {
  return format == 0 || format == 1 || format == 2 || format == 4;
}

// What a client's `quantization_config` asks of the codes. Whatever its kind, it sets how many bits a dimension may
// take; a row's code is the engine's best of that size.
//   scalar: 8 · product: 8, 4, 2, 1 for x4, x8, x16, x32 and more · binary: 1, or 2 for one and a half and two
//   turbo: 1, 2 (also for one and a half), 4
struct CodeChoice {
  enum class Memory : uint8_t { kDefault, kCold, kCached, kPinned };

  std::optional<CodeFormat> format;  // unset: the engine chooses
  Memory memory = Memory::kDefault;
};

// The graph's parameters as clients give them; unset means inherited (vector → collection → server default).
struct HnswConfigDiff {
  std::optional<uint64_t> m, ef_construct, full_scan_threshold_kb, max_indexing_threads, payload_m;
  std::optional<bool> on_disk, inline_storage;
  std::optional<std::string> memory;
};
struct HnswConfig {
  uint64_t m = 16;
  uint64_t ef_construct = 100;
  uint64_t full_scan_threshold_kb = 10000;
  uint64_t max_indexing_threads = 0;
  bool on_disk = false;
  std::optional<uint64_t> payload_m;
};

struct OptimizersConfig {
  double deleted_threshold = 0.2;
  uint64_t vacuum_min_vector_number = 1000;
  uint64_t default_segment_number = 0;
  std::optional<uint64_t> max_segment_size_kb;
  std::optional<uint64_t> memmap_threshold_kb;
  uint64_t indexing_threshold_kb = 10000;  // 0: never build a graph
  uint64_t flush_interval_sec = 5;
  std::optional<Json> max_optimization_threads;  // "auto" or an integer
  std::optional<bool> prevent_unoptimized;
};

// One named vector of a collection. `name_id` is the node-wide, never reused number of this name in this collection;
// segments and store keys carry it instead of the name.
struct VectorParams {
  uint32_t name_id = 0;
  VectorKind kind = VectorKind::kDense;
  uint32_t size = 0;                      // of a row; 0 for sparse vectors
  Distance distance = Distance::kCosine;  // kDot for sparse vectors
  HnswConfigDiff hnsw;                    // not of sparse vectors
  std::optional<Json> quantization_config;
  std::optional<bool> on_disk;
  std::optional<std::string> memory;  // cold | cached | pinned (sparse only)
  std::optional<Datatype> datatype;
  // Of sparse vectors only.
  std::optional<SparseModifier> modifier;
  std::optional<uint64_t> full_scan_threshold;  // vectors; echoed
  bool index_given = false;                     // `index` was there, if only as {}

  Datatype effective_datatype() const { return datatype.value_or(Datatype::kFloat32); }
};
std::string_view DatatypeName(Datatype datatype);

// Everything a collection was created with and updated to. Serialised as JSON in the node catalog.
struct CollectionConfig {
  // Name "" is the unnamed vector. `single_unnamed` remembers the form the client used (info echoes it).
  std::map<std::string, VectorParams> vectors;
  bool single_unnamed = false;
  uint32_t next_name_id = 1;
  HnswConfig hnsw;
  HnswConfigDiff hnsw_given;  // what the client set, for the echo
  OptimizersConfig optimizers;
  uint32_t shard_number = 1;
  std::optional<std::string> sharding_method;
  uint32_t replication_factor = 1;
  uint32_t write_consistency_factor = 1;
  std::optional<uint32_t> read_fan_out_factor;
  bool on_disk_payload = true;
  std::optional<Json> payload;  // {"memory": …}, echoed
  Json wal_config;              // echoed
  std::optional<Json> quantization_config;
  std::optional<Json> strict_mode_config;
  std::optional<Json> metadata;
};

// What is written down for a new collection, without vectors, where neither its creator nor a setting says otherwise.
CollectionConfig DefaultCollectionConfig();

// The collection's graph parameters with the vector's own on top.
HnswConfig EffectiveHnsw(const CollectionConfig& config, const VectorParams& vector);

// What the vector's quantization asks for, or else the collection's.
CodeChoice EffectiveCodes(const CollectionConfig& config, const VectorParams& vector);

// Payload index of one field.
enum class FieldType : uint8_t { kKeyword, kInteger, kFloat, kBool, kGeo, kDatetime, kUuid, kText };
struct FieldSchema {
  FieldType type = FieldType::kKeyword;
  std::optional<Json> params;  // the object form as given (echoed as `params`), absent for the short form
  bool lookup = true;          // integer: serves match
  bool range = true;           // integer: serves range and order_by
};
std::string_view FieldTypeName(FieldType type);
// Whether the values of the field name tenants: most searches are within one of them.
bool IsTenant(const FieldSchema& schema);

// Round trip through JSON for the catalog and the shard's manifest; kFormat on text that is not one of ours.
Json ToJson(const CollectionConfig& config);
Result<CollectionConfig> CollectionConfigFromJson(const Json& json);
Json ToJson(const FieldSchema& schema);
Result<FieldSchema> FieldSchemaFromJson(const Json& json);

}  // namespace sextant
