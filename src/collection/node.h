#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "collection/aliases.h"
#include "runtime/executor.h"
#include "runtime/timer.h"
#include "shard/shard.h"
#include "storage/file_system.h"
#include "storage/store.h"
#include "types/config.h"

namespace sextant::collection {

class Catalog;
class Collection;
class MemoryWatch;
struct Registry;
class StorageLock;

struct NodeOptions {
  std::string storage_path = "./storage";
  bool ephemeral = false;  // everything in memory, nothing touches a disk; storage_path is only a name then
  bool sync = true;        // sync every commit group; the catalog is always synced
  CollectionConfig defaults = DefaultCollectionConfig();  // of new collections
  int search_threads = 0;                                 // 0: one per core
  int optimizer_threads = 2;                              // a long merge must not keep small ones waiting
  int writer_threads = 4;
  int build_threads = 0;  // threads of one graph build; 0: one per core
  std::optional<uint64_t> max_collections;
  uint64_t block_cache_bytes = 64ull << 20;
  uint64_t write_buffer_bytes = 64ull << 20;
  uint64_t memory_limit_bytes = 0;  // of all data in memory; 0: three quarters of what the process may use
  // Tests: file systems that inject faults, under segment files (borrowed) and under the stores.
  storage::FileSystem* files = nullptr;
  std::shared_ptr<storage::StoreFileSystem> store_files;
};

// What: one server's data: the catalog, all collections with their aliases, and the resources that they share
// (thread pools, store environment, file system).
// Layout: `<storage>/catalog` is the catalog's store, `<storage>/collections/<id>/<shard>` a shard, `<storage>/.lock`
// keeps a second server away. Ids are never reused and names given by users never become paths.
// Threads: every call from any thread. Lookups never wait for I/O. Changes run one after another on a thread of their
// own; their callers wait.
// Ownership: owns everything below. A collection outlives its drop for as long as somebody holds it; its files go
// when it is closed. Nothing obtained from a node may outlive it.
// Errors: Open fails with kCorruption if the catalog is damaged and with kUnavailable if another process holds the
// storage path. A collection that cannot be opened is set aside: it stays listed, Find answers why, nothing of it
// is deleted, the others are served. A failed change leaves memory and disk as they were.
class Node {
 public:
  static Result<std::unique_ptr<Node>> Open(NodeOptions options);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  const NodeOptions& options() const { return options_; }
  Executor* search_executor() { return search_executor_.get(); }  // reads; CPU bound
  Executor* meta_executor() { return meta_executor_.get(); }      // operations on collections; they block in I/O
  Timer* timer() { return timer_.get(); }
  storage::StoreEnvironment* stores() { return stores_.get(); }
  storage::FileSystem* files() { return files_; }

  // The newest state of names and aliases: immutable, never null.
  std::shared_ptr<const Registry> registry() const;
  // By name or alias. kNotFound, or why the collection was set aside.
  Result<std::shared_ptr<Collection>> Find(std::string_view name_or_alias) const;

  // `config` is complete but for the name ids, which are given here. kAlreadyExists for a collection of that name,
  // kWrongInput for an alias of that name and past max_collections.
  Status Create(const std::string& name, CollectionConfig config);
  // False when there is no such collection (an alias is none). Removes its aliases too.
  Result<bool> Drop(const std::string& name);
  // Runs `edit` on a copy of the collection's configuration, gives ids to the vectors that it adds (name_id 0),
  // persists the result and hands it to the shards, unless nothing is new. An error of `edit` is the answer and changes
  // nothing.
  Status UpdateConfig(const std::string& name_or_alias, const std::function<Status(CollectionConfig*)>& edit);
  // In order, published at once at the end. A failing action keeps the earlier ones and drops the later ones.
  Status UpdateAliases(const std::vector<AliasAction>& actions);

  // Whether there is memory for updates that add data; kBusy if not.
  Status AdmitWrite() const;
  // How long the answer to such an update should be held back (see MemoryWatch).
  std::chrono::milliseconds WriteDelay() const;
  // Measures memory at once (it is measured twice a second otherwise).
  void MeasureMemory();

  // Blocks until the collections dropped or released so far are closed and their files removed.
  void WaitForRemovals();

 private:
  explicit Node(NodeOptions options);
  Status Start();
  Status PrepareStorage();
  Status OpenCollections();
  void RemoveOrphans(const Registry& registry);
  // Runs a change of the catalog on its thread and waits for it.
  Status RunAlone(const std::function<Status()>& change);
  void Publish(std::shared_ptr<const Registry> registry);
  Result<std::shared_ptr<Collection>> OpenCollection(uint64_t id, const std::string& name,
                                                     const CollectionConfig& config, bool create);
  Result<std::shared_ptr<Collection>> MakeCollection(uint64_t id, const std::string& name,
                                                     const CollectionConfig& config);
  void RemoveDirectory(const std::string& directory);
  uint64_t MemoryBytes() const;
  Status CreateNow(const std::string& name, CollectionConfig config);
  Result<bool> DropNow(const std::string& name);
  Status UpdateConfigNow(const std::string& name_or_alias, const std::function<Status(CollectionConfig*)>& edit);
  Status UpdateAliasesNow(const std::vector<AliasAction>& actions);
  std::string CollectionsDirectory() const;
  std::string DirectoryOf(uint64_t id) const;

  NodeOptions options_;
  std::unique_ptr<StorageLock> lock_;
  std::unique_ptr<storage::FileSystem> own_files_;  // null when the options lent one
  storage::FileSystem* files_ = nullptr;
  std::unique_ptr<storage::StoreEnvironment> stores_;
  shard::ShardEnvironment shard_environment_;
  std::unique_ptr<MemoryBudget> memory_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<Executor> writers_;
  std::unique_ptr<Executor> sealers_;
  std::unique_ptr<Executor> optimizers_;
  std::unique_ptr<Executor> tidiers_;
  std::unique_ptr<Executor> index_builders_;
  std::unique_ptr<Executor> column_builders_;
  std::atomic<int> closing_{0};        // collections that closer_ has to close
  std::unique_ptr<Executor> closer_;   // closes collections; the last holder may be a thread that must not wait
  std::unique_ptr<Executor> changes_;  // one thread: changes of the catalog happen one after another
  std::unique_ptr<Executor> search_executor_;
  std::unique_ptr<Executor> meta_executor_;
  std::unique_ptr<Catalog> catalog_;  // touched by changes_ only
  uint64_t next_id_ = 1;              // touched by changes_ only

  mutable std::mutex mutex_;
  std::shared_ptr<const Registry> registry_;  // guarded by mutex_

  std::unique_ptr<MemoryWatch> memory_watch_;  // reads the registry
};

}  // namespace sextant::collection
