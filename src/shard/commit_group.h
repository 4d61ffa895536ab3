#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/status.h"
#include "payload_index/index_snapshot.h"
#include "points/point_codec.h"
#include "points/point_table.h"
#include "search/view.h"
#include "shard/operation.h"
#include "shard/ordinal_pool.h"
#include "shard/vectors/vector_state.h"
#include "storage/store.h"

namespace sextant::shard {

// What: the operations that one store batch makes durable: stages them one after another on top of the published view
// (each sees the effects of the earlier ones), commits, and then applies the outcome to memory.
// Threads: the shard's writer only.
// Ownership: borrows the writer's state for the length of the group; appended rows stay if Commit succeeds and are
// taken back by the destructor otherwise. Precondition: the active parts have room for the rows of the group.
// Errors: Stage leaves nothing behind when it fails; after a failed Commit memory is as before the group.
class CommitGroup {
 public:
  struct Context {
    std::shared_ptr<storage::Store> store;
    bool keeps_raw_vectors = true;  // false on an ephemeral node: rows need no copy in the store
    bool sync = true;
    BatchLimits limits;
    VectorStates* vectors = nullptr;
    OrdinalPool* ordinals = nullptr;
    points::PointTable* points = nullptr;
    // The state that the group starts from.
    OperationNumber last_number = 0;
    std::shared_ptr<const payload_index::IndexSnapshot> index;
    std::shared_ptr<const search::View> view;  // the same, published; null when no operation has a filter
    bool part = false;  // a part of a larger operation, whose number is not yet the shard's newest
  };
  explicit CommitGroup(const Context& context);
  ~CommitGroup();
  CommitGroup(const CommitGroup&) = delete;
  CommitGroup& operator=(const CommitGroup&) = delete;

  // Filters are resolved against the published view: they open a group of their own.
  static bool NeedsPublishedState(const Operation& operation);

  enum class Staged { kDone, kTooLarge };
  // Stages one operation, which gets the next operation number: last_number(). kTooLarge: nothing was staged.
  Result<Staged> Stage(const Operation& operation);

  // Makes the group durable and applies it to rows, point table and ordinals. Afterwards `last_number`, `index` and
  // `point_count` are those of the view to publish.
  Status Commit();

  bool empty() const { return last_number_ == context_.last_number; }
  // About the size of the batch so far.
  size_t bytes() const { return bytes_; }
  OperationNumber last_number() const { return last_number_; }
  // Points whose entries in the store a committed group replaced or deleted.
  uint64_t replaced_points() const { return replaced_points_; }
  std::shared_ptr<const payload_index::IndexSnapshot> index() const { return index_; }
  // Points whose payload a committed group changed.
  const std::vector<Ordinal>& changed() const { return changed_; }
  // Entries of the manifest that become durable with the group.
  storage::WriteBatch* manifest_changes() { return &manifest_changes_; }

 private:
  // A point as the group leaves it.
  struct StagedPoint {
    Ordinal ordinal{};
    bool exists = false;                              // after the group
    std::optional<points::PointHead> published_head;  // unset: it does not exist in the published view
    points::PointHead head;
    bool payload_changed = false;
    std::string payload;  // valid if payload_changed; "" for none
  };
  using StagedPoints = std::unordered_map<PointId, StagedPoint, PointIdHash>;

  using PointIds = std::vector<PointId>;

  Result<Staged> StageUpsert(const Upsert& operation, OperationNumber number);
  Result<Staged> StageUpdateVectors(const UpdateVectors& operation, OperationNumber number);
  Result<Staged> StageDeleteVectors(const DeleteVectors& operation, OperationNumber number);
  Result<Staged> StageDelete(const DeletePoints& operation);
  Result<Staged> StageIndex(const CreateIndex& operation);
  Result<Staged> StageIndex(const DropIndex& operation);
  using PayloadEdit = absl::FunctionRef<void(Json* payload, bool had_payload)>;
  // Applies `edit` to the payload of every selected point.
  Result<Staged> StagePayloadEdit(const PointSelection& selection, OperationNumber number, bool reads_payload,
                                  PayloadEdit edit);

  // Loads the published state of these points into staged_ (a new entry for an absent one).
  Status Load(const PointIds& ids);
  // Those of the selected points that exist; nullopt when they are too many.
  Result<std::optional<PointIds>> Select(const PointSelection& selection, bool missing_is_error);
  // Which of these loaded points an upsert writes.
  Result<bool> IsWritten(const Upsert& operation, const PointId& id) const;
  Result<bool> Satisfies(const PointId& id, const Filter& filter) const;
  Result<std::string> CurrentPayload(const StagedPoint& point) const;
  void AppendRow(const NamedVector& vector, OperationNumber number, const PointId& id, StagedPoint* point);

  void FillBatch(storage::WriteBatch* batch) const;
  void FillRows(storage::WriteBatch* batch) const;
  void ApplyToRows();
  void ApplyToPoints();
  void ApplyToIndex();
  void TakeBackRows();

  Context context_;
  OperationNumber last_number_;
  StagedPoints staged_;
  std::unordered_map<std::string, uint32_t> rows_before_;  // of each vector's active part, by name
  std::shared_ptr<const payload_index::IndexSnapshot> index_;
  storage::WriteBatch manifest_changes_;
  std::vector<Ordinal> changed_;
  size_t bytes_ = 0;
  uint64_t replaced_points_ = 0;
  bool committed_ = false;
};

}  // namespace sextant::shard
