#include "collection/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <future>
#include <thread>
#include <utility>

#include "collection/catalog.h"
#include "collection/collection.h"
#include "collection/memory_watch.h"
#include "collection/registry.h"
#include "collection/sharding/parallel.h"
#include "collection/storage_lock.h"
#include "runtime/log.h"
#include "runtime/memory.h"

namespace sextant::collection {
namespace {

int ThreadsOr(int threads, unsigned fallback) {
  return threads > 0 ? threads : static_cast<int>(std::max(1u, fallback));
}

// Why a collection cannot be served. Damage stays damage; a missing file must not look like a missing collection.
Status SetAside(const std::string& name, const Status& cause) {
  const std::string message = fmt::format(
      "Collection `{}` is set aside: {}. Its files are untouched; repair them and "
      "restart, or delete the collection",
      name, std::string(cause.message()));
  return ErrorClassOf(cause) == ErrorClass::kCorruption ? Corruption(message) : Unavailable(message);
}

std::optional<uint64_t> ParseId(const std::string& text) {
  uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || std::to_string(id) != text) return std::nullopt;
  return id;
}

}  // namespace

Node::Node(NodeOptions options) : options_(std::move(options)) {}

Result<std::unique_ptr<Node>> Node::Open(NodeOptions options) {
  std::unique_ptr<Node> node(new Node(std::move(options)));
  RETURN_IF_ERROR(node->Start());
  return node;
}

// Users of the collections stop first; closing a collection still needs writers, sealers and optimizers.
Node::~Node() {
  memory_watch_.reset();
  if (search_executor_) search_executor_->Stop();
  if (meta_executor_) meta_executor_->Stop();
  if (changes_) changes_->Stop();
  Publish(std::make_shared<const Registry>());
  if (closer_) closer_->Stop();
}

Status Node::Start() {
  const unsigned cores = std::thread::hardware_concurrency();
  files_ = options_.files;
  if (files_ == nullptr) {
    own_files_ = options_.ephemeral ? storage::MakeMemoryFileSystem() : storage::MakePosixFileSystem();
    files_ = own_files_.get();
  }
  stores_ = std::make_unique<storage::StoreEnvironment>(
      storage::StoreEnvironment::Options{.block_cache_bytes = options_.block_cache_bytes,
                                         .write_buffer_bytes = options_.write_buffer_bytes,
                                         .in_memory = options_.ephemeral,
                                         .compactions_yield = true,
                                         .file_system = options_.store_files});
  memory_ = std::make_unique<MemoryBudget>(options_.memory_limit_bytes);
  timer_ = std::make_unique<Timer>();
  writers_ = std::make_unique<Executor>("writer", ThreadsOr(options_.writer_threads, 1));
  sealers_ = std::make_unique<Executor>("sealer", 1, Executor::Priority::kLow);
  optimizers_ = std::make_unique<Executor>("optimizer", ThreadsOr(options_.optimizer_threads, 1),
                                           Executor::Priority::kBackground);
  tidiers_ = std::make_unique<Executor>("tidier", 1, Executor::Priority::kBackground);
  index_builders_ = std::make_unique<Executor>("indexes", 1);
  column_builders_ = std::make_unique<Executor>("columns", 1, Executor::Priority::kLow);
  closer_ = std::make_unique<Executor>("closer", 1);
  changes_ = std::make_unique<Executor>("catalog", 1);
  search_executor_ = std::make_unique<Executor>("search", ThreadsOr(options_.search_threads, cores));
  meta_executor_ = std::make_unique<Executor>("meta", 2);
  shard_environment_ = {stores_.get(),
                        files_,
                        writers_.get(),
                        sealers_.get(),
                        optimizers_.get(),
                        tidiers_.get(),
                        timer_.get(),
                        options_.sync && !options_.ephemeral,
                        ThreadsOr(options_.build_threads, cores),
                        index_builders_.get(),
                        column_builders_.get(),
                        memory_.get()};
  RETURN_IF_ERROR(PrepareStorage());
  RETURN_IF_ERROR(OpenCollections());
  memory_watch_ = std::make_unique<MemoryWatch>(memory_.get(), [this] { return MemoryBytes(); });
  return OkStatus();
}

Status Node::PrepareStorage() {
  RETURN_IF_ERROR(files_->CreateDirs(CollectionsDirectory()));
  if (!options_.ephemeral) {
    ASSIGN_OR_RETURN(lock_, StorageLock::Acquire(options_.storage_path));
  }
  ASSIGN_OR_RETURN(catalog_, Catalog::Open(stores_.get(), options_.storage_path + "/catalog"));
  return files_->SyncDir(options_.storage_path);
}

std::string Node::CollectionsDirectory() const {
  return options_.storage_path + "/collections";
}
std::string Node::DirectoryOf(uint64_t id) const {
  return fmt::format("{}/{}", CollectionsDirectory(), id);
}

Status Node::OpenCollections() {
  ASSIGN_OR_RETURN(const Catalog::Contents contents, catalog_->Load());
  next_id_ = contents.next_id;
  std::vector<std::shared_ptr<Registry::Entry>> entries(contents.collections.size());
  RETURN_IF_ERROR(ForEachParallel(search_executor_.get(), entries.size(), [&](size_t i) {
    const Catalog::Entry& known = contents.collections[i];
    entries[i] = std::make_shared<Registry::Entry>(Registry::Entry{known.id, known.name, nullptr, OkStatus()});
    Status status = known.config.status();
    if (status.ok()) {
      auto opened = OpenCollection(known.id, known.name, *known.config, /*create=*/false);
      status = opened.status();
      if (opened.ok()) entries[i]->collection = *std::move(opened);
    }
    if (!status.ok()) {
      entries[i]->damage = SetAside(known.name, status);
      LogError(std::string(entries[i]->damage.message()));
    }
    return OkStatus();
  }));
  auto registry = std::make_shared<Registry>();
  std::map<uint64_t, std::string> names;
  for (auto& entry : entries) {
    names[entry->id] = entry->name;
    registry->collections[entry->name] = std::move(entry);
  }
  for (const auto& [alias, id] : contents.aliases) {
    if (const auto name = names.find(id); name != names.end()) registry->aliases[alias] = name->second;
  }
  RemoveOrphans(*registry);
  Publish(std::move(registry));
  return OkStatus();
}

// Directories of creations that never reached the catalog and of drops whose removal was interrupted. Only called
// when the whole catalog was read: what it does not name belongs to nobody.
void Node::RemoveOrphans(const Registry& registry) {
  const auto names = files_->List(CollectionsDirectory());
  if (!names.ok()) {
    LogWarning(fmt::format("cannot look for leftover directories: {}", std::string(names.status().message())));
    return;
  }
  std::vector<uint64_t> known;
  for (const auto& [name, entry] : registry.collections) known.push_back(entry->id);
  for (const std::string& name : *names) {
    const auto id = ParseId(name);
    if (!id || std::find(known.begin(), known.end(), *id) != known.end()) continue;
    next_id_ = std::max(next_id_, *id + 1);
    RemoveDirectory(DirectoryOf(*id));
  }
}

void Node::RemoveDirectory(const std::string& directory) {
  Status status = files_->RemoveTree(directory);
  if (status.ok()) status = files_->SyncDir(CollectionsDirectory());
  if (!status.ok()) {
    LogWarning(
        fmt::format("cannot remove '{}', the next start tries again: {}", directory, std::string(status.message())));
  }
}

std::shared_ptr<const Registry> Node::registry() const {
  std::lock_guard lock(mutex_);
  return registry_;
}

void Node::Publish(std::shared_ptr<const Registry> registry) {
  std::lock_guard lock(mutex_);
  registry_.swap(registry);  // the old one is released by the caller's argument, after the lock
}

Result<std::shared_ptr<Collection>> Node::Find(std::string_view name_or_alias) const {
  const auto names = registry();
  const Registry::Entry* entry = names->Find(name_or_alias);
  if (entry == nullptr) return NotFound(fmt::format("Collection `{}` doesn't exist!", name_or_alias));
  if (!entry->collection) return entry->damage;
  return entry->collection;
}

Result<std::shared_ptr<Collection>> Node::OpenCollection(uint64_t id, const std::string& name,
                                                         const CollectionConfig& config, bool create) {
  ASSIGN_OR_RETURN(auto opened, Collection::Open(shard_environment_, DirectoryOf(id), name, config, create));
  // The last holder may be a writer or an event loop; closing waits for both disk and writers, so it has its thread.
  return std::shared_ptr<Collection>(opened.release(), [this](Collection* collection) {
    closing_.fetch_add(1, std::memory_order_relaxed);
    closer_->Post([this, collection] {
      const bool dropped = collection->dropped();
      const std::string directory = collection->directory();
      delete collection;
      if (dropped) RemoveDirectory(directory);
      if (closing_.fetch_sub(1, std::memory_order_relaxed) == 1) ReturnFreeMemory();  // once for many
    });
  });
}

Status Node::AdmitWrite() const {
  return memory_watch_->Admit();
}
std::chrono::milliseconds Node::WriteDelay() const {
  return memory_watch_->Delay();
}
void Node::MeasureMemory() {
  memory_watch_->Sample();
}

uint64_t Node::MemoryBytes() const {
  uint64_t bytes = stores_->memory_bytes();
  const auto names = registry();
  for (const auto& [name, entry] : names->collections) {
    if (!entry->collection) continue;
    for (const shard::ShardInfo& shard : entry->collection->ShardInfos()) bytes += shard.resident_bytes;
  }
  return bytes;
}

Status Node::RunAlone(const std::function<Status()>& change) {
  std::promise<Status> done;
  changes_->Post([&] { done.set_value(change()); });
  return done.get_future().get();
}

void Node::WaitForRemovals() {
  std::promise<void> done;
  closer_->Post([&] { done.set_value(); });
  done.get_future().wait();
}

}  // namespace sextant::collection
