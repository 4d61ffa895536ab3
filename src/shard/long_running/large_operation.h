#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/status.h"
#include "payload_index/index_snapshot.h"
#include "runtime/deadline.h"
#include "search/view.h"
#include "shard/long_running/intent.h"
#include "shard/operation.h"
#include "shard/recovery.h"
#include "types/ordinal.h"

namespace sextant::shard {

// What: an operation on selected points that is too large for one batch of the store. Begin resolves the selection and
// makes the intent durable; from then on the operation happens, whatever interrupts it. Run commits it in parts, each
// with the progress made; the last one makes its number the shard's newest and removes the intent. Memory holds one
// part at a time. docs/decisions/0005-large-operations.md says why it is so.
// Threads: the shard's writer only.
// Ownership: borrows the writer's state. Until Run succeeds, the store and the rows are ahead of it: views must keep
// the store snapshot that they had, and no seal or merge may begin or end. (Readers of older views are not disturbed:
// rows are retired by operation number.) Errors: a failed Begin leaves everything as it was. After a failed Run the
// parts that were committed stay, and another call goes on from there.
class LargeOperation {
 public:
  struct Options {
    bool sync = true;
    BatchLimits limits;  // of a part
  };
  // `view` is the state that `operation`, which has a PointSelection, is resolved against.
  static Result<LargeOperation> Begin(WriterState* state, const search::View& view, Operation operation,
                                      const Options& options);
  // The one whose intent recovery has found. Precondition: state->intent.
  static Result<LargeOperation> Resume(WriterState* state, const Options& options);

  // Afterwards the writer's state is that of the operation. kUnavailable when cancelled.
  Status Run(const CancelToken& cancel);

  OperationNumber number() const { return intent_.number; }
  uint64_t replaced_points() const { return replaced_points_; }

 private:
  LargeOperation(WriterState* state, const IntentRecord& intent, Operation operation, const Options& options);

  Status CommitPart();
  // The next `count` points.
  Result<std::vector<PointId>> NextPoints(size_t count);

  WriterState* state_;
  IntentRecord intent_;
  Operation operation_;  // its selection is that of the part at hand
  Options options_;
  std::shared_ptr<const payload_index::IndexSnapshot> index_;  // after the parts done
  std::vector<Ordinal> chunk_;                                 // the one that was read last
  uint32_t chunk_number_ = UINT32_MAX;
  size_t part_points_;
  uint64_t replaced_points_ = 0;
  bool finished_ = false;
};

}  // namespace sextant::shard
