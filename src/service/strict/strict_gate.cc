#include "service/strict/strict_gate.h"

#include <utility>

#include "service/strict/write_limits.h"

namespace sextant::service {
namespace {

using collection::Collection;
using collection::CollectionView;

// Updates that pass before the sizes are estimated anew.
constexpr uint32_t kUsesOfSizes = 32;

std::unique_ptr<TokenBucket> BucketOf(std::optional<uint64_t> tokens_a_minute) {
  if (!tokens_a_minute || *tokens_a_minute == 0) return nullptr;
  return std::make_unique<TokenBucket>(*tokens_a_minute, TokenBucket::Time::clock::now());
}

}  // namespace

StrictGate::Rules::Rules(const Json& json)
    : source(json),
      mode(ReadStrictMode(json)),
      reads(BucketOf(mode.read_rate_limit)),
      writes(BucketOf(mode.write_rate_limit)) {}

Result<search::StoredSizes> StrictGate::Rules::Sizes(const CollectionView& view) {
  {
    const std::lock_guard lock(mutex_);
    if (sizes_ && ++uses_ < kUsesOfSizes) return *sizes_;
  }
  ASSIGN_OR_RETURN(const search::StoredSizes sizes, view.EstimateSizes());
  const std::lock_guard lock(mutex_);
  sizes_ = sizes;
  uses_ = 0;
  return sizes;
}

std::shared_ptr<StrictGate::Rules> StrictGate::RulesOf(const CollectionView& view) {
  const Json& source = *view.config().strict_mode_config;
  const std::lock_guard lock(mutex_);
  const auto known = rules_.find(view.collection());
  if (known != rules_.end()) {
    if (known->second->source != source) known->second = std::make_shared<Rules>(source);
    return known->second;
  }
  std::erase_if(rules_, [](const auto& entry) { return entry.first.expired(); });
  return rules_.emplace(view.collection(), std::make_shared<Rules>(source)).first->second;
}

Status StrictGate::CheckTimeout(const StrictMode& mode, std::optional<uint64_t> timeout_ms) {
  if (!timeout_ms) return OkStatus();
  return CheckLimit(*timeout_ms / 1000, mode.max_timeout_s, "timeout");
}

Status StrictGate::CheckUpdate(const std::shared_ptr<Collection>& collection, const CollectionConfig& config,
                               const shard::Operation& operation, const WriteOptions& options) {
  if (!IsStrict(config)) return OkStatus();
  const CollectionView view(collection, executor_);
  const auto rules = RulesOf(view);
  RETURN_IF_ERROR(CheckWrite({rules->mode, view, [&] { return rules->Sizes(view); }}, operation));
  return CheckTimeout(rules->mode, options.timeout_ms);
}

Status StrictGate::AdmitUpdate(const std::shared_ptr<Collection>& collection, const CollectionConfig& config,
                               const shard::Operation& operation, const WriteOptions& options) {
  if (!IsStrict(config)) return OkStatus();
  RETURN_IF_ERROR(CheckUpdate(collection, config, operation, options));
  const CollectionView view(collection, executor_);
  const auto rules = RulesOf(view);
  if (rules->writes == nullptr) return OkStatus();
  ASSIGN_OR_RETURN(const uint64_t cost, WriteCost(view, operation, Deadline::After(TimeoutOf(options))));
  return rules->writes->Take(cost, "Write", TokenBucket::Time::clock::now());
}

}  // namespace sextant::service
