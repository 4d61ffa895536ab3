#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/status.h"
#include "search/view.h"
#include "shard/shard.h"
#include "types/config.h"

namespace sextant::collection {

// What: one open collection: its configuration and its shards. Routes updates to the shards and lends their views.
// Threads: every call from any thread.
// Ownership: owns the shards; borrows the environment. Whoever holds a view holds the collection too.
// Errors: Open names the collection, the shard and the damaged file, and deletes nothing.
class Collection {
 public:
  // `directory` holds one directory per shard. `create`: makes them; after an error the caller removes the directory.
  static Result<std::unique_ptr<Collection>> Open(const shard::ShardEnvironment& environment, std::string directory,
                                                  std::string name, const CollectionConfig& config, bool create);
  ~Collection();
  Collection(const Collection&) = delete;
  Collection& operator=(const Collection&) = delete;

  const std::string& name() const { return name_; }
  const std::string& directory() const { return directory_; }
  std::shared_ptr<const CollectionConfig> config() const;
  // Shows the new configuration and hands it to the shards.
  void UpdateConfig(const CollectionConfig& config);

  // Hands the parts of an update to their shards; they commit on their own, so one part may succeed where another
  // fails. `done` is called once, after the last shard: with the largest operation number, or the first error.
  void Submit(shard::Operation operation, shard::WriteCallback done,
              shard::AnswerTime answer = shard::AnswerTime::kWhenVisible);

  // One view per shard, in order of the shards.
  std::vector<std::shared_ptr<const search::View>> Views() const;
  std::vector<shard::ShardInfo> ShardInfos() const;
  Status WaitForOptimizers(const Deadline& deadline);

  // A dropped collection's files are removed once it is closed.
  void MarkDropped() { dropped_.store(true, std::memory_order_relaxed); }
  bool dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  Collection(std::string directory, std::string name, const CollectionConfig& config);

  const std::string directory_;
  const std::string name_;
  std::atomic<bool> dropped_{false};  // a flag alone; read when the last holder has let go
  std::vector<std::unique_ptr<shard::Shard>> shards_;

  mutable std::mutex mutex_;
  std::shared_ptr<const CollectionConfig> config_;  // guarded by mutex_
};

}  // namespace sextant::collection
