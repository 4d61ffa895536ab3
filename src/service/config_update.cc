#include "service/config_update.h"

#include <fmt/format.h>

namespace sextant::service {
namespace {

template <typename From, typename To>
void Take(const std::optional<From>& from, To* to) {
  if (from) *to = *from;
}

void Merge(const HnswConfigDiff& from, HnswConfigDiff* to) {
  Take(from.m, &to->m);
  Take(from.ef_construct, &to->ef_construct);
  Take(from.full_scan_threshold_kb, &to->full_scan_threshold_kb);
  Take(from.max_indexing_threads, &to->max_indexing_threads);
  Take(from.payload_m, &to->payload_m);
  Take(from.on_disk, &to->on_disk);
  Take(from.inline_storage, &to->inline_storage);
  Take(from.memory, &to->memory);
}

void Merge(const HnswConfigDiff& from, HnswConfig* to) {
  Take(from.m, &to->m);
  Take(from.ef_construct, &to->ef_construct);
  Take(from.full_scan_threshold_kb, &to->full_scan_threshold_kb);
  Take(from.max_indexing_threads, &to->max_indexing_threads);
  Take(from.payload_m, &to->payload_m);
  Take(from.on_disk, &to->on_disk);
}

void Merge(const OptimizersConfigDiff& from, OptimizersConfig* to) {
  Take(from.deleted_threshold, &to->deleted_threshold);
  Take(from.vacuum_min_vector_number, &to->vacuum_min_vector_number);
  Take(from.default_segment_number, &to->default_segment_number);
  Take(from.max_segment_size_kb, &to->max_segment_size_kb);
  Take(from.memmap_threshold_kb, &to->memmap_threshold_kb);
  Take(from.indexing_threshold_kb, &to->indexing_threshold_kb);
  Take(from.flush_interval_sec, &to->flush_interval_sec);
  Take(from.max_optimization_threads, &to->max_optimization_threads);
  Take(from.prevent_unoptimized, &to->prevent_unoptimized);
}

void MergeQuantization(const std::optional<Json>& from, std::optional<Json>* to) {
  if (!from) return;
  if (from->is_string()) {
    to->reset();
  } else {
    *to = *from;
  }
}

// What a null value in the update means.
enum class Null { kRemovesKey, kKeepsOld };

void MergeObject(const std::optional<Json>& from, Null null, std::optional<Json>* to) {
  if (!from || !from->is_object()) return;
  Json merged = to->has_value() && (*to)->is_object() ? **to : Json(Json::Object{});
  for (const auto& [key, value] : from->object()) {
    if (!value.is_null()) {
      merged.Set(key, value);
    } else if (null == Null::kRemovesKey) {
      merged.Erase(key);
    }
  }
  *to = std::move(merged);
}

void Merge(const SparseVectorParamsDiff& from, VectorParams* to) {
  Take(from.modifier, &to->modifier);
  to->index_given = to->index_given || from.index_given;
  Take(from.full_scan_threshold, &to->full_scan_threshold);
  Take(from.on_disk, &to->on_disk);
  Take(from.memory, &to->memory);
  Take(from.datatype, &to->datatype);
}

// Whether the vectors of an update are there and of its kinds.
Status CheckNames(const UpdateCollection& update, const CollectionConfig& config) {
  const auto find = [&config](const std::string& name, bool sparse) -> Result<const VectorParams*> {
    const auto found = config.vectors.find(name);
    if (found == config.vectors.end() || (found->second.kind == VectorKind::kSparse) != sparse)
      return WrongInput(fmt::format("Not existing vector name error: {}", name));
    return &found->second;
  };
  for (const auto& [name, diff] : update.vectors) RETURN_IF_ERROR(find(name, /*sparse=*/false));
  for (const auto& [name, diff] : update.sparse_vectors) {
    ASSIGN_OR_RETURN(const VectorParams* vector, find(name, /*sparse=*/true));
    if (diff.datatype && *diff.datatype != vector->effective_datatype())
      return WrongInput(fmt::format("sparse_vectors[{}].index.datatype is {} and cannot be changed", name,
                                    DatatypeName(vector->effective_datatype())));
  }
  return OkStatus();
}

// What never changes of a vector.
bool SameSpace(const VectorParams& a, const VectorParams& b) {
  const auto modifier = [](const VectorParams& params) { return params.modifier.value_or(SparseModifier::kNone); };
  return a.kind == b.kind && a.size == b.size && a.distance == b.distance &&
         a.effective_datatype() == b.effective_datatype() && modifier(a) == modifier(b);
}

}  // namespace

Status ApplyUpdate(const UpdateCollection& update, CollectionConfig* config) {
  RETURN_IF_ERROR(CheckNames(update, *config));
  for (const auto& [name, diff] : update.vectors) {
    VectorParams& vector = config->vectors.at(name);
    Merge(diff.hnsw, &vector.hnsw);
    MergeQuantization(diff.quantization_config, &vector.quantization_config);
    Take(diff.on_disk, &vector.on_disk);
    Take(diff.memory, &vector.memory);
  }
  for (const auto& [name, diff] : update.sparse_vectors) Merge(diff, &config->vectors.at(name));
  Merge(update.hnsw, &config->hnsw);
  Merge(update.hnsw, &config->hnsw_given);
  Merge(update.optimizers, &config->optimizers);
  Take(update.replication_factor, &config->replication_factor);
  Take(update.write_consistency_factor, &config->write_consistency_factor);
  Take(update.read_fan_out_factor, &config->read_fan_out_factor);
  Take(update.on_disk_payload, &config->on_disk_payload);
  Take(update.payload, &config->payload);
  MergeQuantization(update.quantization_config, &config->quantization_config);
  MergeObject(update.strict_mode_config, Null::kKeepsOld, &config->strict_mode_config);
  MergeObject(update.metadata, Null::kRemovesKey, &config->metadata);
  return OkStatus();
}

Status AddVector(const std::string& name, const VectorParams& vector, CollectionConfig* config) {
  const auto [place, fresh] = config->vectors.try_emplace(name, vector);
  if (!fresh) {
    if (SameSpace(place->second, vector)) return OkStatus();
    return WrongInput(fmt::format("Vector \"{}\" already exists with a different configuration", name));
  }
  place->second.name_id = 0;
  if (vector.kind != VectorKind::kSparse) config->single_unnamed = false;
  return OkStatus();
}

Status DropVector(const std::string& name, CollectionConfig* config) {
  if (config->vectors.erase(name) == 0) return WrongInput(fmt::format("Not existing vector name error: {}", name));
  if (name.empty()) config->single_unnamed = false;
  return OkStatus();
}

}  // namespace sextant::service
