#include "wire/rest/request/collection_requests.h"

#include <utility>

#include "wire/rest/json/json_value.h"
#include "wire/rest/request/config_parts.h"

namespace sextant::wire {
namespace {

template <typename To, typename From>
void Apply(const std::optional<From>& given, To* setting) {
  if (given) *setting = *given;
}

void ApplyHnsw(const HnswConfigDiff& given, CollectionConfig* config) {
  HnswConfig* hnsw = &config->hnsw;
  Apply(given.m, &hnsw->m);
  Apply(given.ef_construct, &hnsw->ef_construct);
  Apply(given.full_scan_threshold_kb, &hnsw->full_scan_threshold_kb);
  Apply(given.max_indexing_threads, &hnsw->max_indexing_threads);
  Apply(given.on_disk, &hnsw->on_disk);
  Apply(given.payload_m, &hnsw->payload_m);
  config->hnsw_given = given;
}

void ApplyOptimizers(const service::OptimizersConfigDiff& given, OptimizersConfig* optimizers) {
  Apply(given.deleted_threshold, &optimizers->deleted_threshold);
  Apply(given.vacuum_min_vector_number, &optimizers->vacuum_min_vector_number);
  Apply(given.default_segment_number, &optimizers->default_segment_number);
  Apply(given.max_segment_size_kb, &optimizers->max_segment_size_kb);
  Apply(given.memmap_threshold_kb, &optimizers->memmap_threshold_kb);
  Apply(given.indexing_threshold_kb, &optimizers->indexing_threshold_kb);
  Apply(given.flush_interval_sec, &optimizers->flush_interval_sec);
  Apply(given.max_optimization_threads, &optimizers->max_optimization_threads);
  Apply(given.prevent_unoptimized, &optimizers->prevent_unoptimized);
}

void DecodeSharding(Value body, CollectionConfig* config) {
  body["shard_number"].ReadAtLeast(1, &config->shard_number);
  const Value method = body["sharding_method"];
  if (method.Choice({"auto", "custom"}) == 1) method.Unsupported("custom sharding");
  method.Read(&config->sharding_method);
  body["replication_factor"].ReadAtLeast(1, &config->replication_factor);
  body["write_consistency_factor"].ReadAtLeast(1, &config->write_consistency_factor);
}

void DecodeCreateBody(Value body, service::CreateCollection* out) {
  CollectionConfig* config = &out->config;
  DecodeVectorsConfig(body["vectors"], config);
  DecodeSparseVectorsConfig(body["sparse_vectors"], config);
  HnswConfigDiff hnsw;
  DecodeHnswDiff(body["hnsw_config"], &hnsw);
  ApplyHnsw(hnsw, config);
  service::OptimizersConfigDiff optimizers;
  DecodeOptimizersDiff(body.Either("optimizers_config", "optimizer_config"), &optimizers);
  ApplyOptimizers(optimizers, &config->optimizers);
  DecodeSharding(body, config);
  body["on_disk_payload"].Read(&config->on_disk_payload);
  DecodePayloadStorage(body["payload"], &config->payload);
  DecodeWal(body["wal_config"], &config->wal_config);
  DecodeQuantization(body.Either("quantization_config", "quantization"), false, &config->quantization_config);
  DecodeStrictMode(body["strict_mode_config"], &config->strict_mode_config);
  DecodeMetadata(body["metadata"], &config->metadata);
}

void DecodeUpdateBody(Value body, service::UpdateCollection* out) {
  DecodeVectorsDiff(body["vectors"], &out->vectors);
  DecodeSparseVectorsDiff(body["sparse_vectors"], &out->sparse_vectors);
  DecodeHnswDiff(body["hnsw_config"], &out->hnsw);
  DecodeOptimizersDiff(body.Either("optimizers_config", "optimizer_config"), &out->optimizers);
  if (Value params = body["params"]) {
    uint64_t delay_ms = 0;  // of asking a second replica; there is one
    params["replication_factor"].ReadAtLeast(1, &out->replication_factor);
    params["write_consistency_factor"].ReadAtLeast(1, &out->write_consistency_factor);
    params["read_fan_out_factor"].Read(&out->read_fan_out_factor);
    params["read_fan_out_delay_ms"].Read(&delay_ms);
    params["on_disk_payload"].Read(&out->on_disk_payload);
    DecodePayloadStorage(params["payload"], &out->payload);
  }
  DecodeQuantization(body.Either("quantization_config", "quantization"), true, &out->quantization_config);
  DecodeStrictMode(body["strict_mode_config"], &out->strict_mode_config);
  DecodeMetadata(body["metadata"], &out->metadata);
}

void DecodeAliasAction(Value value, std::vector<service::AliasAction>* out) {
  if (!value.Expect(value.is_object(), "an alias action")) return;
  if (Value create = value["create_alias"]) {
    service::CreateAlias action;
    create.Required("collection_name").Read(&action.collection);
    create.Required("alias_name").Read(&action.alias);
    out->emplace_back(std::move(action));
  } else if (Value remove = value["delete_alias"]) {
    service::DeleteAlias action;
    remove.Required("alias_name").Read(&action.alias);
    out->emplace_back(std::move(action));
  } else if (Value rename = value["rename_alias"]) {
    service::RenameAlias action;
    rename.Required("old_alias_name").Read(&action.old_alias);
    rename.Required("new_alias_name").Read(&action.new_alias);
    out->emplace_back(std::move(action));
  } else {
    value.Fail("unknown alias action, expected one of `create_alias`, `delete_alias`, `rename_alias`");
  }
}

void DecodeAliasBody(Value body, std::vector<service::AliasAction>* out) {
  body.Required("actions").ForEach([&](Value action) { DecodeAliasAction(action, out); });
}

}  // namespace

Result<service::CreateCollection> DecodeCreateCollection(const std::string& body, const CollectionConfig& defaults) {
  return DecodeBody<service::CreateCollection>(body, DecodeCreateBody, service::CreateCollection{defaults});
}
Result<service::UpdateCollection> DecodeUpdateCollection(const std::string& body) {
  return DecodeBody<service::UpdateCollection>(body, DecodeUpdateBody);
}
Result<VectorParams> DecodeVectorName(const std::string& body) {
  return DecodeBody<VectorParams>(body, DecodeVectorNameConfig);
}
Result<std::vector<service::AliasAction>> DecodeAliasActions(const std::string& body) {
  return DecodeBody<std::vector<service::AliasAction>>(body, DecodeAliasBody);
}

}  // namespace sextant::wire
