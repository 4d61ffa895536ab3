#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "payload_index/index_snapshot.h"
#include "runtime/deadline.h"
#include "shard/recovery.h"
#include "shard/shard.h"
#include "shard/vectors/vector_state.h"
#include "vector_index/segment.h"

namespace sextant::shard {

// What: the rows of several growing or sealed segments that were alive at one moment, as the source of a new segment.
// Threads: immutable after construction; row() and identity() from any thread. Liveness of the parts may go on
// changing: RetiredSince tells.
// Ownership: keeps the parts alive.
class LiveRows final : public vector_index::RowSource {
 public:
  // `index`: groups rows by tenant; null: no groups.
  LiveRows(std::vector<std::shared_ptr<vector_index::GrowingRows>> growing,
           std::vector<std::shared_ptr<vector_index::SealedRows>> sealed, const payload_index::IndexSnapshot* index);

  uint32_t size() const override { return static_cast<uint32_t>(rows_.size()); }
  VectorRef row(uint32_t i, vector_index::RowScratch* scratch) const override;
  vector_index::RowIdentity identity(uint32_t i) const override;
  vector_index::SealedPlace sealed_place(uint32_t i) const override;
  std::span<const uint32_t> groups() const override { return tenants_; }
  // When row i was retired, kNever if it is alive still.
  OperationNumber retired_at(uint32_t i) const;

 private:
  struct Place {
    uint32_t part = 0;  // growing parts first, then sealed ones
    uint32_t row = 0;
  };
  std::vector<std::shared_ptr<vector_index::GrowingRows>> growing_;
  std::vector<std::shared_ptr<vector_index::SealedRows>> sealed_;
  std::vector<Place> rows_;
  std::vector<uint32_t> tenants_;
};

enum class JobKind { kSeal, kMerge };

// One seal or merge: which parts of which named vector become one new segment. Chosen by the writer, built by an
// optimizer thread, committed by the writer.
struct Job {
  JobKind kind = JobKind::kSeal;
  std::string vector_name;
  uint32_t name_id = 0;
  std::vector<std::shared_ptr<vector_index::GrowingRows>> growing;
  std::vector<SealedEntry> sealed;
  std::shared_ptr<const payload_index::IndexSnapshot> index;  // that knows the tenants of points; null: none has one
  vector_index::SegmentSpec spec;
  vector_index::SegmentPlacement placement;
  uint64_t segment_id = 0;
  uint64_t build_bytes = 0;  // of memory, about
};

// What a job made: null segment when no row was alive. `new_row[i]` is the row of source row i.
struct BuiltSegment {
  std::unique_ptr<LiveRows> source;
  std::shared_ptr<vector_index::SealedRows> segment;
  std::vector<uint32_t> new_row;
};

// The next seal that is due: the full growing parts of one vector, the oldest first, as many as are built in
// `most_bytes` of memory and at least one. The active part is rotated out when it has reached the indexing threshold;
// when `idle` also when it is a tail. False if none.
bool ChooseSeal(WriterState* state, const OptimizersConfig& optimizers, bool idle, uint64_t most_bytes, Job* job);

// Whether some vector has a tail beside its sealed rows, too few to be sealed while writes may follow.
bool HasTail(const WriterState& state, const OptimizersConfig& optimizers);

// A merge that an optimizer thread is at.
struct RunningMerge {
  uint64_t segment_id = 0;  // of its result
  std::vector<uint64_t> inputs;
  uint64_t rows = 0;

  static RunningMerge Of(const Job& job);
};

// What decides about merges besides the segments.
struct MergeConditions {
  bool idle = false;  // nothing was written for a while
  std::span<const RunningMerge> running{};
  uint64_t most_bytes_of_one = UINT64_MAX;  // of memory that a merge of all segments into one may take
};

// The next merge that is due, by size tiers, dead rows and missing graphs; when idle also down to the target number of
// segments, or to a single one where the target is left to the engine and no segment is far larger than the others.
// Beside a running one there may be a second, much smaller one, so that new segments do not pile up while
// old ones are merged: a search walks every segment. False if none.
bool ChooseMerge(WriterState* state, const OptimizersConfig& optimizers, const MergeConditions& conditions, Job* job);

// Writes and opens the job's segment. Any thread; long. On an error its directory has been removed.
Result<BuiltSegment> Build(const ShardEnvironment& environment, const std::string& shard_directory, const Job& job,
                           const CancelToken& cancel);

// Whether the job's vector is still there: it may have been dropped while the job ran.
bool IsCurrent(const Job& job, const WriterState& state);

// Carries over what happened to the rows since the build began, commits the new manifest (always synced), and swaps
// the segments in the writer's state. Writer thread only. On an error the state is as before. Precondition: the vector
// is still there, see IsCurrent.
Status CommitJob(const Job& job, const BuiltSegment& built, WriterState* state);

}  // namespace sextant::shard
