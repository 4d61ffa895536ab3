#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "shard/commit_group.h"
#include "shard/long_running/background_columns.h"
#include "shard/long_running/index_build.h"
#include "shard/long_running/large_operation.h"
#include "shard/optimizer.h"
#include "shard/recovery.h"
#include "shard/shard.h"

namespace sextant::payload_index {
struct RunMerge;
}

namespace sextant::shard {

// Kept alive by its own tasks; the Shard's destructor waits until none is left.
class Shard::Impl : public std::enable_shared_from_this<Shard::Impl> {
 public:
  Impl(const ShardEnvironment& environment, std::string directory, const CollectionConfig& config, WriterState state)
      : environment_(environment),
        directory_(std::move(directory)),
        config_(config),
        state_(std::move(state)),
        columns_(environment.column_policy, environment.memory, directory_) {
    PublishView();
  }

  // Looks for work left over from before. By the writer task, as ever: a seal or merge may end before this returns.
  void Start();
  void Stop();
  void Submit(Operation operation, WriteCallback done, AnswerTime answer);
  void UpdateConfig(const CollectionConfig& config);
  Status WaitForOptimizers(const Deadline& deadline);
  ShardInfo info() const;

  std::shared_ptr<const search::View> view() const {
    std::lock_guard lock(view_mutex_);
    return view_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  // Merges down to the target number of segments wait until no write has come for this long.
  static constexpr std::chrono::milliseconds kQuiet{1000};
  // Tails are sealed when none has come for this long.
  static constexpr std::chrono::milliseconds kLongQuiet{5000};
  // What failed is tried again after this long.
  static constexpr std::chrono::milliseconds kRetry{2000};

  struct Pending {
    Operation operation;
    WriteCallback done;
    AnswerTime answer = AnswerTime::kWhenVisible;
  };
  using WriterTask = std::function<void(Impl&)>;
  // A large operation that is decided but not visible yet. Views keep the snapshot from before it.
  struct Unfinished {
    LargeOperation operation;
    std::shared_ptr<const storage::StoreSnapshot> snapshot;
    WriteCallback done;  // null when it has been called
  };

  void EnqueueWriterTask(WriterTask task);
  void WakeWriter();  // queue_mutex_ held
  void RunWriter();
  void RunGroup(std::vector<Pending> pending);
  size_t RunOneGroup(std::vector<Pending>* pending, size_t from);
  CommitGroup::Context GroupContext();
  void StartLarge(Pending pending);
  Status FinishLarge();
  void AnswerOperation(Pending* pending, OperationNumber number);
  void VerifyInBackground(std::vector<std::weak_ptr<const vector_index::SealedRows>> segments);
  void ContinueIndexBuilds();
  void ContinueColumns();
  void EndColumnRound(const Result<BackgroundColumns::Piece>& piece);
  void ContinueRunMerges(Clock::duration quiet_for);
  void EndRunMerge(const std::shared_ptr<const payload_index::RunMerge>& merge);
  void PublishView();
  void ApplyConfig(const CollectionConfig& config);
  void RemoveRows(const VectorState& dropped);

  void ScheduleOptimizers();
  bool HasMemoryFor(const Job& merge) const;
  void StartJob(Job job);
  void FinishJob(const Job& job, const std::shared_ptr<Result<BuiltSegment>>& outcome);
  void CleanUpAfter(const Job& job);
  void CompactPointsIfDue();
  void WakeOptimizersAfter(std::chrono::milliseconds delay);
  void TaskStarted();
  void TaskEnded();

  const ShardEnvironment environment_;
  const std::string directory_;

  // The writer task's own; other threads never touch these.
  CollectionConfig config_;
  WriterState state_;
  std::optional<Unfinished> unfinished_;
  std::vector<WriterTask> postponed_;  // until it is finished
  bool finish_scheduled_ = false;
  IndexBuilds index_builds_;
  BackgroundColumns columns_;
  Clock::time_point last_write_ = Clock::now() - kQuiet;
  bool sealing_ = false;
  std::vector<RunningMerge> merges_;
  bool compacting_ = false;
  bool merging_runs_ = false;                             // of the payload indexes
  uint64_t replaced_points_ = 0;                          // since the store's point families were compacted
  Clock::time_point wake_at_ = Clock::time_point::max();  // when the optimizers are woken next
  Clock::time_point retry_at_{};

  std::atomic<uint64_t> commit_groups_{0};
  std::atomic<uint64_t> building_bytes_{0};  // of the seals and merges that run

  mutable std::mutex queue_mutex_;
  std::condition_variable idle_;
  std::deque<Pending> queue_;                   // guarded by queue_mutex_
  std::deque<WriterTask> tasks_;                // guarded by queue_mutex_
  bool writer_scheduled_ = false;               // guarded by queue_mutex_
  std::thread::id writer_thread_;               // that runs the writer task now; guarded by queue_mutex_
  bool stopping_ = false;                       // guarded by queue_mutex_
  int running_ = 0;                             // tasks on any executor or timer; guarded by queue_mutex_
  bool optimizers_due_ = false;                 // guarded by queue_mutex_
  bool merge_now_ = false;                      // do not wait for a quiet moment; guarded by queue_mutex_
  std::optional<std::string> optimizer_error_;  // guarded by queue_mutex_
  std::optional<std::string> damage_;           // of a segment's file; guarded by queue_mutex_

  mutable std::mutex view_mutex_;
  std::shared_ptr<const search::View> view_;  // guarded by view_mutex_

  CancelToken cancel_;
};

}  // namespace sextant::shard
