#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "payload_index/index_snapshot.h"
#include "runtime/deadline.h"
#include "runtime/memory.h"
#include "search/view.h"
#include "shard/long_running/column_policy.h"

namespace sextant::shard {

// What: decides which background columns a shard has, by what its filters ask for and the memory there is, and fills
// them piece by piece. Nothing of it is durable: after a start filters ask anew.
// Threads: the shard's writer only; a Round runs on any thread.
// Ownership: borrows the budget. A Round keeps its view.
// Errors: a column whose points cannot be read is dropped; filters go on reading payloads and report what they meet.
class BackgroundColumns {
 public:
  using Index = std::shared_ptr<const payload_index::IndexSnapshot>;
  using Piece = std::shared_ptr<const payload_index::ColumnPiece>;
  using Round = std::function<Result<Piece>(const CancelToken&)>;
  using Clock = std::chrono::steady_clock;

  // `memory` may be null: there is enough. `name` of the shard, for the log.
  BackgroundColumns(const ColumnPolicy& policy, const MemoryBudget* memory, std::string name)
      : policy_(policy), memory_(memory), name_(std::move(name)) {}

  // The snapshot with the columns that it should have, or null when it has them. It must be published.
  Index Adjust(const Index& index);
  // The next piece to read of the published view; null when one is being read or nothing is lacking. Its result goes to
  // EndRound.
  Round NextRound(const std::shared_ptr<const search::View>& view);
  // The snapshot after the round, to be published.
  Index EndRound(const Result<Piece>& piece, const Index& index);

 private:
  Index DropUseless(const Index& index);
  Index Drop(const Index& index, const payload_index::BackgroundColumn& column, const std::string& why);
  Index AddWanted(const Index& index);
  double UsageWith(double more_bytes) const;

  const ColumnPolicy policy_;
  const MemoryBudget* const memory_;
  const std::string name_;
  bool running_ = false;  // a round
  Clock::time_point next_check_{};
  Clock::time_point rest_until_{};
};

}  // namespace sextant::shard
