#include <string_view>
#include <utility>

#include "types/json.h"
#include "wire/rest/answer/answers.h"

namespace sextant::wire {
namespace {

std::string_view StatusName(service::CollectionStatus status) {
  switch (status) {
    case service::CollectionStatus::kGreen: return "green";
    case service::CollectionStatus::kYellow: return "yellow";
    case service::CollectionStatus::kGrey: return "grey";
    case service::CollectionStatus::kRed: return "red";
  }
  return "green";
}

std::string_view DistanceName(Distance distance) {
  switch (distance) {
    case Distance::kCosine: return "Cosine";
    case Distance::kEuclid: return "Euclid";
    case Distance::kDot: return "Dot";
    case Distance::kManhattan: return "Manhattan";
  }
  return "Cosine";
}

Json Object() {
  return Json(Json::Object{});
}

template <typename T>
void SetIfGiven(std::string_view key, const std::optional<T>& value, Json* out) {
  if (value) out->Set(key, Json(*value));
}

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json HnswDiffJson(const HnswConfigDiff& given) {
  Json out = Object();
  SetIfGiven("m", given.m, &out);
  SetIfGiven("ef_construct", given.ef_construct, &out);
  SetIfGiven("full_scan_threshold", given.full_scan_threshold_kb, &out);
  SetIfGiven("max_indexing_threads", given.max_indexing_threads, &out);
  SetIfGiven("on_disk", given.on_disk, &out);
  SetIfGiven("memory", given.memory, &out);
  SetIfGiven("payload_m", given.payload_m, &out);
  SetIfGiven("inline_storage", given.inline_storage, &out);
  return out;
}

Json VectorJson(const VectorParams& params) {
  Json out = Object();
  out.Set("size", Json(uint64_t{params.size}));
  out.Set("distance", Json(DistanceName(params.distance)));
  if (Json hnsw = HnswDiffJson(params.hnsw); !hnsw.object().empty()) out.Set("hnsw_config", std::move(hnsw));
  SetIfGiven("quantization_config", params.quantization_config, &out);
  SetIfGiven("on_disk", params.on_disk, &out);
  SetIfGiven("memory", params.memory, &out);
  if (params.datatype) out.Set("datatype", Json(DatatypeName(*params.datatype)));
  if (params.kind == VectorKind::kMulti)
    out.Set("multivector_config", Json(Json::Object{{"comparator", Json("max_sim")}}));
  return out;
}

Json SparseVectorJson(const VectorParams& params) {
  Json out = Object();
  if (params.index_given) {
    Json index = Object();
    SetIfGiven("full_scan_threshold", params.full_scan_threshold, &index);
    SetIfGiven("on_disk", params.on_disk, &index);
    SetIfGiven("memory", params.memory, &index);
    if (params.datatype) index.Set("datatype", Json(DatatypeName(*params.datatype)));
    out.Set("index", std::move(index));
  }
  if (params.modifier) out.Set("modifier", Json(*params.modifier == SparseModifier::kIdf ? "idf" : "none"));
  return out;
}

Json VectorsJson(const CollectionConfig& config) {
  Json out = Object();
  for (const auto& [name, params] : config.vectors) {
    if (params.kind == VectorKind::kSparse) continue;
    if (config.single_unnamed) return VectorJson(params);
    out.Set(name, VectorJson(params));
  }
  return out;
}

Json SparseVectorsJson(const CollectionConfig& config) {
  Json out = Object();
  for (const auto& [name, params] : config.vectors)
    if (params.kind == VectorKind::kSparse) out.Set(name, SparseVectorJson(params));
  return out;
}

Json ParamsJson(const CollectionConfig& config) {
  Json out = Object();
  out.Set("vectors", VectorsJson(config));
  out.Set("shard_number", Json(uint64_t{config.shard_number}));
  SetIfGiven("sharding_method", config.sharding_method, &out);
  out.Set("replication_factor", Json(uint64_t{config.replication_factor}));
  out.Set("write_consistency_factor", Json(uint64_t{config.write_consistency_factor}));
  if (config.read_fan_out_factor) out.Set("read_fan_out_factor", Json(uint64_t{*config.read_fan_out_factor}));
  out.Set("on_disk_payload", Json(config.on_disk_payload));
  SetIfGiven("payload", config.payload, &out);
  if (Json sparse = SparseVectorsJson(config); !sparse.object().empty()) out.Set("sparse_vectors", std::move(sparse));
  return out;
}

Json HnswJson(const CollectionConfig& config) {
  const HnswConfig& hnsw = config.hnsw;
  Json out = Object();
  out.Set("m", Json(hnsw.m));
  out.Set("ef_construct", Json(hnsw.ef_construct));
  out.Set("full_scan_threshold", Json(hnsw.full_scan_threshold_kb));
  out.Set("max_indexing_threads", Json(hnsw.max_indexing_threads));
  out.Set("on_disk", Json(hnsw.on_disk));
  SetIfGiven("memory", config.hnsw_given.memory, &out);
  SetIfGiven("payload_m", hnsw.payload_m, &out);
  SetIfGiven("inline_storage", config.hnsw_given.inline_storage, &out);
  return out;
}

Json OptimizersJson(const OptimizersConfig& optimizers) {
  Json out = Object();
  out.Set("deleted_threshold", Json(optimizers.deleted_threshold));
  out.Set("vacuum_min_vector_number", Json(optimizers.vacuum_min_vector_number));
  out.Set("default_segment_number", Json(optimizers.default_segment_number));
  out.Set("max_segment_size", OrNull(optimizers.max_segment_size_kb));
  out.Set("memmap_threshold", OrNull(optimizers.memmap_threshold_kb));
  out.Set("indexing_threshold", Json(optimizers.indexing_threshold_kb));
  out.Set("flush_interval_sec", Json(optimizers.flush_interval_sec));
  // Clients read a number or null, which means "auto".
  const std::optional<Json>& threads = optimizers.max_optimization_threads;
  out.Set("max_optimization_threads", threads && threads->is_uint() ? *threads : Json());
  out.Set("prevent_unoptimized", OrNull(optimizers.prevent_unoptimized));
  return out;
}

Json ConfigJson(const CollectionConfig& config) {
  Json out = Object();
  out.Set("params", ParamsJson(config));
  out.Set("hnsw_config", HnswJson(config));
  out.Set("optimizer_config", OptimizersJson(config.optimizers));
  out.Set("wal_config", config.wal_config);
  out.Set("quantization_config", OrNull(config.quantization_config));
  SetIfGiven("strict_mode_config", config.strict_mode_config, &out);
  SetIfGiven("metadata", config.metadata, &out);
  return out;
}

Json PayloadSchemaJson(const std::vector<service::PayloadFieldInfo>& fields) {
  Json out = Object();
  for (const service::PayloadFieldInfo& field : fields) {
    Json schema = Object();
    schema.Set("data_type", Json(FieldTypeName(field.schema.type)));
    SetIfGiven("params", field.schema.params, &schema);
    schema.Set("points", Json(field.points));
    out.Set(field.key, std::move(schema));
  }
  return out;
}

}  // namespace

std::string EncodeCollectionInfo(const service::CollectionInfo& info) {
  Json out = Object();
  out.Set("status", Json(StatusName(info.status)));
  if (info.optimizer_error) {
    Json error = Object();
    error.Set("error", Json(*info.optimizer_error));
    out.Set("optimizer_status", std::move(error));
  } else {
    out.Set("optimizer_status", Json("ok"));
  }
  out.Set("indexed_vectors_count", Json(info.indexed_vectors_count));
  out.Set("points_count", Json(info.points_count));
  out.Set("segments_count", Json(info.segments_count));
  out.Set("config", ConfigJson(info.config));
  out.Set("payload_schema", PayloadSchemaJson(info.payload_schema));
  Json queue = Object();
  queue.Set("length", Json(info.update_queue_length));
  out.Set("update_queue", std::move(queue));
  return out.Dump();
}

}  // namespace sextant::wire
