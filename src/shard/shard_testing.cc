#include "shard/shard_testing.h"

#include <chrono>
#include <filesystem>

#include "base/check.h"

namespace sextant::shard {

ShardHarness::ShardHarness(Medium medium) {
  std::string pattern = (std::filesystem::temp_directory_path() / "sextant-shard-XXXXXX").string();
  SEXTANT_CHECK(mkdtemp(pattern.data()) != nullptr);
  owned_root_ = pattern;
  storage::StoreEnvironment::Options options;
  options.in_memory = medium == Medium::kMemory;
  files_ = medium == Medium::kMemory ? storage::MakeMemoryFileSystem() : storage::MakePosixFileSystem();
  Start(owned_root_, options, files_.get());
}

ShardHarness::ShardHarness(storage::SimulatedDisk* disk) {
  storage::StoreEnvironment::Options options;
  options.file_system = disk->store_file_system();
  Start(disk->root(), options, disk->file_system());
}

ShardHarness::ShardHarness(const std::string& root) {
  files_ = storage::MakePosixFileSystem();
  Start(root, {}, files_.get());
}

void ShardHarness::Start(const std::string& root, const storage::StoreEnvironment::Options& options,
                         storage::FileSystem* files) {
  stores_ = std::make_unique<storage::StoreEnvironment>(options);
  writers_ = std::make_unique<Executor>("writer", 2);
  sealers_ = std::make_unique<Executor>("sealer", 1);
  optimizers_ = std::make_unique<Executor>("optimizer", 2);
  tidiers_ = std::make_unique<Executor>("tidier", 1);
  index_builders_ = std::make_unique<Executor>("indexes", 1);
  column_builders_ = std::make_unique<Executor>("columns", 1);
  timer_ = std::make_unique<Timer>();
  directory_ = root + "/shard";
  environment_.stores = stores_.get();
  environment_.files = files;
  environment_.writers = writers_.get();
  environment_.sealers = sealers_.get();
  environment_.tidiers = tidiers_.get();
  environment_.optimizers = optimizers_.get();
  environment_.timer = timer_.get();
  environment_.index_builders = index_builders_.get();
  environment_.column_builders = column_builders_.get();
}

ShardHarness::~ShardHarness() {
  timer_.reset();
  writers_->Stop();
  sealers_->Stop();
  optimizers_->Stop();
  tidiers_->Stop();
  index_builders_->Stop();
  column_builders_->Stop();
  stores_.reset();
  if (!owned_root_.empty()) std::filesystem::remove_all(owned_root_);
}

Result<WriteOutcome> ShardHarness::Run(Shard& shard, Operation operation) {
  std::promise<Result<WriteOutcome>> promise;
  shard.Submit(std::move(operation), [&](Result<WriteOutcome> outcome) { promise.set_value(std::move(outcome)); });
  return promise.get_future().get();
}

bool Ready(const std::future<Status>& answer) {
  return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

CollectionConfig SmallConfig(uint32_t dim, Distance distance, uint64_t seal_rows) {
  CollectionConfig config;
  VectorParams params;
  params.name_id = 1;
  params.size = dim;
  params.distance = distance;
  config.vectors[""] = params;
  config.single_unnamed = true;
  config.next_name_id = 2;
  config.optimizers.indexing_threshold_kb = std::max<uint64_t>(1, seal_rows * dim * sizeof(float) / 1024);
  return config;
}

Filter FieldIs(const char* key, int64_t value) {
  FieldCondition condition;
  condition.key = PayloadPath::Parse(key).value();
  condition.predicate = MatchValue{value};
  Filter filter;
  filter.must = std::vector<Condition>{condition};
  return filter;
}

}  // namespace sextant::shard
