#include "shard/shard.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "runtime/log.h"
#include "runtime/memory.h"
#include "shard/commit_group.h"
#include "shard/manifest.h"
#include "shard/optimizer.h"
#include "shard/recovery.h"

namespace sextant::shard {
namespace {

using Clock = std::chrono::steady_clock;

// A group takes at most this many operations and about this many bytes, so that one batch stays bounded.
constexpr size_t kGroupOperations = 4096;
constexpr size_t kGroupBytes = 8u << 20;
// The active part is replaced before it could run out of room in the middle of a group.
constexpr uint32_t kRotateRows = 2u << 20;
// Merges down to the target number of segments wait until no write has come for this long.
constexpr std::chrono::milliseconds kQuiet{1000};
constexpr std::chrono::milliseconds kRetry{2000};

size_t ApproximateBytes(const Operation& operation) {
  const auto* upsert = std::get_if<Upsert>(&operation);
  if (upsert == nullptr) return 1024;
  size_t bytes = 0;
  for (const PointInput& point : upsert->points) {
    bytes += 64 + point.payload.size();
    for (const NamedVector& vector : point.vectors) bytes += std::get<DenseVector>(vector.value).size() * sizeof(float);
  }
  return bytes;
}

Status CheckVectors(const Upsert& upsert, const search::View& view) {
  for (const PointInput& point : upsert.points)
    for (const NamedVector& vector : point.vectors) {
      const auto known = view.vectors.find(vector.name);
      if (known == view.vectors.end()) return WrongInput("Not existing vector name error: " + vector.name);
      const auto* dense = std::get_if<DenseVector>(&vector.value);
      if (dense == nullptr) return WrongInput("Vector " + vector.name + " is dense");
      if (dense->size() != known->second.params.size)
        return WrongInput("Vector dimension error: expected dim: " + std::to_string(known->second.params.size) +
                          ", got " + std::to_string(dense->size()));
    }
  return OkStatus();
}

}  // namespace

// Kept alive by its own tasks; the Shard's destructor waits until none is left.
class Shard::Impl : public std::enable_shared_from_this<Shard::Impl> {
 public:
  Impl(const ShardEnvironment& environment, std::string directory, const CollectionConfig& config, WriterState state)
      : environment_(environment), directory_(std::move(directory)), config_(config), state_(std::move(state)) {
    PublishView();
  }

  // Looks for work left over from before. By the writer task, as ever: a seal or merge may end before this returns.
  void Start() {
    {
      std::lock_guard lock(queue_mutex_);
      optimizers_due_ = true;
    }
    EnqueueWriterTask([](Impl& impl) { impl.ScheduleOptimizers(); });
  }
  void Stop();
  void Submit(Operation operation, WriteCallback done);
  void UpdateConfig(const CollectionConfig& config);
  Status WaitForOptimizers(const Deadline& deadline);
  ShardInfo info() const;

  std::shared_ptr<const search::View> view() const {
    std::lock_guard lock(view_mutex_);
    return view_;
  }

 private:
  struct Pending {
    Operation operation;
    WriteCallback done;
  };
  using WriterTask = std::function<void(Impl&)>;

  void EnqueueWriterTask(WriterTask task);
  void WakeWriter();  // queue_mutex_ held
  void RunWriter();
  void RunGroup(std::vector<Pending> pending);
  size_t RunOneGroup(std::vector<Pending>* pending, size_t from);
  void PublishView();

  void ScheduleOptimizers();
  void StartJob(Job job);
  void FinishJob(const Job& job, Result<BuiltSegment> built);
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
  Clock::time_point last_write_ = Clock::now() - kQuiet;
  bool sealing_ = false;
  bool merging_ = false;
  bool compacting_ = false;
  uint64_t replaced_points_ = 0;  // since the store's point families were compacted
  bool wake_scheduled_ = false;
  Clock::time_point retry_at_{};

  std::atomic<uint64_t> commit_groups_{0};

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

  mutable std::mutex view_mutex_;
  std::shared_ptr<const search::View> view_;  // guarded by view_mutex_

  CancelToken cancel_;
};

void Shard::Impl::TaskStarted() {
  ++running_;
}

void Shard::Impl::TaskEnded() {
  std::lock_guard lock(queue_mutex_);
  --running_;
  idle_.notify_all();
}

void Shard::Impl::Stop() {
  cancel_.Cancel();
  std::deque<Pending> refused;
  int own = 0;
  {
    std::unique_lock lock(queue_mutex_);
    stopping_ = true;
    refused.swap(queue_);
    // A callback may let go of the last reference to the shard from inside the writer task itself.
    own = writer_thread_ == std::this_thread::get_id() ? 1 : 0;
    idle_.wait(lock, [&] { return running_ == own; });
  }
  for (Pending& pending : refused) pending.done(Unavailable("the shard is closing"));
  // The last task may still be letting go of this object; the store must be closed when the shard is gone.
  if (own > 0) return;
  {
    std::lock_guard lock(view_mutex_);
    view_.reset();
  }
  state_ = WriterState();
}

void Shard::Impl::Submit(Operation operation, WriteCallback done) {
  if (const auto* upsert = std::get_if<Upsert>(&operation)) {
    if (const Status status = CheckVectors(*upsert, *view()); !status.ok()) return done(status);
  }
  {
    std::lock_guard lock(queue_mutex_);
    if (!stopping_) {
      queue_.push_back({std::move(operation), std::move(done)});
      WakeWriter();
      return;
    }
  }
  done(Unavailable("the shard is closing"));
}

void Shard::Impl::EnqueueWriterTask(WriterTask task) {
  std::lock_guard lock(queue_mutex_);
  if (stopping_) return;
  tasks_.push_back(std::move(task));
  WakeWriter();
}

void Shard::Impl::WakeWriter() {
  if (writer_scheduled_) return;
  writer_scheduled_ = true;
  TaskStarted();
  environment_.writers->Post([self = shared_from_this()] { self->RunWriter(); });
}

void Shard::Impl::RunWriter() {
  std::vector<Pending> pending;
  std::deque<WriterTask> tasks;
  {
    std::lock_guard lock(queue_mutex_);
    writer_thread_ = std::this_thread::get_id();
    tasks.swap(tasks_);
    size_t bytes = 0;
    while (!queue_.empty() && pending.size() < kGroupOperations && bytes < kGroupBytes) {
      bytes += ApproximateBytes(queue_.front().operation);
      pending.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
  }
  for (const WriterTask& task : tasks) task(*this);
  if (!pending.empty()) RunGroup(std::move(pending));
  {
    std::lock_guard lock(queue_mutex_);
    writer_scheduled_ = false;
    writer_thread_ = std::thread::id();
    if (!queue_.empty() || (!tasks_.empty() && !stopping_)) WakeWriter();
  }
  TaskEnded();
}

void Shard::Impl::RunGroup(std::vector<Pending> pending) {
  for (auto& [name, state] : state_.vectors)
    if (state.active->rows() >= kRotateRows) state.Rotate();
  for (size_t from = 0; from < pending.size();) from = RunOneGroup(&pending, from);
  last_write_ = Clock::now();
  ScheduleOptimizers();
}

// Commits operations from `from` on as one group, up to the first that needs a group of its own; returns where the
// next one starts.
size_t Shard::Impl::RunOneGroup(std::vector<Pending>* pending, size_t from) {
  CommitGroup::Context context;
  context.store = state_.store;
  context.keeps_raw_vectors = state_.keeps_raw_vectors;
  context.sync = environment_.sync;
  context.vectors = &state_.vectors;
  context.ordinals = state_.ordinals.get();
  context.points = state_.points.get();
  context.view = view();
  std::vector<std::pair<size_t, Result<OperationNumber>>> staged;
  Status committed;
  size_t at = from;
  {
    CommitGroup group(context);
    for (; at < pending->size(); ++at) {
      const bool alone = CommitGroup::NeedsPublishedState((*pending)[at].operation);
      if (alone && !group.empty()) break;
      staged.emplace_back(at, group.Stage((*pending)[at].operation));
      if (alone) {
        ++at;
        break;
      }
    }
    if (!group.empty()) {
      committed = group.Commit();
      if (committed.ok()) {
        commit_groups_.fetch_add(1, std::memory_order_relaxed);
        state_.last_operation = group.last_number();
        state_.index = group.index();
        replaced_points_ += group.replaced_points();
      }
    }
  }
  if (committed.ok()) PublishView();
  for (auto& [index, number] : staged) {
    WriteCallback& done = (*pending)[index].done;
    if (!number.ok())
      done(number.status());
    else if (!committed.ok())
      done(committed);
    else
      done(WriteOutcome{*number});
  }
  return at;
}

void Shard::Impl::PublishView() {
  auto next = std::make_shared<search::View>();
  next->version = state_.last_operation;
  next->point_count = state_.index->point_count();
  next->index = state_.index;
  next->store = state_.store;
  next->snapshot = state_.store->Snapshot();
  next->points = state_.points;
  for (const auto& [name, state] : state_.vectors) {
    search::VectorView& vector = next->vectors[name];
    vector.params = state.params;
    vector.hnsw = state.hnsw;
    for (const SealedEntry& entry : state.sealed) vector.sealed.push_back(entry.segment);
    for (const auto& growing : state.sealing) vector.growing.push_back({growing, growing->rows()});
    vector.growing.push_back({state.active, state.active->rows()});
  }
  std::shared_ptr<const search::View> previous = next;
  {
    std::lock_guard lock(view_mutex_);
    view_.swap(previous);
  }
  state_.ordinals->ViewPublished(next);
}

void Shard::Impl::UpdateConfig(const CollectionConfig& config) {
  EnqueueWriterTask([config](Impl& impl) {
    impl.config_ = config;
    for (auto& [name, state] : impl.state_.vectors) {
      const auto params = config.vectors.find(name);
      if (params == config.vectors.end()) continue;
      state.params = params->second;
      state.hnsw = EffectiveHnsw(config, params->second);
    }
    impl.PublishView();
    impl.ScheduleOptimizers();
  });
}

void Shard::Impl::ScheduleOptimizers() {
  bool merge_now = false;
  {
    std::lock_guard lock(queue_mutex_);
    if (stopping_) return;
    merge_now = merge_now_;
  }
  CompactPointsIfDue();
  const Clock::time_point now = Clock::now();
  const bool quiet = merge_now || now - last_write_ >= kQuiet;
  bool due = false;
  if (now < retry_at_) {
    due = true;
    WakeOptimizersAfter(std::chrono::duration_cast<std::chrono::milliseconds>(retry_at_ - now) +
                        std::chrono::milliseconds(1));
  } else {
    Job seal;
    if (!sealing_ && ChooseSeal(&state_, config_.optimizers, &seal)) {
      PublishView();  // the active part may have been rotated
      StartJob(std::move(seal));
    }
    Job merge;
    if (!merging_ && ChooseMerge(&state_, config_.optimizers, quiet && !sealing_, &merge)) {
      StartJob(std::move(merge));
    } else if (Job later; !merging_ && !quiet && ChooseMerge(&state_, config_.optimizers, true, &later)) {
      due = true;
      WakeOptimizersAfter(kQuiet);
    }
  }
  std::lock_guard lock(queue_mutex_);
  optimizers_due_ = due || sealing_ || merging_;
  if (!optimizers_due_) merge_now_ = false;
  idle_.notify_all();
}

void Shard::Impl::WakeOptimizersAfter(std::chrono::milliseconds delay) {
  if (wake_scheduled_) return;
  wake_scheduled_ = true;
  // The timer holds no claim on the shard: a stopped one ignores the task.
  environment_.timer->RunAfter(delay, [weak = weak_from_this()] {
    if (auto self = weak.lock())
      self->EnqueueWriterTask([](Impl& impl) {
        impl.wake_scheduled_ = false;
        impl.ScheduleOptimizers();
      });
  });
}

void Shard::Impl::StartJob(Job job) {
  (job.kind == JobKind::kSeal ? sealing_ : merging_) = true;
  {
    std::lock_guard lock(queue_mutex_);
    TaskStarted();
  }
  environment_.optimizers->Post([self = shared_from_this(), job = std::move(job)]() mutable {
    auto built =
        std::make_shared<Result<BuiltSegment>>(Build(self->environment_, self->directory_, job, self->cancel_));
    self->EnqueueWriterTask([job = std::move(job), built](Impl& impl) { impl.FinishJob(job, std::move(*built)); });
    self->TaskEnded();
  });
}

void Shard::Impl::FinishJob(const Job& job, Result<BuiltSegment> built) {
  (job.kind == JobKind::kSeal ? sealing_ : merging_) = false;
  Status status = built.status();
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
// mapped files until they are done.
void Shard::Impl::CleanUpAfter(const Job& job) {
  {
    std::lock_guard lock(queue_mutex_);
    TaskStarted();
  }
  environment_.optimizers->Post([self = shared_from_this(), job] {
    for (const SealedEntry& entry : job.sealed) {
      const Status status = self->environment_.files->RemoveTree(SegmentDirectory(self->directory_, entry.id));
      if (!status.ok()) LogWarning("a merged segment could not be removed: " + std::string(status.message()));
    }
    if (!job.growing.empty() && self->state_.keeps_raw_vectors) {
      const Status status = self->state_.store->Compact(
          storage::Family::kVectors, points::VectorKey(job.name_id, 0),
          points::VectorKey(job.name_id, job.growing.back()->first_sequence() + job.growing.back()->rows()));
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
  environment_.optimizers->Post([self = shared_from_this()] {
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

Status Shard::Impl::WaitForOptimizers(const Deadline& deadline) {
  {
    std::lock_guard lock(queue_mutex_);
    merge_now_ = true;
    optimizers_due_ = true;
  }
  EnqueueWriterTask([](Impl& impl) { impl.ScheduleOptimizers(); });
  std::unique_lock lock(queue_mutex_);
  while (optimizers_due_ || running_ > 0 || !queue_.empty()) {
    if (deadline.Expired()) return TimeoutError("optimizers are still running");
    idle_.wait_for(lock, std::chrono::milliseconds(20));
  }
  return OkStatus();
}

ShardInfo Shard::Impl::info() const {
  ShardInfo info;
  const std::shared_ptr<const search::View> now = view();
  info.points = now->point_count;
  info.fields = now->index->Fields();
  info.disk_bytes = state_.store->disk_bytes();
  info.resident_bytes = now->points->memory_bytes() + now->index->memory_bytes();
  for (const auto& [name, vector] : now->vectors) {
    for (const auto& segment : vector.sealed) {
      ++info.segments;
      if (segment->has_graph()) info.indexed_vectors += segment->rows() - segment->liveness().retired_count();
      info.disk_bytes += segment->disk_bytes();
      info.resident_bytes += segment->resident_bytes();
    }
    for (const auto& growing : vector.growing) {
      info.segments += growing.rows > 0 ? 1 : 0;
      info.resident_bytes += growing.segment->memory_bytes();
    }
  }
  info.commit_groups = commit_groups_.load(std::memory_order_relaxed);
  std::lock_guard lock(queue_mutex_);
  info.queued_operations = queue_.size();
  info.optimizing = optimizers_due_;
  info.optimizer_error = optimizer_error_;
  return info;
}

Result<std::unique_ptr<Shard>> Shard::Open(const ShardEnvironment& environment, const std::string& directory,
                                           const CollectionConfig& config, bool create) {
  ASSIGN_OR_RETURN(WriterState state, Recover(environment, directory, config, create));
  auto impl = std::make_shared<Impl>(environment, directory, config, std::move(state));
  impl->Start();
  return std::unique_ptr<Shard>(new Shard(std::move(impl)));
}

Shard::Shard(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Shard::~Shard() {
  impl_->Stop();
}
void Shard::Submit(Operation operation, WriteCallback done) {
  impl_->Submit(std::move(operation), std::move(done));
}
std::shared_ptr<const search::View> Shard::view() const {
  return impl_->view();
}
void Shard::UpdateConfig(const CollectionConfig& config) {
  impl_->UpdateConfig(config);
}
ShardInfo Shard::info() const {
  return impl_->info();
}
Status Shard::WaitForOptimizers(const Deadline& deadline) {
  return impl_->WaitForOptimizers(deadline);
}

}  // namespace sextant::shard
