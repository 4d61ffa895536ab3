#include "shard/commit_group.h"

#include <algorithm>

#include "search/view_points.h"
#include "shard/manifest.h"
#include "shard/operation_check.h"
#include "types/vector_math.h"

namespace sextant::shard {

using storage::Family;

namespace {

// What a batch holds of a point or a row besides payloads and vectors: keys, heads, the log's own.
constexpr size_t kPointBytes = 160;
constexpr size_t kEntryBytes = 64;

Status NoSuchPoint(const PointId& id) {
  return NotFound("No point with id " + id.ToString() + " found");
}

// Adds the vector to the point, or puts it in the place of the one of the same name.
void SetVector(const points::VectorHead& vector, points::PointHead* head) {
  const auto at = std::lower_bound(head->vectors.begin(), head->vectors.end(), vector,
                                   [](const auto& a, const auto& b) { return a.name_id < b.name_id; });
  if (at != head->vectors.end() && at->name_id == vector.name_id)
    *at = vector;
  else
    head->vectors.insert(at, vector);
}

}  // namespace

CommitGroup::CommitGroup(const Context& context)
    : context_(context), last_number_(context.last_number), index_(context.index) {
  for (const auto& [name, state] : *context_.vectors) rows_before_[name] = state.active->rows();
}

CommitGroup::~CommitGroup() {
  if (!committed_) TakeBackRows();
}

bool CommitGroup::NeedsPublishedState(const Operation& operation) {
  return std::visit(
      [](const auto& op) {
        if constexpr (requires { op.points.filter; })
          return op.points.filter.has_value();
        else
          return false;
      },
      operation);
}

Result<CommitGroup::Staged> CommitGroup::Stage(const Operation& operation) {
  RETURN_IF_ERROR(CheckVectors(operation, *context_.vectors));
  const OperationNumber number = last_number_ + 1;
  ASSIGN_OR_RETURN(const Staged staged,
                   std::visit(
                       [&](const auto& op) -> Result<Staged> {
                         using Op = std::decay_t<decltype(op)>;
                         if constexpr (std::is_same_v<Op, Upsert>)
                           return StageUpsert(op, number);
                         else if constexpr (std::is_same_v<Op, UpdateVectors>)
                           return StageUpdateVectors(op, number);
                         else if constexpr (std::is_same_v<Op, DeleteVectors>)
                           return StageDeleteVectors(op, number);
                         else if constexpr (std::is_same_v<Op, DeletePoints>)
                           return StageDelete(op);
                         else if constexpr (std::is_same_v<Op, CreateIndex> || std::is_same_v<Op, DropIndex>)
                           return StageIndex(op);
                         else if constexpr (std::is_same_v<Op, OverwritePayload>)
                           return StagePayloadEdit(op.points, number, false,
                                                   [&](Json* payload, bool) { *payload = op.payload; });
                         else if constexpr (std::is_same_v<Op, ClearPayload>)
                           return StagePayloadEdit(op.points, number, false,
                                                   [](Json* payload, bool) { *payload = Json(Json::Object()); });
                         else if constexpr (std::is_same_v<Op, DeletePayload>)
                           return StagePayloadEdit(op.points, number, true, [&](Json* payload, bool) {
                             for (const PayloadPath& key : op.keys) DeletePayloadPath(key, payload);
                           });
                         else
                           return StagePayloadEdit(op.points, number, true, [&](Json* payload, bool had_payload) {
                             if (op.key)
                               MergePayloadAt(*op.key, op.payload, payload);
                             else if (had_payload)
                               MergePayload(op.payload, payload);
                             else
                               *payload = op.payload;  // nothing to merge into: nulls stay
                           });
                       },
                       operation));
  if (staged == Staged::kDone) last_number_ = number;
  return staged;
}

Status CommitGroup::Load(const std::vector<PointId>& ids) {
  std::vector<PointId> absent;
  std::vector<std::string> keys;
  for (const PointId& id : ids) {
    if (staged_.contains(id)) continue;
    absent.push_back(id);
    keys.push_back(points::IdKey(id));
  }
  if (absent.empty()) return OkStatus();
  ASSIGN_OR_RETURN(const auto ordinals, context_.store->MultiGet(Family::kIds, keys));
  std::vector<std::string> head_keys;
  for (const auto& ordinal : ordinals)
    if (ordinal) head_keys.push_back(*ordinal);  // both are the big-endian ordinal
  ASSIGN_OR_RETURN(const auto heads, context_.store->MultiGet(Family::kPoints, head_keys));
  size_t next_head = 0;
  StagedPoints loaded;
  for (size_t i = 0; i < absent.size(); ++i) {
    StagedPoint point;
    if (ordinals[i]) {
      ASSIGN_OR_RETURN(point.ordinal, points::DecodeOrdinalKey(*ordinals[i]));
      const auto& head = heads[next_head++];
      if (!head) return Corruption("the store lacks the head of point " + absent[i].ToString());
      ASSIGN_OR_RETURN(point.head, points::DecodeHead(*head));
      point.published_head = point.head;
      point.exists = true;
    }
    loaded.emplace(absent[i], std::move(point));
  }
  staged_.merge(loaded);
  return OkStatus();
}

Result<std::optional<CommitGroup::PointIds>> CommitGroup::Select(const PointSelection& selection,
                                                                 bool missing_is_error) {
  PointIds ids = selection.ids;
  if (selection.filter) {
    const search::ViewPoints source(*context_.view);
    ASSIGN_OR_RETURN(const auto matches, context_.view->index->Evaluate(*selection.filter, source, Deadline()));
    if (matches->size() > context_.limits.points) return std::optional<PointIds>();
    matches->ForEach([&](Ordinal ordinal) {
      ids.push_back(context_.points->id(ordinal));
      return true;
    });
  }
  if (ids.size() > context_.limits.points) return std::optional<PointIds>();
  RETURN_IF_ERROR(Load(ids));
  PointIds present;
  for (const PointId& id : ids) {
    if (staged_.at(id).exists)
      present.push_back(id);
    else if (missing_is_error)
      return NoSuchPoint(id);
  }
  return std::optional<PointIds>(std::move(present));
}

Result<bool> CommitGroup::IsWritten(const Upsert& operation, const PointId& id) const {
  if (!staged_.at(id).exists) return operation.mode != UpdateMode::kUpdateOnly;
  if (operation.mode == UpdateMode::kInsertOnly) return false;
  return operation.update_filter ? Satisfies(id, *operation.update_filter) : Result<bool>(true);
}

Result<bool> CommitGroup::Satisfies(const PointId& id, const Filter& filter) const {
  const StagedPoint& point = staged_.at(id);
  ASSIGN_OR_RETURN(const std::string text, CurrentPayload(point));
  Json payload;
  if (!text.empty()) {
    ASSIGN_OR_RETURN(payload, Json::Parse(text));
  }
  return index_->Holds(filter, payload, id, [&](std::string_view name) {
    const auto vector = context_.vectors->find(name);
    return vector != context_.vectors->end() && point.head.Find(vector->second.params.name_id) != nullptr;
  });
}

void CommitGroup::AppendRow(const NamedVector& vector, OperationNumber number, const PointId& id, StagedPoint* point) {
  VectorState& state = context_.vectors->find(vector.name)->second;
  VectorValue prepared;
  const VectorValue* value = &vector.value;
  if (NeedsPreparation(state.params)) {
    prepared = vector.value;
    PrepareVector(state.params, &prepared);
    value = &prepared;
  }
  const VectorRef row = RefOf(*value);
  const uint64_t sequence = state.next_sequence();
  state.active->Append(row, {point->ordinal, number, id});
  SetVector({state.params.name_id, number, sequence}, &point->head);
  bytes_ += row.values.size_bytes() + row.indices.size_bytes() + kEntryBytes;
}

Result<CommitGroup::Staged> CommitGroup::StageUpsert(const Upsert& operation, OperationNumber number) {
  PointIds ids;
  ids.reserve(operation.points.size());
  for (const PointInput& point : operation.points) ids.push_back(point.id);
  RETURN_IF_ERROR(Load(ids));
  std::unordered_map<PointId, const PointInput*, PointIdHash> last;  // of equal ids the last wins
  for (const PointInput& point : operation.points) last[point.id] = &point;
  for (const PointId& id : ids) {
    if (last.at(id) == nullptr) continue;
    ASSIGN_OR_RETURN(const bool written, IsWritten(operation, id));
    if (!written) last[id] = nullptr;
  }
  for (const PointInput& input : operation.points) {
    if (last.at(input.id) != &input) continue;
    StagedPoint& point = staged_.at(input.id);
    if (!point.exists && !point.published_head) point.ordinal = context_.ordinals->Take();
    point.exists = true;
    point.head = {input.id, number, {}};
    for (const NamedVector& vector : input.vectors) AppendRow(vector, number, input.id, &point);
    point.payload_changed = true;
    point.payload = input.payload;
    bytes_ += kPointBytes + input.payload.size();
  }
  return Staged::kDone;
}

Result<CommitGroup::Staged> CommitGroup::StageUpdateVectors(const UpdateVectors& operation, OperationNumber number) {
  PointIds ids;
  ids.reserve(operation.points.size());
  for (const PointVectors& point : operation.points) ids.push_back(point.id);
  RETURN_IF_ERROR(Load(ids));
  std::unordered_map<PointId, bool, PointIdHash> written;  // decided before anything changes
  for (const PointId& id : ids) {
    if (!staged_.at(id).exists) return NoSuchPoint(id);
    if (written.contains(id)) continue;
    written[id] = true;
    if (!operation.update_filter) continue;
    ASSIGN_OR_RETURN(written[id], Satisfies(id, *operation.update_filter));
  }
  for (const PointVectors& input : operation.points) {
    if (!written.at(input.id)) continue;
    StagedPoint& point = staged_.at(input.id);
    point.head.version = number;
    for (const NamedVector& vector : input.vectors) AppendRow(vector, number, input.id, &point);
    bytes_ += kPointBytes;
  }
  return Staged::kDone;
}

Result<CommitGroup::Staged> CommitGroup::StageDeleteVectors(const DeleteVectors& operation, OperationNumber number) {
  std::vector<uint32_t> name_ids;
  for (const std::string& name : operation.names) {
    const auto vector = context_.vectors->find(name);
    if (vector == context_.vectors->end()) return WrongInput("Not existing vector name error: " + name);
    name_ids.push_back(vector->second.params.name_id);
  }
  ASSIGN_OR_RETURN(const std::optional<PointIds> ids, Select(operation.points, true));
  if (!ids) return Staged::kTooLarge;
  for (const PointId& id : *ids) {
    StagedPoint& point = staged_.at(id);
    point.head.version = number;
    std::erase_if(point.head.vectors, [&](const points::VectorHead& vector) {
      return std::find(name_ids.begin(), name_ids.end(), vector.name_id) != name_ids.end();
    });
    bytes_ += kPointBytes;
  }
  return Staged::kDone;
}

Result<CommitGroup::Staged> CommitGroup::StageDelete(const DeletePoints& operation) {
  ASSIGN_OR_RETURN(const std::optional<PointIds> ids, Select(operation.points, false));
  if (!ids) return Staged::kTooLarge;
  for (const PointId& id : *ids) {
    StagedPoint& point = staged_.at(id);
    if (!point.exists) continue;  // named twice
    point.exists = false;
    point.head.vectors.clear();
    if (!point.published_head) context_.ordinals->GiveBack(point.ordinal);
    bytes_ += kPointBytes;
  }
  return Staged::kDone;
}

Result<std::string> CommitGroup::CurrentPayload(const StagedPoint& point) const {
  if (point.payload_changed) return point.payload;
  ASSIGN_OR_RETURN(std::optional<std::string> text,
                   context_.store->Get(Family::kPayloads, points::OrdinalKey(point.ordinal)));
  return std::move(text).value_or(std::string());
}

Result<CommitGroup::Staged> CommitGroup::StagePayloadEdit(const PointSelection& selection, OperationNumber number,
                                                          bool reads_payload, PayloadEdit edit) {
  ASSIGN_OR_RETURN(const std::optional<PointIds> ids, Select(selection, true));
  if (!ids) return Staged::kTooLarge;
  std::unordered_map<PointId, std::string, PointIdHash> edited;  // first compute all, then change the staged state
  size_t bytes = 0;
  for (const PointId& id : *ids) {
    std::string text;
    if (reads_payload) {
      ASSIGN_OR_RETURN(text, CurrentPayload(staged_.at(id)));
    }
    Json payload{Json::Object()};
    if (!text.empty()) {
      ASSIGN_OR_RETURN(payload, Json::Parse(text));
    }
    edit(&payload, !text.empty());
    std::string& now = edited[id];
    now = payload.object().empty() ? std::string() : payload.Dump();
    bytes += kPointBytes + now.size();
    if (bytes > context_.limits.bytes && edited.size() > 1) return Staged::kTooLarge;
  }
  for (auto& [id, text] : edited) {
    StagedPoint& point = staged_.at(id);
    point.payload_changed = true;
    point.payload = std::move(text);
    point.head.version = number;
  }
  bytes_ += bytes;
  return Staged::kDone;
}

Result<CommitGroup::Staged> CommitGroup::StageIndex(const CreateIndex& operation) {
  ASSIGN_OR_RETURN(index_, index_->Declare(operation.field, operation.schema));  // IndexBuilds fills it
  PutField({operation.field, operation.schema}, &manifest_changes_);
  return Staged::kDone;
}

Result<CommitGroup::Staged> CommitGroup::StageIndex(const DropIndex& operation) {
  index_ = index_->WithoutField(operation.field);
  DeleteField(operation.field, &manifest_changes_);
  return Staged::kDone;
}

void CommitGroup::FillBatch(storage::WriteBatch* batch) const {
  for (const auto& [id, point] : staged_) {
    const std::string ordinal = points::OrdinalKey(point.ordinal);
    if (point.exists) {
      if (!point.published_head) batch->Put(Family::kIds, points::IdKey(id), ordinal);
      batch->Put(Family::kPoints, ordinal, points::EncodeHead(point.head));
      if (!point.payload_changed) continue;
      if (!point.payload.empty())
        batch->Put(Family::kPayloads, ordinal, point.payload);
      else
        batch->Delete(Family::kPayloads, ordinal);
    } else if (point.published_head) {
      batch->Delete(Family::kIds, points::IdKey(id));
      batch->Delete(Family::kPoints, ordinal);
      batch->Delete(Family::kPayloads, ordinal);
    }
  }
  FillRows(batch);
  if (!context_.part) PutLastOperation(last_number_, batch);
}

void CommitGroup::FillRows(storage::WriteBatch* batch) const {
  for (const auto& [name, state] : *context_.vectors) {
    const auto put_rows = [&, &params = state.params](const vector_index::GrowingRows& growing, uint32_t from) {
      for (uint32_t row = from; row < growing.rows(); ++row) {
        const vector_index::RowIdentity identity = growing.identity(row);
        batch->Put(Family::kVectors, points::VectorKey(params.name_id, growing.first_sequence() + row),
                   points::EncodeVectorRow(identity.ordinal, identity.version, growing.Row(row)));
      }
    };
    const uint32_t before = rows_before_.at(name);
    if (state.active->rows() == before) continue;
    if (context_.keeps_raw_vectors) put_rows(*state.active, before);
    PutNextSequence(state.params.name_id, state.next_sequence(), batch);
  }
}

Status CommitGroup::Commit() {
  ApplyToIndex();
  storage::WriteBatch batch = std::move(manifest_changes_);
  FillBatch(&batch);
  RETURN_IF_ERROR(context_.store->Commit(std::move(batch), context_.sync));
  committed_ = true;
  ApplyToRows();
  ApplyToPoints();
  return OkStatus();
}

void CommitGroup::ApplyToIndex() {
  std::vector<payload_index::PayloadChange> changes;
  for (const auto& [id, point] : staged_) {
    if (!point.exists && !point.published_head) continue;
    if (point.exists && point.published_head && !point.payload_changed) continue;
    changes.push_back(
        {point.ordinal, point.exists, point.exists ? std::string_view(point.payload) : std::string_view()});
    changed_.push_back(point.ordinal);
  }
  if (!changes.empty()) index_ = index_->With(changes);
}

void CommitGroup::ApplyToRows() {
  for (const auto& [id, point] : staged_) {
    if (!point.published_head) continue;
    for (const points::VectorHead& old : point.published_head->vectors) {
      const points::VectorHead* now = point.head.Find(old.name_id);
      if (now != nullptr && now->sequence == old.sequence) continue;
      for (auto& [name, state] : *context_.vectors)
        if (state.params.name_id == old.name_id) state.RetireRow(point.ordinal, old, last_number_);
    }
  }
  // Rows of this group that a later operation of the group replaced.
  for (auto& [name, state] : *context_.vectors) {
    for (uint32_t row = rows_before_.at(name); row < state.active->rows(); ++row) {
      const StagedPoint& point = staged_.at(state.active->identity(row).id);
      const points::VectorHead* now = point.exists ? point.head.Find(state.params.name_id) : nullptr;
      if (now == nullptr || now->sequence != state.active->first_sequence() + row)
        state.active->Retire(row, last_number_);
    }
  }
}

void CommitGroup::ApplyToPoints() {
  for (const auto& [id, point] : staged_) {
    if (point.published_head) ++replaced_points_;
    if (point.exists && !point.published_head)
      context_.points->Set(point.ordinal, id, point.head.version);
    else if (point.exists)
      context_.points->SetVersion(point.ordinal, point.head.version);
    else if (point.published_head)
      context_.ordinals->Retire(point.ordinal, last_number_);
  }
}

void CommitGroup::TakeBackRows() {
  for (auto& [name, state] : *context_.vectors) state.active->Truncate(rows_before_.at(name));
  for (const auto& [id, point] : staged_)
    if (point.exists && !point.published_head) context_.ordinals->GiveBack(point.ordinal);
}

}  // namespace sextant::shard
