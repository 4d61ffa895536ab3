#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/executor.h"
#include "runtime/timer.h"
#include "shard/shard.h"

namespace sextant::shard {

// What: everything a shard borrows, for tests: executors, timer, stores and files, on a temporary directory or in
// memory.
// Threads: one test.
class ShardHarness {
 public:
  enum class Medium { kDisk, kMemory };
  explicit ShardHarness(Medium medium);
  ~ShardHarness();

  const ShardEnvironment& environment() const { return environment_; }
  ShardEnvironment& environment() { return environment_; }
  const std::string& directory() const { return directory_; }

  // Runs an operation to its end.
  static Result<WriteOutcome> Run(Shard& shard, Operation operation);

 private:
  std::string root_;
  std::string directory_;
  std::unique_ptr<storage::StoreEnvironment> stores_;
  std::unique_ptr<storage::FileSystem> files_;
  std::unique_ptr<Executor> writers_;
  std::unique_ptr<Executor> optimizers_;
  std::unique_ptr<Timer> timer_;
  ShardEnvironment environment_;
};

// A collection of one unnamed vector, with the indexing threshold so low that `seal_rows` rows are sealed.
CollectionConfig SmallConfig(uint32_t dim, Distance distance, uint64_t seal_rows);

}  // namespace sextant::shard
