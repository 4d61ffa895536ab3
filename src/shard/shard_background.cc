// What a shard does besides its updates: filling payload indexes and columns, sealing, merging, compacting.

#include <algorithm>
#include <utility>

#include "payload_index/background/column_demand.h"
#include "payload_index/runs/run_merge.h"
#include "runtime/log.h"
#include "runtime/memory.h"
#include "shard/manifest.h"
#include "shard/shard_impl.h"

namespace sextant::shard {
namespace {

// A seal may take this part of the memory budget: the growing rows that it seals are freed when it ends.
constexpr uint64_t kSealShare = 8;
// A merge of all segments into one may take this part of it, so that it finds room in it.
constexpr uint64_t kMergeOfAllShare = 4;
// Merges may exceed the budget by this part of it; writes may not.
constexpr uint64_t kMergeShareBeyond = 6;
constexpr std::chrono::milliseconds kMemoryCheck{1000};
// Runs of payload indexes are merged while no more of the budget is used: for a while there are both.
constexpr double kMergeRunsBelow = 0.7;
// Verified by one task, before others are let; read at once, before reads of searches are let.
constexpr uint64_t kVerifiedByTask = uint64_t{64} << 20;
constexpr uint64_t kReadToVerify = uint64_t{1} << 20;

}  // namespace

void Shard::Impl::Start() {
  {
    std::lock_guard lock(queue_mutex_);
    optimizers_due_ = true;
  }
  const auto wake = [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->EnqueueWriterTask([](Impl& impl) { impl.ScheduleOptimizers(); });
  };
  view()->index->demand().Watch(environment_.column_policy.least_points, wake);
  wake();
  std::vector<std::weak_ptr<const vector_index::SealedRows>> segments;
  for (const auto& [name, vectors] : view()->vectors)
    segments.insert(segments.end(), vectors.sealed.begin(), vectors.sealed.end());
  VerifyInBackground(std::move(segments));
}

// Verifies what opening the segments left for later. What is damaged is served no less, as far as it is sound.
void Shard::Impl::VerifyInBackground(std::vector<std::weak_ptr<const vector_index::SealedRows>> segments) {
  if (segments.empty()) return;
  {
    std::lock_guard lock(queue_mutex_);
    if (stopping_) return;
    TaskStarted();
  }
  environment_.tidiers->Post([self = shared_from_this(), segments = std::move(segments)]() mutable {
    const auto segment = segments.back().lock();  // null: merged into another meanwhile
    Result<bool> all = segment == nullptr;
    for (uint64_t read = 0; all.ok() && !*all && read < kVerifiedByTask; read += kReadToVerify)
      all = segment->VerifyMore(kReadToVerify);
    if (!all.ok()) {
      LogError(self->directory_ + ": " + std::string(all.status().message()));
      std::lock_guard lock(self->queue_mutex_);
      self->damage_ = std::string(all.status().message());
    }
    if (!all.ok() || *all) segments.pop_back();
    self->VerifyInBackground(std::move(segments));
    self->TaskEnded();
  });
}

// Starts the next round of filling an index, or publishes what is filled.
void Shard::Impl::ContinueIndexBuilds() {
  while (!index_builds_.empty()) {
    if (IndexBuilds::Round round = index_builds_.NextRound(view())) {
      {
        std::lock_guard lock(queue_mutex_);
        TaskStarted();
      }
      environment_.index_builders->Post([self = shared_from_this(), round = std::move(round)]() mutable {
        auto filled = std::make_shared<Result<IndexBuilds::Index>>(round(self->cancel_));
        round = nullptr;  // it holds a view and so the store, which must be closed when the shard is gone
        self->EnqueueWriterTask([filled](Impl& impl) {
          impl.index_builds_.EndRound(*filled);
          impl.ScheduleOptimizers();
        });
        self->TaskEnded();
      });
      return;
    }
    const Result<IndexBuilds::Index> index = index_builds_.Finish(view());
    if (!index.ok()) {
      LogWarning(directory_ + ": a payload index could not be filled: " + std::string(index.status().message()));
      continue;
    }
    if (*index == nullptr) return;
    state_.index = *index;
    PublishView();
    index_builds_.Answer();
  }
}

// Adds and drops background columns, or starts reading the next piece of them.
void Shard::Impl::ContinueColumns() {
  // An index that is filled meanwhile would be published without what happens to columns now.
  if (!index_builds_.empty() || environment_.column_builders == nullptr) return;
  if (const BackgroundColumns::Index index = columns_.Adjust(state_.index)) {
    state_.index = index;
    PublishView();
  }
  if (state_.index->has_columns()) WakeOptimizersAfter(environment_.column_policy.check);
  BackgroundColumns::Round round = columns_.NextRound(view());
  if (round == nullptr) return;
  {
    std::lock_guard lock(queue_mutex_);
    TaskStarted();
  }
  environment_.column_builders->Post([self = shared_from_this(), round = std::move(round)]() mutable {
    const Result<BackgroundColumns::Piece> piece = round(self->cancel_);
    round = nullptr;  // it holds a view and so the store, which must be closed when the shard is gone
    self->EnqueueWriterTask([piece](Impl& impl) { impl.EndColumnRound(piece); });
    self->TaskEnded();
  });
}

void Shard::Impl::EndColumnRound(const Result<BackgroundColumns::Piece>& piece) {
  if (unfinished_) {
    postponed_.push_back([piece](Impl& impl) { impl.EndColumnRound(piece); });
    return;
  }
  state_.index = columns_.EndRound(piece, state_.index);
  PublishView();
  ScheduleOptimizers();
}

// Starts merging runs of the payload indexes beyond what updates do, when there is time.
void Shard::Impl::ContinueRunMerges(Clock::duration quiet_for) {
  // Pieces of columns and indexes that are being filled belong to the runs that there are.
  if (merging_runs_ || environment_.column_builders == nullptr || !index_builds_.empty() || state_.index->LacksPieces())
    return;
  const bool at_rest = quiet_for >= kLongQuiet;
  if (!state_.index->HasRunsToMerge(at_rest)) {
    const bool is_woken_anyway = wake_at_ != Clock::time_point::max();
    if (!at_rest && !is_woken_anyway && state_.index->HasRunsToMerge(true)) WakeOptimizersAfter(kLongQuiet);
    return;
  }
  if (environment_.memory != nullptr && environment_.memory->usage() > kMergeRunsBelow)
    return WakeOptimizersAfter(kLongQuiet);
  merging_runs_ = true;
  {
    std::lock_guard lock(queue_mutex_);
    TaskStarted();
  }
  environment_.column_builders->Post([self = shared_from_this(), index = state_.index, at_rest]() mutable {
    const auto merge = index->MergeRuns(at_rest);
    index.reset();
    self->EnqueueWriterTask([merge](Impl& impl) { impl.EndRunMerge(merge); });
    self->TaskEnded();
  });
}

void Shard::Impl::EndRunMerge(const std::shared_ptr<const payload_index::RunMerge>& merge) {
  if (unfinished_) {
    postponed_.push_back([merge](Impl& impl) { impl.EndRunMerge(merge); });
    return;
  }
  merging_runs_ = false;
  if (!index_builds_.empty()) return;  // what is filled meanwhile would be published without the merge
  if (BackgroundColumns::Index index = state_.index->WithRunMerge(*merge)) {
    state_.index = std::move(index);
    PublishView();
  }
  ScheduleOptimizers();
}

void Shard::Impl::ScheduleOptimizers() {
  bool merge_now = false;
  {
    std::lock_guard lock(queue_mutex_);
    if (stopping_) return;
    merge_now = merge_now_;
    // Rows that an unfinished operation has retired are still alive for readers: no new segment may leave them out.
    if (unfinished_) {
      optimizers_due_ = true;
      return;
    }
  }
  ContinueIndexBuilds();
  ContinueColumns();
  CompactPointsIfDue();
  const Clock::time_point now = Clock::now();
  ContinueRunMerges(now - last_write_);
  const bool quiet = merge_now || now - last_write_ >= kQuiet;
  bool due = false;
  if (now < retry_at_) {
    due = true;
    WakeOptimizersAfter(std::chrono::duration_cast<std::chrono::milliseconds>(retry_at_ - now) +
                        std::chrono::milliseconds(1));
  } else {
    Job seal;
    const bool long_quiet = merge_now || now - last_write_ >= kLongQuiet;
    const uint64_t memory = environment_.memory != nullptr ? environment_.memory->limit_bytes() : UINT64_MAX;
    if (!sealing_ && ChooseSeal(&state_, config_.optimizers, long_quiet, memory / kSealShare, &seal)) {
      PublishView();  // the active part may have been rotated
      StartJob(std::move(seal));
    } else if (!sealing_ && !long_quiet && HasTail(state_, config_.optimizers)) {
      WakeOptimizersAfter(kLongQuiet);
    }
    Job merge;
    MergeConditions conditions{quiet && !sealing_, merges_, memory / kMergeOfAllShare};
    if (ChooseMerge(&state_, config_.optimizers, conditions, &merge)) {
      if (HasMemoryFor(merge)) {
        StartJob(std::move(merge));
      } else {
        WakeOptimizersAfter(kMemoryCheck);
      }
    } else if (merges_.empty() && !quiet) {
      conditions.idle = true;
      if (Job later; ChooseMerge(&state_, config_.optimizers, conditions, &later)) {
        due = true;
        WakeOptimizersAfter(kQuiet);
      }
    }
  }
  std::lock_guard lock(queue_mutex_);
  optimizers_due_ = due || sealing_ || !merges_.empty() || !index_builds_.empty();
  if (!optimizers_due_) merge_now_ = false;
  idle_.notify_all();
}

// Merges may take what the budget leaves of the process's memory, in part: room for growing rows comes from seals
// alone.
bool Shard::Impl::HasMemoryFor(const Job& merge) const {
  if (environment_.memory == nullptr) return true;
  const uint64_t limit = environment_.memory->limit_bytes();
  return environment_.memory->used_bytes() + merge.build_bytes <= limit + limit / kMergeShareBeyond;
}

void Shard::Impl::WakeOptimizersAfter(std::chrono::milliseconds delay) {
  const Clock::time_point at = Clock::now() + delay;
  if (wake_at_ <= at) return;
  wake_at_ = at;
  // The timer holds no claim on the shard: a stopped one ignores the task.
  environment_.timer->RunAfter(delay, [weak = weak_from_this()] {
    if (auto self = weak.lock())
      self->EnqueueWriterTask([](Impl& impl) {
        impl.wake_at_ = Clock::time_point::max();
        impl.ScheduleOptimizers();
      });
  });
}

void Shard::Impl::StartJob(Job job) {
  const bool is_seal = job.kind == JobKind::kSeal;
  if (is_seal) {
    sealing_ = true;
  } else {
    merges_.push_back(RunningMerge::Of(job));
  }
  {
    std::lock_guard lock(queue_mutex_);
    TaskStarted();
  }
  building_bytes_ += job.build_bytes;
  Executor* const executor = is_seal ? environment_.sealers : environment_.optimizers;
  executor->Post([self = shared_from_this(), job = std::move(job)]() mutable {
    auto built =
        std::make_shared<Result<BuiltSegment>>(Build(self->environment_, self->directory_, job, self->cancel_));
    self->EnqueueWriterTask([job = std::move(job), built](Impl& impl) { impl.FinishJob(job, built); });
    self->TaskEnded();
  });
}

void Shard::Impl::FinishJob(const Job& job, const std::shared_ptr<Result<BuiltSegment>>& outcome) {
  if (unfinished_) {
    postponed_.push_back([job, outcome](Impl& impl) { impl.FinishJob(job, outcome); });
    return;
  }
  building_bytes_ -= job.build_bytes;
  const Result<BuiltSegment>& built = *outcome;
  if (job.kind == JobKind::kSeal) sealing_ = false;
  std::erase_if(merges_, [&](const RunningMerge& merge) { return merge.segment_id == job.segment_id; });
  Status status = built.status();
  if (!IsCurrent(job, state_)) {  // its vector was dropped, with all rows
    (void)environment_.files->RemoveTree(SegmentDirectory(directory_, job.segment_id));
    return ScheduleOptimizers();
  }
  if (status.ok()) {
    status = CommitJob(job, *built, &state_);
    if (!status.ok()) (void)environment_.files->RemoveTree(SegmentDirectory(directory_, job.segment_id));
  }
  if (status.ok()) {
    PublishView();
    CleanUpAfter(job);
  } else {
    LogWarning(directory_ + ": " + (job.kind == JobKind::kSeal ? "sealing" : "merging") +
               " failed and will be tried again: " + std::string(status.message()));
    retry_at_ = Clock::now() + kRetry;
  }
  {
    std::lock_guard lock(queue_mutex_);
    optimizer_error_ = status.ok() ? std::optional<std::string>() : std::string(status.message());
  }
  ScheduleOptimizers();
}

// Gives the disk space of what the new segment replaced back. Readers that still hold the old segments keep their
// mapped files until they are done. What waits for its turn must not hold rows: their memory is wanted back now.
void Shard::Impl::CleanUpAfter(const Job& job) {
  const std::vector<uint64_t> segments = RunningMerge::Of(job).inputs;
  std::optional<std::string> raw_end;  // of the rows that the store need not hold any more
  if (!job.growing.empty() && state_.keeps_raw_vectors) {
    const vector_index::GrowingRows& last = *job.growing.back();
    raw_end = points::VectorKey(job.name_id, last.first_sequence() + last.rows());
  }
  {
    std::lock_guard lock(queue_mutex_);
    TaskStarted();
  }
  environment_.tidiers->Post(
      [self = shared_from_this(), segments, raw_end, raw_begin = points::VectorKey(job.name_id, 0)] {
        for (const uint64_t id : segments) {
          const Status status = self->environment_.files->RemoveTree(SegmentDirectory(self->directory_, id));
          if (!status.ok()) LogWarning("a merged segment could not be removed: " + std::string(status.message()));
        }
        if (raw_end) {
          const Status status = self->state_.store->Compact(storage::Family::kVectors, raw_begin, *raw_end);
          if (!status.ok()) LogWarning("the store could not be compacted: " + std::string(status.message()));
        }
        ReturnFreeMemory();
        self->TaskEnded();
      });
}

// Replaced and deleted points keep their disk space in the store until its tables are rewritten.
void Shard::Impl::CompactPointsIfDue() {
  const double share = config_.optimizers.deleted_threshold * static_cast<double>(state_.index->point_count());
  if (compacting_ || replaced_points_ < config_.optimizers.vacuum_min_vector_number ||
      static_cast<double>(replaced_points_) < share)
    return;
  compacting_ = true;
  replaced_points_ = 0;
  {
    std::lock_guard lock(queue_mutex_);
    TaskStarted();
  }
  environment_.tidiers->Post([self = shared_from_this()] {
    const std::string end(32, '\xff');  // above every key
    for (storage::Family family : {storage::Family::kIds, storage::Family::kPoints, storage::Family::kPayloads}) {
      const Status status = self->state_.store->Compact(family, "", end);
      if (!status.ok()) LogWarning("the store could not be compacted: " + std::string(status.message()));
    }
    ReturnFreeMemory();
    self->EnqueueWriterTask([](Impl& impl) {
      impl.compacting_ = false;
      impl.ScheduleOptimizers();
    });
    self->TaskEnded();
  });
}

}  // namespace sextant::shard
