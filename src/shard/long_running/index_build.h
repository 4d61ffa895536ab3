#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "base/status.h"
#include "payload_index/index_snapshot.h"
#include "runtime/deadline.h"
#include "search/view.h"
#include "shard/operation.h"
#include "types/ordinal.h"

namespace sextant::shard {

// What: the payload indexes of a shard that are being filled, one after another. An index is declared by its operation
// (durably, by the commit group) and filled in the background in rounds: the first one reads all points of a view, each
// later one what has changed since the view of the one before; when little has changed, the writer does the rest itself
// and has the index. Until then the view's snapshot declares the field, so that conditions have the rules of the index.
// Threads: the shard's writer only; a Round runs on any thread.
// Ownership: keeps the callbacks of those who wait for an index; Close answers them. A Round keeps its view.
// Errors: an index that cannot be filled is given up, and whoever waits for it gets the error; it is filled at the next
// start.
class IndexBuilds {
 public:
  using Index = std::shared_ptr<const payload_index::IndexSnapshot>;
  using Round = std::function<Result<Index>(const CancelToken&)>;

  bool empty() const { return builds_.empty(); }
  // `done` may be null. `outcome` is the answer when the index is there.
  void Add(const CreateIndex& index, const WriteOutcome& outcome, WriteCallback done);
  // The field was dropped: no index of it is filled any more.
  void Drop(const PayloadPath& field);
  // Points whose payload changed in the view that is published next.
  void Changed(const std::vector<Ordinal>& ordinals);
  // Everything may have changed.
  void AllChanged();

  // The next round on the published view; null when one is running or none is due. Its result goes to EndRound.
  Round NextRound(const std::shared_ptr<const search::View>& view);
  void EndRound(Result<Index> filled);
  // The index snapshot of the published view with what is ready now, or null. It must be published, then Answer called.
  Result<Index> Finish(const std::shared_ptr<const search::View>& view);
  void Answer();

  void Close(const Status& status);

 private:
  struct Build {
    CreateIndex index;
    WriteOutcome outcome;
    WriteCallback done;
    Index filled;    // up to the view of the last round; null before the first
    int rounds = 0;  // begun
    bool dropped = false;
    bool finished = false;
  };

  void GiveUp(const Status& status);

  std::deque<Build> builds_;          // the first is under way
  bool running_ = false;              // a round
  bool restart_ = false;              // what the round fills is of no use
  std::vector<Ordinal> changed_;      // since the view of the last round
  std::vector<PayloadPath> dropped_;  // other fields, since the first round
};

}  // namespace sextant::shard
