#include "shard/long_running/large_operation.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "search/reader.h"
#include "search/view_points.h"
#include "shard/commit_group.h"
#include "shard/manifest.h"

namespace sextant::shard {
namespace {

// What one batch of an intent's chunks holds about.
constexpr size_t kIntentBatchBytes = size_t{4} << 20;
constexpr size_t kLookupIds = 4096;

PointSelection* SelectionOf(Operation* operation) {
  return std::visit(
      [](auto& op) -> PointSelection* {
        if constexpr (requires { op.points.filter; })
          return &op.points;
        else
          return nullptr;
      },
      *operation);
}

// The selected points, ascending.
Result<std::vector<Ordinal>> Resolve(const search::View& view, const PointSelection& selection, bool missing_is_error) {
  std::vector<Ordinal> ordinals;
  if (selection.filter) {
    const search::ViewPoints source(view);
    ASSIGN_OR_RETURN(const auto matches, view.index->Evaluate(*selection.filter, source, Deadline()));
    ordinals.reserve(matches->size());
    matches->ForEach([&](Ordinal ordinal) {
      ordinals.push_back(ordinal);
      return true;
    });
  }
  for (size_t from = 0; from < selection.ids.size(); from += kLookupIds) {
    const size_t to = std::min(from + kLookupIds, selection.ids.size());
    const std::vector<PointId> ids(selection.ids.begin() + static_cast<ptrdiff_t>(from),
                                   selection.ids.begin() + static_cast<ptrdiff_t>(to));
    ASSIGN_OR_RETURN(const auto found, search::FindPoints(view, ids));
    for (size_t i = 0; i < found.size(); ++i) {
      if (found[i])
        ordinals.push_back(*found[i]);
      else if (missing_is_error)
        return NotFound("No point with id " + ids[i].ToString() + " found");
    }
  }
  std::sort(ordinals.begin(), ordinals.end(), [](Ordinal a, Ordinal b) { return Index(a) < Index(b); });
  ordinals.erase(std::unique(ordinals.begin(), ordinals.end()), ordinals.end());
  return ordinals;
}

// The entry that decides comes last, when all others are durable.
Status CommitIntent(storage::Store* store, const IntentRecord& intent, const Operation& operation,
                    std::span<const Ordinal> ordinals, bool sync) {
  storage::WriteBatch batch;
  RETURN_IF_ERROR(DeleteIntent(*store, &batch));  // what a failed beginning has left
  PutIntentChange(operation, &batch);
  for (uint32_t chunk = 0; !ordinals.empty(); ++chunk) {
    const size_t count = std::min<size_t>(kIntentChunk, ordinals.size());
    PutIntentOrdinals(chunk, ordinals.first(count), &batch);
    ordinals = ordinals.subspan(count);
    if (batch.bytes() < kIntentBatchBytes) continue;
    RETURN_IF_ERROR(store->Commit(std::move(batch), sync));
    batch = storage::WriteBatch();
  }
  PutIntent(intent, &batch);
  return store->Commit(std::move(batch), sync);
}

}  // namespace

LargeOperation::LargeOperation(WriterState* state, const IntentRecord& intent, Operation operation,
                               const Options& options)
    : state_(state),
      intent_(intent),
      operation_(std::move(operation)),
      options_(options),
      index_(state->index),
      part_points_(options.limits.points) {}

Result<LargeOperation> LargeOperation::Begin(WriterState* state, const search::View& view, Operation operation,
                                             const Options& options) {
  PointSelection* selection = SelectionOf(&operation);
  if (selection == nullptr) return Internal("an operation without a selection is never a large one");
  ASSIGN_OR_RETURN(const std::vector<Ordinal> ordinals,
                   Resolve(view, *selection, !std::holds_alternative<DeletePoints>(operation)));
  *selection = PointSelection();
  const IntentRecord intent{state->last_operation + 1, ordinals.size(), 0};
  RETURN_IF_ERROR(CommitIntent(state->store.get(), intent, operation, ordinals, options.sync));
  return LargeOperation(state, intent, std::move(operation), options);
}

Result<LargeOperation> LargeOperation::Resume(WriterState* state, const Options& options) {
  if (state->intent->number != state->last_operation + 1)
    return Corruption("the shard's unfinished operation has the wrong number");
  ASSIGN_OR_RETURN(Operation operation, ReadIntentChange(*state->store));
  return LargeOperation(state, *state->intent, std::move(operation), options);
}

Status LargeOperation::Run(const CancelToken& cancel) {
  while (!finished_) {
    if (cancel.cancelled())
      return Unavailable("the shard is closing; the operation is finished when it is opened again");
    RETURN_IF_ERROR(CommitPart());
  }
  state_->last_operation = intent_.number;
  state_->index = index_;
  state_->intent.reset();
  return OkStatus();
}

Result<std::vector<PointId>> LargeOperation::NextPoints(size_t count) {
  std::vector<PointId> ids;
  if (intent_.done == intent_.points) return ids;
  const auto chunk = static_cast<uint32_t>(intent_.done / kIntentChunk);
  if (chunk != chunk_number_) {
    ASSIGN_OR_RETURN(chunk_, ReadIntentOrdinals(*state_->store, chunk));
    if (chunk_.size() != std::min<uint64_t>(kIntentChunk, intent_.points - uint64_t{chunk} * kIntentChunk))
      return Corruption("the shard's unfinished operation lacks some of its points");
    chunk_number_ = chunk;
  }
  for (size_t at = intent_.done % kIntentChunk; at < chunk_.size() && ids.size() < count; ++at)
    ids.push_back(state_->points->id(chunk_[at]));
  return ids;
}

Status LargeOperation::CommitPart() {
  for (;;) {
    ASSIGN_OR_RETURN(std::vector<PointId> ids, NextPoints(part_points_));
    const size_t count = ids.size();
    IntentRecord next = intent_;
    next.done += count;
    CommitGroup::Context context;
    context.store = state_->store;
    context.keeps_raw_vectors = state_->keeps_raw_vectors;
    context.sync = options_.sync;
    context.limits = options_.limits;
    context.vectors = &state_->vectors;
    context.ordinals = state_->ordinals.get();
    context.points = state_->points.get();
    context.last_number = intent_.number - 1;
    context.index = index_;
    context.part = next.done < next.points;
    CommitGroup group(context);
    SelectionOf(&operation_)->ids = std::move(ids);
    ASSIGN_OR_RETURN(const CommitGroup::Staged staged, group.Stage(operation_));
    if (staged == CommitGroup::Staged::kTooLarge) {
      part_points_ = std::max<size_t>(1, count / 2);
      continue;
    }
    if (context.part) {
      PutIntent(next, group.manifest_changes());
    } else {
      RETURN_IF_ERROR(DeleteIntent(*state_->store, group.manifest_changes()));
    }
    RETURN_IF_ERROR(group.Commit());
    intent_ = next;
    index_ = group.index();
    replaced_points_ += group.replaced_points();
    part_points_ = std::min(part_points_ * 2, options_.limits.points);
    finished_ = !context.part;
    return OkStatus();
  }
}

}  // namespace sextant::shard
