#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "runtime/deadline.h"
#include "runtime/executor.h"
#include "runtime/memory.h"
#include "runtime/timer.h"
#include "search/view.h"
#include "shard/long_running/column_policy.h"
#include "shard/operation.h"
#include "storage/file_system.h"
#include "storage/store.h"
#include "types/config.h"

namespace sextant::shard {

// What the shards of a node share. Outlives them.
struct ShardEnvironment {
  storage::StoreEnvironment* stores = nullptr;
  storage::FileSystem* files = nullptr;  // segment files; the memory file system on an ephemeral node
  Executor* writers = nullptr;           // runs commit groups; blocks in syncs
  Executor* sealers = nullptr;           // runs seals; searches go through all rows that wait for one
  Executor* optimizers = nullptr;        // runs merges, which may take long and yield to seals
  Executor* tidiers = nullptr;  // removes and verifies files, compacts stores; waits for the stores' own threads
  Timer* timer = nullptr;       // starts merges that wait for a quiet moment, and retries
  bool sync = true;             // sync every commit group
  int build_threads = 1;
  Executor* index_builders = nullptr;    // fills payload indexes, for which clients wait
  Executor* column_builders = nullptr;   // fills background columns at low priority; null: there are none
  const MemoryBudget* memory = nullptr;  // what background columns must leave room in; null: there is enough
  BatchLimits batch_limits = {};
  ColumnPolicy column_policy = {};
  // Of a segment. Larger files of rows are verified in the background, and where they are read: a start does not wait.
  uint64_t rows_verified_at_open = uint64_t{64} << 20;
};

struct ShardInfo {
  uint64_t points = 0;
  uint64_t indexed_vectors = 0;  // live rows in segments with a graph
  uint64_t segments = 0;
  uint64_t queued_operations = 0;
  uint64_t commit_groups = 0;                  // store batches committed for operations since the shard was opened
  bool optimizing = false;                     // a seal or merge is running or due
  std::optional<std::string> optimizer_error;  // of the last seal or merge, until one succeeds; or a damaged file
  std::vector<payload_index::IndexSnapshot::Field> fields;
  uint64_t disk_bytes = 0;
  uint64_t resident_bytes = 0;  // growing rows, pinned segment parts, tables, payload indexes, columns, builds
};

// What: one partition of a collection: orders its updates, commits them in groups (one store batch and one sync for
// all operations that wait), publishes views, seals and merges segments in the background.
// Threads: every call from any thread. Updates are applied by one writer task at a time; readers take view() and
// never wait for it.
// Ownership: the directory is its own while open; borrows the environment. The destructor waits for the running
// commit group and cancels background work.
// Errors: Open returns kCorruption naming the damaged file and deletes nothing. A failed commit group leaves memory
// and disk as last acknowledged; every operation of the group gets the error.
class Shard {
 public:
  // `create`: the directory must not hold a shard yet.
  static Result<std::unique_ptr<Shard>> Open(const ShardEnvironment& environment, const std::string& directory,
                                             const CollectionConfig& config, bool create);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // Enqueues an update; `done` is called once, after the commit (durable and visible) or with an error. Unknown vector
  // names, vectors of the wrong kind or dimension: kWrongInput. A large operation is durable long before it is visible;
  // with kWhenDurable `done` is called then.
  void Submit(Operation operation, WriteCallback done, AnswerTime answer = AnswerTime::kWhenVisible);

  std::shared_ptr<const search::View> view() const;

  // New optimizer, graph or placement settings take effect in the background. Where vector names came or went, blocks
  // until views show it; the rows of dropped ones are removed in the background.
  void UpdateConfig(const CollectionConfig& config);

  ShardInfo info() const;
  // Blocks until no seal or merge is running or due (tests, benchmarks), or the deadline.
  Status WaitForOptimizers(const Deadline& deadline);

 private:
  class Impl;
  explicit Shard(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace sextant::shard
