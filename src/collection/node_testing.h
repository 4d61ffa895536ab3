#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "collection/collection.h"
#include "collection/node.h"
#include "points/point.h"
#include "shard/operation.h"
#include "storage/fault_testing.h"
#include "storage/file_system_testing.h"
#include "types/config.h"

namespace sextant::collection {

// kFastDisk: files like kDisk, but syncs do not wait for the machine's disk.
enum class Medium { kMemory, kDisk, kFastDisk };
std::string MediumName(Medium medium);

// What: a node over a directory of its own, for tests. Ends the process when the node cannot be opened.
// Threads: one at a time (the node itself: any).
class TestNode {
 public:
  explicit TestNode(Medium medium);

  Node* operator->() { return node_.get(); }
  Node* get() { return node_.get(); }
  std::string path() const { return directory_ / "node"; }

  // Closes the node; Open starts it again on the same directory.
  void Close() { node_.reset(); }
  Status Open();
  void Reopen();

  // The names in `<storage>/collections`, sorted, after all removals.
  std::vector<std::string> CollectionDirectories();

 private:
  const Medium medium_;
  storage::TemporaryDirectory directory_;
  std::unique_ptr<storage::SimulatedDisk> disk_;  // of kFastDisk
  std::unique_ptr<Node> node_;
};

// One unnamed vector.
CollectionConfig UnnamedConfig(uint32_t size, Distance distance = Distance::kDot, uint32_t shards = 1);

PointInput MakePoint(uint64_t id, std::vector<float> vector, std::string payload = "");

// Submits and waits for the answer.
Result<shard::WriteOutcome> Apply(Collection* collection, shard::Operation operation);

}  // namespace sextant::collection
