#pragma once

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "runtime/executor.h"
#include "runtime/timer.h"
#include "shard/shard.h"
#include "storage/fault_testing.h"

namespace sextant::shard {

// What: everything a shard borrows, for tests: executors, timer, stores and files, on a temporary directory or in
// memory.
// Threads: one test.
class ShardHarness {
 public:
  enum class Medium { kDisk, kMemory };
  explicit ShardHarness(Medium medium);
  // On a simulated disk that the test owns; the shard lives in `<root>/shard`.
  explicit ShardHarness(storage::SimulatedDisk* disk);
  // On a real directory that the test owns; the shard lives in `<root>/shard`.
  explicit ShardHarness(const std::string& root);
  ~ShardHarness();

  const ShardEnvironment& environment() const { return environment_; }
  ShardEnvironment& environment() { return environment_; }
  const std::string& directory() const { return directory_; }

  // Runs an operation to its end.
  static Result<WriteOutcome> Run(Shard& shard, Operation operation);

 private:
  void Start(const std::string& root, const storage::StoreEnvironment::Options& options, storage::FileSystem* files);

  std::string owned_root_;  // removed at the end; empty when the test owns it
  std::string directory_;
  std::unique_ptr<storage::StoreEnvironment> stores_;
  std::unique_ptr<storage::FileSystem> files_;
  std::unique_ptr<Executor> writers_;
  std::unique_ptr<Executor> sealers_;
  std::unique_ptr<Executor> optimizers_;
  std::unique_ptr<Executor> tidiers_;
  std::unique_ptr<Executor> index_builders_;
  std::unique_ptr<Executor> column_builders_;
  std::unique_ptr<Timer> timer_;
  ShardEnvironment environment_;
};

// Whether an operation has been answered.
bool Ready(const std::future<Status>& answer);

// A collection of one unnamed vector, with the indexing threshold so low that `seal_rows` rows are sealed.
CollectionConfig SmallConfig(uint32_t dim, Distance distance, uint64_t seal_rows);

// The points whose payload field `key` is `value`.
Filter FieldIs(const char* key, int64_t value);

}  // namespace sextant::shard
