#include "service/service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "collection/collection.h"
#include "collection/node.h"
#include "collection/registry.h"
#include "service/checks/config_check.h"
#include "service/checks/names.h"
#include "service/config_update.h"
#include "service/strict/strict_gate.h"

namespace sextant::service {
namespace {

Result<std::shared_ptr<collection::Collection>> FindCollection(const collection::Node& node, std::string_view name) {
  RETURN_IF_ERROR(CheckName(name));
  return node.Find(name);
}

void AddFields(const shard::ShardInfo& shard, std::vector<PayloadFieldInfo>* schema) {
  for (const auto& field : shard.fields) {
    const std::string key = field.path.ToString();
    auto known = std::find_if(schema->begin(), schema->end(), [&](const auto& other) { return other.key == key; });
    if (known == schema->end()) known = schema->insert(schema->end(), {key, field.schema, 0});
    known->points += field.points;
  }
}

CollectionStatus StatusOf(const std::vector<shard::ShardInfo>& shards) {
  const auto failed = [](const shard::ShardInfo& shard) { return shard.optimizer_error.has_value(); };
  const auto busy = [](const shard::ShardInfo& shard) { return shard.optimizing; };
  if (std::any_of(shards.begin(), shards.end(), failed)) return CollectionStatus::kRed;
  return std::any_of(shards.begin(), shards.end(), busy) ? CollectionStatus::kYellow : CollectionStatus::kGreen;
}

// Of a change that is done; it has no number of its own.
UpdateResult ResultOf(const WriteOptions& options) {
  return {std::nullopt, options.wait ? UpdateStatus::kCompleted : UpdateStatus::kAcknowledged};
}

}  // namespace

Service::Service(collection::Node* node)
    : node_(node), strict_(std::make_unique<StrictGate>(node->search_executor())) {}

Service::~Service() = default;

const CollectionConfig& Service::DefaultConfig() const {
  return node_->options().defaults;
}

std::vector<std::string> Service::ListCollections() const {
  std::vector<std::string> names;
  const auto registry = node_->registry();
  for (const auto& [name, entry] : registry->collections) names.push_back(name);
  return names;
}

Result<CollectionInfo> Service::GetCollection(std::string_view name) const {
  ASSIGN_OR_RETURN(const auto found, FindCollection(*node_, name));
  const std::vector<shard::ShardInfo> shards = found->ShardInfos();
  CollectionInfo info;
  info.status = StatusOf(shards);
  info.config = *found->config();
  for (const shard::ShardInfo& shard : shards) {
    info.points_count += shard.points;
    info.indexed_vectors_count += shard.indexed_vectors;
    info.segments_count += shard.segments;
    info.update_queue_length += shard.queued_operations;
    if (!info.optimizer_error) info.optimizer_error = shard.optimizer_error;
    AddFields(shard, &info.payload_schema);
  }
  return info;
}

bool Service::CollectionExists(std::string_view name) const {
  return node_->registry()->Find(name) != nullptr;
}

Result<bool> Service::Create(std::string_view name, CreateCollection request) {
  RETURN_IF_ERROR(CheckNewName(name));
  RETURN_IF_ERROR(CheckConfig(request.config));
  RETURN_IF_ERROR(node_->Create(std::string(name), std::move(request.config)));
  return true;
}

Result<bool> Service::Update(std::string_view name, UpdateCollection request) {
  RETURN_IF_ERROR(CheckName(name));
  RETURN_IF_ERROR(CheckUpdate(request));
  RETURN_IF_ERROR(
      node_->UpdateConfig(std::string(name), [&](CollectionConfig* config) { return ApplyUpdate(request, config); }));
  return true;
}

Result<bool> Service::Delete(std::string_view name) {
  RETURN_IF_ERROR(CheckName(name));
  return node_->Drop(std::string(name));
}

Result<UpdateResult> Service::CreateVector(std::string_view collection, const std::string& name,
                                           const VectorParams& vector, const WriteOptions& options) {
  RETURN_IF_ERROR(CheckName(collection));
  RETURN_IF_ERROR(CheckNamedVector(name, vector));
  RETURN_IF_ERROR(node_->UpdateConfig(std::string(collection),
                                      [&](CollectionConfig* config) { return AddVector(name, vector, config); }));
  return ResultOf(options);
}

Result<UpdateResult> Service::DeleteVector(std::string_view collection, const std::string& name,
                                           const WriteOptions& options) {
  RETURN_IF_ERROR(CheckName(collection));
  RETURN_IF_ERROR(
      node_->UpdateConfig(std::string(collection), [&](CollectionConfig* config) { return DropVector(name, config); }));
  return ResultOf(options);
}

Result<bool> Service::UpdateAliases(const std::vector<AliasAction>& actions) {
  for (const AliasAction& action : actions) {
    if (const auto* create = std::get_if<CreateAlias>(&action)) RETURN_IF_ERROR(CheckNewName(create->alias));
    if (const auto* rename = std::get_if<RenameAlias>(&action)) RETURN_IF_ERROR(CheckNewName(rename->new_alias));
  }
  RETURN_IF_ERROR(node_->UpdateAliases(actions));
  return true;
}

std::vector<AliasDescription> Service::ListAliases() const {
  std::vector<AliasDescription> aliases;
  const auto registry = node_->registry();
  for (const auto& [alias, target] : registry->aliases) aliases.push_back({alias, target});
  return aliases;
}

Result<std::vector<AliasDescription>> Service::ListCollectionAliases(std::string_view name) const {
  RETURN_IF_ERROR(CheckName(name));
  const auto registry = node_->registry();
  const auto* entry = registry->Find(name);
  if (entry == nullptr) return node_->Find(name).status();
  std::vector<AliasDescription> aliases;
  for (const auto& [alias, target] : registry->aliases) {
    if (target == entry->name) aliases.push_back({alias, target});
  }
  return aliases;
}

}  // namespace sextant::service
