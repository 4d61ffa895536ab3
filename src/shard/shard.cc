#include "shard/shard.h"

#include <algorithm>
#include <future>
#include <utility>

#include "runtime/log.h"
#include "shard/operation_check.h"
#include "shard/shard_impl.h"

namespace sextant::shard {
namespace {

// A group takes at most this many operations and about this many bytes, so that one batch stays bounded.
constexpr size_t kGroupOperations = 4096;
constexpr size_t kGroupBytes = 8u << 20;
// The active part is replaced before it could run out of room in the middle of a group.
constexpr uint32_t kRotateRows = 2u << 20;

LargeOperation::Options LargeOptions(const ShardEnvironment& environment) {
  return {environment.sync, environment.batch_limits};
}

}  // namespace

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
  if (unfinished_ && unfinished_->done)
    unfinished_->done(Unavailable("the shard is closing; the operation is finished when it is opened again"));
  unfinished_.reset();
  index_builds_.Close(Unavailable("the shard is closing; the index is filled when it is opened again"));
  // The last task may still be letting go of this object; the store must be closed when the shard is gone.
  if (own > 0) return;
  {
    std::lock_guard lock(view_mutex_);
    view_.reset();
  }
  state_ = WriterState();
}

void Shard::Impl::Submit(Operation operation, WriteCallback done, AnswerTime answer) {
  {
    std::lock_guard lock(queue_mutex_);
    if (!stopping_) {
      queue_.push_back({std::move(operation), std::move(done), answer});
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
  for (size_t from = 0; from < pending.size();) {
    if (const Status status = FinishLarge(); !status.ok()) {
      for (; from < pending.size(); ++from)
        pending[from].done(Annotate(status, "an earlier operation must be finished"));
      break;
    }
    from = RunOneGroup(&pending, from);
  }
  last_write_ = Clock::now();
  ScheduleOptimizers();
}

CommitGroup::Context Shard::Impl::GroupContext() {
  CommitGroup::Context context;
  context.store = state_.store;
  context.keeps_raw_vectors = state_.keeps_raw_vectors;
  context.sync = environment_.sync;
  context.limits = environment_.batch_limits;
  context.vectors = &state_.vectors;
  context.ordinals = state_.ordinals.get();
  context.points = state_.points.get();
  context.last_number = state_.last_operation;
  context.index = state_.index;
  context.view = view();
  return context;
}

// Commits operations from `from` on as one group, up to the first that needs a group of its own or would make the batch
// too large; returns where the next one starts.
size_t Shard::Impl::RunOneGroup(std::vector<Pending>* pending, size_t from) {
  std::vector<std::pair<size_t, Result<OperationNumber>>> staged;
  Status committed;
  size_t at = from;
  bool large = false;
  {
    CommitGroup group(GroupContext());
    for (bool alone = false; at < pending->size() && !alone && group.bytes() < kGroupBytes; ++at) {
      alone = CommitGroup::NeedsPublishedState((*pending)[at].operation);
      if (alone && !group.empty()) break;
      const Result<CommitGroup::Staged> result = group.Stage((*pending)[at].operation);
      large = result.ok() && *result == CommitGroup::Staged::kTooLarge;
      if (large) break;
      staged.emplace_back(at, result.ok() ? Result<OperationNumber>(group.last_number()) : result.status());
    }
    if (!group.empty()) {
      committed = group.Commit();
      if (committed.ok()) {
        commit_groups_.fetch_add(1, std::memory_order_relaxed);
        state_.last_operation = group.last_number();
        state_.index = group.index();
        replaced_points_ += group.replaced_points();
        index_builds_.Changed(group.changed());
      }
    }
  }
  if (committed.ok()) PublishView();
  for (auto& [index, number] : staged) {
    Pending& operation = (*pending)[index];
    if (!number.ok() || !committed.ok())
      operation.done(number.ok() ? committed : number.status());
    else
      AnswerOperation(&operation, *number);
  }
  if (large) StartLarge(std::move((*pending)[at++]));
  return at;
}

// Of an operation that is committed and, unless it creates an index, visible.
void Shard::Impl::AnswerOperation(Pending* pending, OperationNumber number) {
  const WriteOutcome outcome{number};
  if (const auto* drop = std::get_if<DropIndex>(&pending->operation)) index_builds_.Drop(drop->field);
  const auto* create = std::get_if<CreateIndex>(&pending->operation);
  if (create == nullptr) return pending->done(outcome);
  const bool waits = pending->answer == AnswerTime::kWhenVisible;
  index_builds_.Add(*create, outcome, waits ? pending->done : nullptr);
  if (!waits) pending->done(outcome);
}

void Shard::Impl::StartLarge(Pending pending) {
  auto begun = LargeOperation::Begin(&state_, *view(), std::move(pending.operation), LargeOptions(environment_));
  if (!begun.ok()) return pending.done(begun.status());
  if (pending.answer == AnswerTime::kWhenDurable) {
    pending.done(WriteOutcome{begun->number()});
    pending.done = nullptr;
  }
  unfinished_.emplace(Unfinished{*std::move(begun), view()->snapshot, std::move(pending.done)});
  (void)FinishLarge();
}

// Goes on with the large operation that is under way, if any, and makes it visible. When that fails it is tried again,
// by every update that comes and after a while.
Status Shard::Impl::FinishLarge() {
  if (!unfinished_) return OkStatus();
  if (const Status status = unfinished_->operation.Run(cancel_); !status.ok()) {
    LogWarning(directory_ + ": an operation on many points has to be finished later: " + std::string(status.message()));
    if (std::exchange(finish_scheduled_, true)) return status;
    environment_.timer->RunAfter(kRetry, [weak = weak_from_this()] {
      if (auto self = weak.lock())
        self->EnqueueWriterTask([](Impl& impl) {
          impl.finish_scheduled_ = false;
          (void)impl.FinishLarge();
        });
    });
    return status;
  }
  commit_groups_.fetch_add(1, std::memory_order_relaxed);
  replaced_points_ += unfinished_->operation.replaced_points();
  const WriteCallback done = std::move(unfinished_->done);
  unfinished_.reset();
  index_builds_.AllChanged();
  PublishView();
  if (done) done(WriteOutcome{state_.last_operation});
  for (const WriterTask& task : std::exchange(postponed_, {})) task(*this);
  ScheduleOptimizers();
  return OkStatus();
}

void Shard::Impl::PublishView() {
  auto next = std::make_shared<search::View>();
  next->version = state_.last_operation;
  next->point_count = state_.index->point_count();
  next->index = state_.index;
  next->store = state_.store;
  next->snapshot = unfinished_ ? unfinished_->snapshot : state_.store->Snapshot();
  next->points = state_.points;
  for (const auto& [name, state] : state_.vectors) {
    search::VectorView& vector = next->vectors[name];
    vector.params = state.params;
    vector.hnsw = state.hnsw;
    vector.is_quantized = state.codes.format.has_value();
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
  // Kept when the task has run, broken when the shard stops before: both end the wait.
  auto applied = std::make_shared<std::promise<void>>();
  const std::shared_future<void> done = applied->get_future();
  const auto now = view();
  const bool same_names = std::equal(
      config.vectors.begin(), config.vectors.end(), now->vectors.begin(), now->vectors.end(),
      [](const auto& a, const auto& b) { return a.first == b.first && a.second.name_id == b.second.params.name_id; });
  EnqueueWriterTask([config, applied = std::move(applied)](Impl& impl) {
    impl.ApplyConfig(config);
    applied->set_value();
  });
  if (!same_names) done.wait();
}

void Shard::Impl::ApplyConfig(const CollectionConfig& config) {
  if (unfinished_) {
    postponed_.push_back([config](Impl& impl) { impl.ApplyConfig(config); });
    return;
  }
  config_ = config;
  std::vector<VectorState> dropped;
  for (auto at = state_.vectors.begin(); at != state_.vectors.end();) {
    const auto params = config.vectors.find(at->first);
    if (params != config.vectors.end() && params->second.name_id == at->second.params.name_id) {
      at->second.params = params->second;
      at->second.hnsw = EffectiveHnsw(config, params->second);
      at->second.codes = EffectiveCodes(config, params->second);
      ++at;
    } else {
      dropped.push_back(std::move(at->second));
      at = state_.vectors.erase(at);
    }
  }
  for (const auto& [name, params] : config.vectors)
    if (!state_.vectors.contains(name)) state_.vectors.emplace(name, VectorState::Make(config, params, 0));
  PublishView();
  for (const VectorState& vector : dropped) RemoveRows(vector);
  ScheduleOptimizers();
}

// What cannot be removed now goes when the shard is opened again.
void Shard::Impl::RemoveRows(const VectorState& dropped) {
  std::vector<uint64_t> segments;
  for (const SealedEntry& entry : dropped.sealed) segments.push_back(entry.id);
  Status status = ForgetVector(dropped.params.name_id, segments, state_.store.get());
  for (const uint64_t id : segments)
    if (status.ok()) status = environment_.files->RemoveTree(SegmentDirectory(directory_, id));
  if (!status.ok())
    LogWarning(directory_ + ": the rows of a dropped vector could not be removed: " + std::string(status.message()));
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
  info.resident_bytes = now->points->memory_bytes() + now->index->memory_bytes() + building_bytes_;
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
  info.optimizer_error = damage_ ? damage_ : optimizer_error_;
  return info;
}

Result<std::unique_ptr<Shard>> Shard::Open(const ShardEnvironment& environment, const std::string& directory,
                                           const CollectionConfig& config, bool create) {
  ASSIGN_OR_RETURN(WriterState state, Recover(environment, directory, config, create));
  if (state.intent) {
    ASSIGN_OR_RETURN(LargeOperation interrupted, LargeOperation::Resume(&state, LargeOptions(environment)));
    RETURN_IF_ERROR(interrupted.Run(CancelToken()));
  }
  auto impl = std::make_shared<Impl>(environment, directory, config, std::move(state));
  impl->Start();
  return std::unique_ptr<Shard>(new Shard(std::move(impl)));
}

Shard::Shard(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Shard::~Shard() {
  impl_->Stop();
}
void Shard::Submit(Operation operation, WriteCallback done, AnswerTime answer) {
  impl_->Submit(std::move(operation), std::move(done), answer);
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
