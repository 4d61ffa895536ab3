#include "collection/node_testing.h"

#include <algorithm>
#include <cstdio>
#include <future>
#include <utility>

#include "base/check.h"

namespace sextant::collection {

std::string MediumName(Medium medium) {
  return medium == Medium::kMemory ? "Memory" : "Disk";
}

TestNode::TestNode(Medium medium) : medium_(medium) {
  Reopen();
}

Status TestNode::Open() {
  NodeOptions options;
  options.storage_path = path();
  if (medium_ == Medium::kFastDisk) {
    disk_.reset();  // two disks cannot share a directory
    disk_ = std::make_unique<storage::SimulatedDisk>(path());
    options.files = disk_->file_system();
    options.store_files = disk_->store_file_system();
  }
  options.ephemeral = medium_ == Medium::kMemory;
  options.search_threads = 2;
  options.writer_threads = 2;
  options.build_threads = 1;
  ASSIGN_OR_RETURN(node_, Node::Open(std::move(options)));
  return OkStatus();
}

void TestNode::Reopen() {
  Close();
  const Status opened = Open();
  if (!opened.ok()) std::fprintf(stderr, "%s\n", opened.ToString().c_str());
  SEXTANT_CHECK(opened.ok());
}

std::vector<std::string> TestNode::CollectionDirectories() {
  node_->WaitForRemovals();
  auto names = node_->files()->List(path() + "/collections");
  SEXTANT_CHECK(names.ok());
  std::sort(names->begin(), names->end());
  return *std::move(names);
}

CollectionConfig UnnamedConfig(uint32_t size, Distance distance, uint32_t shards) {
  CollectionConfig config;
  config.single_unnamed = true;
  config.shard_number = shards;
  config.vectors[""].size = size;
  config.vectors[""].distance = distance;
  return config;
}

PointInput MakePoint(uint64_t id, std::vector<float> vector, std::string payload) {
  return {PointId::Number(id), {{"", std::move(vector)}}, std::move(payload)};
}

Result<shard::WriteOutcome> Apply(Collection* collection, shard::Operation operation) {
  std::promise<Result<shard::WriteOutcome>> answer;
  collection->Submit(std::move(operation),
                     [&](Result<shard::WriteOutcome> outcome) { answer.set_value(std::move(outcome)); });
  return answer.get_future().get();
}

}  // namespace sextant::collection
