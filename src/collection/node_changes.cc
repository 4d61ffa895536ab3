// The changes of a node's catalog. All run on the `changes_` thread, one after another: no lock is held across I/O,
// and what is read from the registry at the start still holds at the end.
#include <fmt/format.h>

#include <utility>

#include "collection/catalog.h"
#include "collection/collection.h"
#include "collection/node.h"
#include "collection/registry.h"

namespace sextant::collection {
namespace {

Status AlreadyThere(const std::string& name) {
  return AlreadyExists(fmt::format("Collection `{}` already exists!", name));
}
Status Missing(const std::string& name) {
  return NotFound(fmt::format("Collection `{}` doesn't exist!", name));
}

// To the vectors that are new.
void GiveNameIds(CollectionConfig* config) {
  for (auto& [name, vector] : config->vectors)
    if (vector.name_id == 0) vector.name_id = config->next_name_id++;
}

// Applies alias actions to a copy of the registry and collects what the catalog must change.
class AliasEdit {
 public:
  explicit AliasEdit(Registry* registry) : registry_(registry) {}

  Status operator()(const CreateAlias& action) {
    const auto collection = registry_->collections.find(action.collection);
    if (collection == registry_->collections.end()) return Missing(action.collection);
    if (registry_->collections.contains(action.alias)) return AlreadyThere(action.alias);
    Point(action.alias, *collection->second);
    return OkStatus();
  }

  Status operator()(const DeleteAlias& action) {
    if (registry_->aliases.erase(action.alias) > 0) changes_[action.alias] = std::nullopt;
    return OkStatus();
  }

  Status operator()(const RenameAlias& action) {
    const auto found = registry_->aliases.find(action.old_alias);
    if (found == registry_->aliases.end()) return NotFound(fmt::format("Alias {} does not exists!", action.old_alias));
    if (registry_->collections.contains(action.new_alias)) return AlreadyThere(action.new_alias);
    const auto target = registry_->collections.at(found->second);
    registry_->aliases.erase(found);
    changes_[action.old_alias] = std::nullopt;
    Point(action.new_alias, *target);
    return OkStatus();
  }

  const std::map<std::string, std::optional<uint64_t>>& changes() const { return changes_; }

 private:
  void Point(const std::string& alias, const Registry::Entry& target) {
    registry_->aliases[alias] = target.name;
    changes_[alias] = target.id;
  }

  Registry* registry_;
  std::map<std::string, std::optional<uint64_t>> changes_;
};

}  // namespace

Status Node::Create(const std::string& name, CollectionConfig config) {
  return RunAlone([&] { return CreateNow(name, std::move(config)); });
}

Result<bool> Node::Drop(const std::string& name) {
  bool dropped = false;
  RETURN_IF_ERROR(RunAlone([&]() -> Status {
    ASSIGN_OR_RETURN(dropped, DropNow(name));
    return OkStatus();
  }));
  return dropped;
}

Status Node::UpdateConfig(const std::string& name_or_alias, const std::function<Status(CollectionConfig*)>& edit) {
  return RunAlone([&] { return UpdateConfigNow(name_or_alias, edit); });
}

Status Node::UpdateAliases(const std::vector<AliasAction>& actions) {
  return RunAlone([&] { return UpdateAliasesNow(actions); });
}

Status Node::CreateNow(const std::string& name, CollectionConfig config) {
  const auto before = registry();
  if (before->collections.contains(name)) return AlreadyThere(name);
  if (before->aliases.contains(name)) {
    return WrongInput(
        fmt::format("Can't create collection with name {}. Alias with the same name already exists", name));
  }
  if (options_.max_collections && before->collections.size() >= *options_.max_collections) {
    return WrongInput(fmt::format("Can't create collection with name {}. Max collections limit reached: {}", name,
                                  *options_.max_collections));
  }
  GiveNameIds(&config);
  const uint64_t id = next_id_++;
  ASSIGN_OR_RETURN(auto collection, MakeCollection(id, name, config));
  if (Status listed = catalog_->PutCollection(id, name, config); !listed.ok()) {
    collection->MarkDropped();
    return listed;
  }
  auto after = std::make_shared<Registry>(*before);
  after->collections[name] =
      std::make_shared<const Registry::Entry>(Registry::Entry{id, name, std::move(collection), OkStatus()});
  Publish(std::move(after));
  return OkStatus();
}

// Everything the shards made is on disk when this returns, so that the catalog never names what a power cut takes away.
Result<std::shared_ptr<Collection>> Node::MakeCollection(uint64_t id, const std::string& name,
                                                         const CollectionConfig& config) {
  const std::string directory = DirectoryOf(id);
  RETURN_IF_ERROR(files_->CreateDirs(directory));
  auto opened = OpenCollection(id, name, config, /*create=*/true);
  if (!opened.ok()) RemoveDirectory(directory);
  return opened;
}

Result<bool> Node::DropNow(const std::string& name) {
  const auto before = registry();
  const auto found = before->collections.find(name);
  if (found == before->collections.end()) return false;
  const Registry::Entry& entry = *found->second;
  auto after = std::make_shared<Registry>(*before);
  after->collections.erase(name);
  std::vector<std::string> aliases;
  for (const auto& [alias, target] : before->aliases) {
    if (target != name) continue;
    aliases.push_back(alias);
    after->aliases.erase(alias);
  }
  RETURN_IF_ERROR(catalog_->RemoveCollection(entry.id, aliases));
  Publish(std::move(after));
  if (entry.collection) {
    entry.collection->MarkDropped();
  } else {
    closer_->Post([this, directory = DirectoryOf(entry.id)] { RemoveDirectory(directory); });
  }
  return true;
}

Status Node::UpdateConfigNow(const std::string& name_or_alias, const std::function<Status(CollectionConfig*)>& edit) {
  const auto names = registry();
  const Registry::Entry* entry = names->Find(name_or_alias);
  if (entry == nullptr) return Missing(name_or_alias);
  if (!entry->collection) return entry->damage;
  CollectionConfig config = *entry->collection->config();
  RETURN_IF_ERROR(edit(&config));
  GiveNameIds(&config);
  if (ToJson(config) == ToJson(*entry->collection->config())) return OkStatus();
  RETURN_IF_ERROR(catalog_->PutCollection(entry->id, entry->name, config));
  entry->collection->UpdateConfig(config);
  return OkStatus();
}

Status Node::UpdateAliasesNow(const std::vector<AliasAction>& actions) {
  auto after = std::make_shared<Registry>(*registry());
  AliasEdit edit(after.get());
  Status first_error;
  for (const AliasAction& action : actions) {
    first_error = std::visit(edit, action);
    if (!first_error.ok()) break;
  }
  RETURN_IF_ERROR(catalog_->ChangeAliases(edit.changes()));
  Publish(std::move(after));
  return first_error;
}

}  // namespace sextant::collection
