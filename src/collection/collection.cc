#include "collection/collection.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "collection/sharding/routing.h"

namespace sextant::collection {
namespace {

// Waits for the answers of several shards to one update.
class WriteJoin {
 public:
  WriteJoin(size_t parts, shard::WriteCallback done) : pending_(parts), done_(std::move(done)) {}

  void Answer(const Result<shard::WriteOutcome>& answer) {
    {
      std::lock_guard lock(mutex_);
      if (!answer.ok()) {
        if (error_.ok()) error_ = answer.status();
      } else if (answer->operation_number) {
        outcome_.operation_number = std::max(outcome_.operation_number.value_or(0), *answer->operation_number);
      }
      if (--pending_ > 0) return;
    }
    if (error_.ok()) {
      done_(outcome_);
    } else {
      done_(error_);
    }
  }

 private:
  std::mutex mutex_;
  size_t pending_;               // guarded by mutex_
  Status error_;                 // guarded by mutex_ while parts are pending
  shard::WriteOutcome outcome_;  // guarded by mutex_ while parts are pending
  shard::WriteCallback done_;
};

}  // namespace

Collection::Collection(std::string directory, std::string name, const CollectionConfig& config)
    : directory_(std::move(directory)),
      name_(std::move(name)),
      config_(std::make_shared<const CollectionConfig>(config)) {}

Collection::~Collection() = default;

Result<std::unique_ptr<Collection>> Collection::Open(const shard::ShardEnvironment& environment, std::string directory,
                                                     std::string name, const CollectionConfig& config, bool create) {
  std::unique_ptr<Collection> collection(new Collection(std::move(directory), std::move(name), config));
  for (uint32_t i = 0; i < config.shard_number; ++i) {
    auto opened = shard::Shard::Open(environment, fmt::format("{}/{}", collection->directory_, i), config, create);
    if (!opened.ok()) {
      return Annotate(opened.status(), fmt::format("collection `{}`, shard {}", collection->name_, i));
    }
    collection->shards_.push_back(std::move(*opened));
  }
  return collection;
}

std::shared_ptr<const CollectionConfig> Collection::config() const {
  std::lock_guard lock(mutex_);
  return config_;
}

void Collection::UpdateConfig(const CollectionConfig& config) {
  {
    auto updated = std::make_shared<const CollectionConfig>(config);
    std::lock_guard lock(mutex_);
    config_.swap(updated);
  }
  for (const auto& shard : shards_) shard->UpdateConfig(config);
}

void Collection::Submit(shard::Operation operation, shard::WriteCallback done, shard::AnswerTime answer) {
  if (shards_.size() == 1) {
    shards_[0]->Submit(std::move(operation), std::move(done), answer);
    return;
  }
  auto parts = SplitByShard(std::move(operation), static_cast<uint32_t>(shards_.size()));
  const auto count = std::count_if(parts.begin(), parts.end(), [](const auto& part) { return part.has_value(); });
  if (count == 0) {
    done(shard::WriteOutcome{});
    return;
  }
  const auto join = std::make_shared<WriteJoin>(count, std::move(done));
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i]) continue;
    shards_[i]->Submit(
        *std::move(parts[i]), [join](const Result<shard::WriteOutcome>& outcome) { join->Answer(outcome); }, answer);
  }
}

std::vector<std::shared_ptr<const search::View>> Collection::Views() const {
  std::vector<std::shared_ptr<const search::View>> views;
  views.reserve(shards_.size());
  for (const auto& shard : shards_) views.push_back(shard->view());
  return views;
}

std::vector<shard::ShardInfo> Collection::ShardInfos() const {
  std::vector<shard::ShardInfo> infos;
  infos.reserve(shards_.size());
  for (const auto& shard : shards_) infos.push_back(shard->info());
  return infos;
}

Status Collection::WaitForOptimizers(const Deadline& deadline) {
  for (const auto& shard : shards_) RETURN_IF_ERROR(shard->WaitForOptimizers(deadline));
  return OkStatus();
}

}  // namespace sextant::collection
