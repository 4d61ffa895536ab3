// Changes of a node's catalog on a disk that fails or loses power at every step of them.
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collection/node.h"
#include "collection/node_testing.h"
#include "collection/registry.h"
#include "collection/sharding/collection_view.h"
#include "storage/fault_testing.h"
#include "storage/file_system_testing.h"

namespace sextant::collection {
namespace {

using storage::DiskOperation;
using storage::SimulatedDisk;

// What a client can tell of a node.
struct NodeState {
  struct Known {
    uint64_t points = 0;
    uint64_t indexing_threshold_kb = 0;
    friend bool operator==(const Known&, const Known&) = default;
  };
  std::map<std::string, Known> collections;
  std::map<std::string, std::string> aliases;
  friend bool operator==(const NodeState&, const NodeState&) = default;
};

std::string Describe(const NodeState& state) {
  std::string text;
  for (const auto& [name, known] : state.collections) {
    text +=
        name + "(" + std::to_string(known.points) + " points, " + std::to_string(known.indexing_threshold_kb) + ") ";
  }
  for (const auto& [alias, name] : state.aliases) text += alias + "->" + name + " ";
  return text;
}

NodeState StateOf(Node* node) {
  NodeState state;
  const auto registry = node->registry();
  for (const auto& [name, entry] : registry->collections) {
    EXPECT_TRUE(entry->collection) << entry->damage;
    if (!entry->collection) continue;
    const CollectionView view(entry->collection, node->search_executor());
    state.collections[name] = {view.point_count(), view.config().optimizers.indexing_threshold_kb};
  }
  state.aliases = {registry->aliases.begin(), registry->aliases.end()};
  return state;
}

// One change of a node and what it does to the state.
struct Step {
  std::function<Status(Node*)> run;
  std::function<void(NodeState*)> effect;
};

constexpr uint64_t kDefaultThreshold = 10000;

Step CreateStep(const std::string& name) {
  return {[name](Node* node) { return node->Create(name, UnnamedConfig(2)); },
          [name](NodeState* state) { state->collections[name] = {0, kDefaultThreshold}; }};
}
Step DropStep(const std::string& name) {
  return {[name](Node* node) { return node->Drop(name).status(); },
          [name](NodeState* state) {
            state->collections.erase(name);
            std::erase_if(state->aliases, [&](const auto& alias) { return alias.second == name; });
          }};
}
Step UpsertStep(const std::string& name, uint64_t id) {
  return {[=](Node* node) -> Status {
            ASSIGN_OR_RETURN(const auto found, node->Find(name));
            return Apply(found.get(), shard::Upsert{{MakePoint(id, {1, 2})}}).status();
          },
          [=](NodeState* state) { ++state->collections[name].points; }};
}
Step AliasStep(const std::string& name, const std::string& alias) {
  return {[=](Node* node) { return node->UpdateAliases({CreateAlias{name, alias}}); },
          [=](NodeState* state) { state->aliases[alias] = name; }};
}
Step UpdateStep(const std::string& name, uint64_t threshold) {
  return {[=](Node* node) {
            return node->UpdateConfig(name, [=](CollectionConfig* config) {
              config->optimizers.indexing_threshold_kb = threshold;
              return OkStatus();
            });
          },
          [=](NodeState* state) { state->collections[name].indexing_threshold_kb = threshold; }};
}

std::vector<Step> Story() {
  return {CreateStep("a"),     UpsertStep("a", 1),  AliasStep("a", "x"), CreateStep("b"), UpsertStep("b", 1),
          AliasStep("b", "x"), UpdateStep("a", 77), DropStep("b"),       CreateStep("b"), UpsertStep("a", 2)};
}

Result<std::unique_ptr<Node>> OpenOn(SimulatedDisk* disk) {
  NodeOptions options;
  options.storage_path = disk->root();
  options.search_threads = 1;
  options.writer_threads = 1;
  options.build_threads = 1;
  options.files = disk->file_system();
  options.store_files = disk->store_file_system();
  return Node::Open(std::move(options));
}

// Every directory belongs to a collection.
void ExpectNoOrphans(Node* node) {
  node->WaitForRemovals();
  const auto names = node->files()->List(node->options().storage_path + "/collections");
  ASSERT_TRUE(names.ok());
  std::set<std::string> known;
  const auto registry = node->registry();
  for (const auto& [name, entry] : registry->collections) known.insert(std::to_string(entry->id));
  EXPECT_EQ(std::set<std::string>(names->begin(), names->end()), known);
}

// Runs the story until a step fails. `before` is the state after the last acknowledged step and `after` what the
// failed step would have made of it (the same when none failed).
struct Played {
  NodeState before, after;
};
Played Play(SimulatedDisk* disk) {
  Played played;
  const auto node = OpenOn(disk);
  if (!node.ok()) return played;
  for (const Step& step : Story()) {
    step.effect(&played.after);
    if (!step.run(node->get()).ok()) return played;
    played.before = played.after;
  }
  return played;
}

uint64_t OperationsOfTheStory() {
  storage::TemporaryDirectory directory;
  SimulatedDisk disk(directory / "disk");
  const Played played = Play(&disk);
  EXPECT_EQ(played.before.collections.size(), 2u);
  return disk.count();
}

TEST(NodeOnFailingDisk, PowerCutAnywhereLosesNothingAcknowledged) {
  constexpr uint64_t kCuts = 25;
  const uint64_t operations = OperationsOfTheStory();
  for (uint64_t cut = 0; cut < kCuts; ++cut) {
    const uint64_t at = 1 + cut * operations / kCuts;
    SCOPED_TRACE("power off at operation " + std::to_string(at) + ", seed " + std::to_string(cut));
    storage::TemporaryDirectory directory;
    Played played;
    {
      SimulatedDisk disk(directory / "disk");
      disk.PowerOffAtNth(at);
      played = Play(&disk);
      disk.CutPower(cut, directory / "after");
    }
    SimulatedDisk disk(directory / "after");
    const auto node = OpenOn(&disk);
    ASSERT_TRUE(node.ok()) << node.status();
    const NodeState state = StateOf(node->get());
    EXPECT_TRUE(state == played.before || state == played.after)
        << "found " << Describe(state) << "\nbefore " << Describe(played.before) << "\nafter "
        << Describe(played.after);
    ExpectNoOrphans(node->get());
    // It is usable, and a name whose creation was interrupted is free.
    if (!state.collections.contains("b")) {
      EXPECT_TRUE((*node)->Create("b", UnnamedConfig(2)).ok());
    }
  }
}

struct Fault {
  DiskOperation operation;
  int error;
};

class NodeOnFailingDiskOnce : public ::testing::TestWithParam<Fault> {};

// A failed step changes nothing that shows, succeeds when it is tried again, and a restart agrees.
TEST_P(NodeOnFailingDiskOnce, FailedChangeLeavesThingsAsTheyWereAndCanBeRepeated) {
  constexpr uint64_t kFaults = 4;
  uint64_t operations = 0;
  {
    storage::TemporaryDirectory directory;
    SimulatedDisk disk(directory / "disk");
    Play(&disk);
    operations = disk.count(GetParam().operation);
  }
  for (uint64_t fault = 0; fault < kFaults; ++fault) {
    const uint64_t nth = 1 + fault * operations / kFaults;
    SCOPED_TRACE("fault at operation " + std::to_string(nth));
    storage::TemporaryDirectory directory;
    SimulatedDisk disk(directory / "disk");
    disk.FailNth(GetParam().operation, nth, GetParam().error);
    auto node = OpenOn(&disk);
    if (!node.ok()) node = OpenOn(&disk);
    ASSERT_TRUE(node.ok()) << node.status();
    NodeState state;
    for (const Step& step : Story()) {
      if (const Status status = step.run(node->get()); !status.ok()) {
        EXPECT_EQ(StateOf(node->get()), state) << Describe(StateOf(node->get()));
        const Status again = step.run(node->get());
        ASSERT_TRUE(again.ok()) << again << "\nafter " << status;
      }
      step.effect(&state);
    }
    EXPECT_EQ(StateOf(node->get()), state) << Describe(StateOf(node->get()));
    node->reset();
    node = OpenOn(&disk);
    ASSERT_TRUE(node.ok()) << node.status();
    EXPECT_EQ(StateOf(node->get()), state) << Describe(StateOf(node->get()));
    ExpectNoOrphans(node->get());
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, NodeOnFailingDiskOnce,
                         ::testing::Values(Fault{DiskOperation::kCreate, EIO}, Fault{DiskOperation::kCreate, ENOSPC},
                                           Fault{DiskOperation::kWrite, EIO}, Fault{DiskOperation::kWrite, ENOSPC},
                                           Fault{DiskOperation::kSync, EIO}, Fault{DiskOperation::kRename, EIO}));

}  // namespace
}  // namespace sextant::collection
