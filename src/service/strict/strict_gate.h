#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "base/status.h"
#include "collection/collection.h"
#include "collection/sharding/collection_view.h"
#include "runtime/executor.h"
#include "search/stored_sizes.h"
#include "service/requests.h"
#include "service/strict/read_limits.h"
#include "service/strict/strict_mode.h"
#include "service/strict/token_bucket.h"
#include "service/timeouts.h"
#include "shard/operation.h"

namespace sextant::service {

// What: lets the requests pass that the strict mode of their collection allows. The requests are checked otherwise
// already. Costs one look at the configuration where strict mode is off.
// Threads: any.
// Ownership: keeps what it counts for as long as the collection is there. Borrows the executor.
// Errors: kBadRequest for what is over a limit, kBusy for what is over a rate.
class StrictGate {
 public:
  explicit StrictGate(Executor* executor) : executor_(executor) {}

  template <typename Request>
  Status AdmitRead(const collection::CollectionView& view, const Request& request, const ReadOptions& options) {
    if (!IsStrict(view.config())) return OkStatus();
    const auto rules = RulesOf(view);
    RETURN_IF_ERROR(CheckRead(rules->mode, view, request));
    RETURN_IF_ERROR(CheckTimeout(rules->mode, options.timeout_ms));
    return rules->reads ? rules->reads->Take(ReadCost(request), "Read", TokenBucket::Time::clock::now()) : OkStatus();
  }

  // The limits of an update. A batch asks this of all its updates before the first is written.
  Status CheckUpdate(const std::shared_ptr<collection::Collection>& collection, const CollectionConfig& config,
                     const shard::Operation& operation, const WriteOptions& options);
  // The limits and the rate.
  Status AdmitUpdate(const std::shared_ptr<collection::Collection>& collection, const CollectionConfig& config,
                     const shard::Operation& operation, const WriteOptions& options);

 private:
  // One strict mode of one collection. A changed one begins anew.
  struct Rules {
    explicit Rules(const Json& json);

    const Json source;
    const StrictMode mode;
    const std::unique_ptr<TokenBucket> reads, writes;  // null: no limit

    // The sizes of the collection as they were a few updates ago.
    Result<search::StoredSizes> Sizes(const collection::CollectionView& view);

   private:
    std::mutex mutex_;
    std::optional<search::StoredSizes> sizes_;  // guarded by mutex_
    uint32_t uses_ = 0;                         // of sizes_; guarded by mutex_
  };

  std::shared_ptr<Rules> RulesOf(const collection::CollectionView& view);
  static Status CheckTimeout(const StrictMode& mode, std::optional<uint64_t> timeout_ms);

  Executor* const executor_;  // estimates run on it
  std::mutex mutex_;
  // Of the collections that have a strict mode; entries of closed ones go when a new one comes. Guarded by mutex_.
  std::map<std::weak_ptr<const collection::Collection>, std::shared_ptr<Rules>, std::owner_less<>> rules_;
};

}  // namespace sextant::service
