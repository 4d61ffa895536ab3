#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "payload_index/index_snapshot.h"
#include "points/point_codec.h"
#include "points/point_table.h"
#include "search/view.h"
#include "shard/operation.h"
#include "shard/ordinal_pool.h"
#include "shard/vector_state.h"
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
    VectorStates* vectors = nullptr;
    OrdinalPool* ordinals = nullptr;
    points::PointTable* points = nullptr;
    std::shared_ptr<const search::View> view;  // the published state that the group starts from
  };
  explicit CommitGroup(const Context& context);
  ~CommitGroup();
  CommitGroup(const CommitGroup&) = delete;
  CommitGroup& operator=(const CommitGroup&) = delete;

  // Filters and index changes are resolved against the published view: they open a group of their own.
  static bool NeedsPublishedState(const Operation& operation);

  // Stages one operation; on success it has the next operation number, which is returned.
  Result<OperationNumber> Stage(const Operation& operation);

  // Makes the group durable and applies it to rows, point table and ordinals. Afterwards `last_number`, `index` and
  // `point_count` are those of the view to publish.
  Status Commit();

  bool empty() const { return last_number_ == context_.view->version; }
  OperationNumber last_number() const { return last_number_; }
  // Points whose entries in the store a committed group replaced or deleted.
  uint64_t replaced_points() const { return replaced_points_; }
  std::shared_ptr<const payload_index::IndexSnapshot> index() const { return index_; }

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

  Status StageUpsert(const Upsert& operation, OperationNumber number);
  Status StageDelete(const DeletePoints& operation, OperationNumber number);
  Status StageIndex(const CreateIndex& operation);
  Status StageIndex(const DropIndex& operation);
  // Applies `edit` (void(Json* payload, bool had_payload)) to the payload of every selected point.
  template <typename Edit>
  Status StagePayloadEdit(const PointSelection& selection, OperationNumber number, bool reads_payload, Edit&& edit);

  // Loads the published state of these points into staged_ (a new entry for an absent one).
  Status Load(const std::vector<PointId>& ids);
  Result<std::vector<PointId>> Select(const PointSelection& selection, bool missing_is_error);
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
  storage::WriteBatch index_changes_;  // manifest entries of index operations
  uint64_t replaced_points_ = 0;
  bool committed_ = false;
};

}  // namespace sextant::shard
