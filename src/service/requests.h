#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "collection/aliases.h"
#include "points/point.h"
#include "search/read_request.h"
#include "types/config.h"
#include "types/filter.h"
#include "types/payload_path.h"

namespace sextant::service {

// The requests and answers of the API, free of any transport. Codecs in `wire/` fill and print them.

struct CreateCollection {
  CollectionConfig config;  // name ids not yet assigned; defaults filled in where the client was silent
};

// PATCH: set fields are merged into the collection's.
struct VectorParamsDiff {
  HnswConfigDiff hnsw;
  std::optional<Json> quantization_config;  // object, or the string "Disabled"
  std::optional<bool> on_disk;
  std::optional<std::string> memory;
};
struct SparseVectorParamsDiff {
  std::optional<SparseModifier> modifier;
  bool index_given = false;
  std::optional<uint64_t> full_scan_threshold;
  std::optional<bool> on_disk;
  std::optional<std::string> memory;
  std::optional<Datatype> datatype;  // may only repeat what it is
};
struct OptimizersConfigDiff {
  std::optional<double> deleted_threshold;
  std::optional<uint64_t> vacuum_min_vector_number, default_segment_number, max_segment_size_kb, memmap_threshold_kb,
      indexing_threshold_kb, flush_interval_sec;
  std::optional<Json> max_optimization_threads;
  std::optional<bool> prevent_unoptimized;
};
struct UpdateCollection {
  std::map<std::string, VectorParamsDiff> vectors;
  std::map<std::string, SparseVectorParamsDiff> sparse_vectors;
  HnswConfigDiff hnsw;
  OptimizersConfigDiff optimizers;
  std::optional<uint32_t> replication_factor, write_consistency_factor, read_fan_out_factor;
  std::optional<bool> on_disk_payload;
  std::optional<Json> payload, quantization_config, strict_mode_config, metadata;
};

enum class CollectionStatus { kGreen, kYellow, kGrey, kRed };
struct PayloadFieldInfo {
  std::string key;
  FieldSchema schema;
  uint64_t points = 0;
};
struct CollectionInfo {
  CollectionStatus status = CollectionStatus::kGreen;
  std::optional<std::string> optimizer_error;
  uint64_t points_count = 0;
  uint64_t indexed_vectors_count = 0;
  uint64_t segments_count = 0;
  uint64_t update_queue_length = 0;
  CollectionConfig config;
  std::vector<PayloadFieldInfo> payload_schema;
};

using collection::AliasAction;
using collection::CreateAlias;
using collection::DeleteAlias;
using collection::RenameAlias;
struct AliasDescription {
  std::string alias, collection;
};

struct WriteOptions {
  bool wait = false;
  std::optional<uint64_t> timeout_ms = std::nullopt;   // default 60 s
  std::optional<uint64_t> patience_ms = std::nullopt;  // how long the client waits, where that is known
};
enum class UpdateStatus { kAcknowledged, kCompleted, kWaitTimeout };
struct UpdateResult {
  std::optional<OperationNumber> operation_id;
  UpdateStatus status = UpdateStatus::kCompleted;
};

struct ReadOptions {
  std::optional<uint64_t> timeout_ms = std::nullopt;   // default 60 s
  std::optional<uint64_t> patience_ms = std::nullopt;  // how long the client waits, where that is known
  std::optional<double> recall_target = std::nullopt;  // of queries; see ApplyRecallTarget
  bool explain = false;                                // reports of queries explain what they did
};

struct RetrieveRequest {
  std::vector<PointId> ids;
  PayloadSelector with_payload;
  VectorSelector with_vector;
};

struct OrderBy {
  PayloadPath key;
  bool descending = false;
  std::optional<double> start_from;
};
struct ScrollRequest {
  std::optional<Filter> filter;
  std::optional<PointId> offset;
  uint64_t limit = 10;
  std::optional<OrderBy> order_by;
  PayloadSelector with_payload;
  VectorSelector with_vector;
};
using OrderValue = std::variant<int64_t, double>;
struct ScrolledRecord {
  Record record;
  std::optional<OrderValue> order_value;
};
struct ScrollResult {
  std::vector<ScrolledRecord> points;
  std::optional<PointId> next_page_offset;
};

struct CountRequest {
  std::optional<Filter> filter;
  bool exact = true;
};

struct ScoredPoint {
  Record record;
  OperationNumber version = 0;
  float score = 0;
  std::optional<OrderValue> order_value{};  // of a query ordered by a payload value
};

}  // namespace sextant::service
