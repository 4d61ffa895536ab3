#include "shard/recovery.h"

#include <algorithm>
#include <cstring>
#include <future>
#include <unordered_set>
#include <utility>

#include "points/point_codec.h"

namespace sextant::shard {
namespace {

using storage::Family;

class Recovery {
 public:
  Recovery(const ShardEnvironment& environment, const std::string& directory, const CollectionConfig& config)
      : environment_(environment), directory_(directory), config_(config) {}

  Result<WriterState> Run(bool create) {
    const std::string segments = SegmentsDirectory(directory_);
    if (create) RETURN_IF_ERROR(environment_.files->CreateDirs(segments));
    ASSIGN_OR_RETURN(std::unique_ptr<storage::Store> store,
                     storage::Store::Open(environment_.stores, StoreDirectory(directory_), create));
    state_.store = std::move(store);
    state_.keeps_raw_vectors = !environment_.stores->in_memory();
    state_.points = std::make_shared<points::PointTable>();
    ASSIGN_OR_RETURN(manifest_, ReadManifest(*state_.store));
    state_.last_operation = manifest_.last_operation;
    state_.intent = manifest_.intent;
    MakeVectorStates();
    RETURN_IF_ERROR(OpenSegmentsAndReadPoints());
    RetireDeadSealedRows();
    RETURN_IF_ERROR(LoadGrowingRows());
    RETURN_IF_ERROR(CheckEveryVectorWasFound());
    RETURN_IF_ERROR(ForgetDroppedVectors());
    RETURN_IF_ERROR(RemoveStraySegments());
    return std::move(state_);
  }

 private:
  void MakeVectorStates() {
    for (const auto& [name, params] : config_.vectors) {
      const auto next = manifest_.next_sequence.find(params.name_id);
      const uint64_t first = next == manifest_.next_sequence.end() ? 0 : next->second;
      by_name_id_[params.name_id] =
          &state_.vectors.insert_or_assign(name, VectorState::Make(config_, params, first)).first->second;
    }
  }

  // Files are read and verified while the store is walked.
  Status OpenSegmentsAndReadPoints() {
    RETURN_IF_ERROR(DeclareFields());
    if (manifest_.segments.empty()) return ReadPoints();
    std::future<Status> opened = std::async(std::launch::async, [this] { return OpenSegments(); });
    Status read = ReadPoints();
    RETURN_IF_ERROR(opened.get());
    return read;
  }

  Status OpenSegments() {
    for (const SegmentRecord& record : manifest_.segments) {
      state_.next_segment_id = std::max(state_.next_segment_id, record.id + 1);
      const auto owner = by_name_id_.find(record.name_id);
      if (owner == by_name_id_.end()) continue;  // of a vector name that was dropped
      VectorState& state = *owner->second;
      const std::string directory = SegmentDirectory(directory_, record.id);
      vector_index::SegmentPlacement placement = PlacementFor(state, config_.optimizers, record.value_bytes);
      placement.rows_verified_at_open = environment_.rows_verified_at_open;
      ASSIGN_OR_RETURN(auto segment,
                       vector_index::OpenSegment(environment_.files, directory, state.params.kind, placement));
      if (segment->rows() != record.rows || segment->spec().dim != state.params.size ||
          segment->spec().datatype != state.params.effective_datatype())
        return Corruption(directory + ": the segment does not fit the manifest");
      state.sealed.push_back({record.id, std::move(segment)});
    }
    return OkStatus();
  }

  // Walks heads and payloads side by side: fills the point table and, per named vector, the operation number that each
  // ordinal's living row must have, and feeds the payload index in batches. Payloads may be larger than all else, so
  // that they are read only where a field is indexed.
  Status ReadPoints() {
    auto heads = state_.store->Walk(Family::kPoints);
    const auto payloads = manifest_.fields.empty() ? nullptr : state_.store->Walk(Family::kPayloads);
    if (payloads != nullptr) payloads->SeekToFirst();
    std::vector<std::pair<Ordinal, std::string>> batch;
    for (heads->SeekToFirst(); heads->Valid(); heads->Next()) {
      ASSIGN_OR_RETURN(const Ordinal ordinal, points::DecodeOrdinalKey(heads->key()));
      ASSIGN_OR_RETURN(const points::PointHead head, points::DecodeHead(heads->value()));
      AddPoint(ordinal, head);
      batch.emplace_back();
      batch.back().first = ordinal;
      if (payloads != nullptr && payloads->Valid() && payloads->key() == heads->key()) {
        batch.back().second = payloads->value();
        payloads->Next();
      }
      if (batch.size() == kIndexBatch) FeedIndex(&batch);
    }
    FeedIndex(&batch);
    RETURN_IF_ERROR(heads->status());
    if (payloads != nullptr) {
      RETURN_IF_ERROR(payloads->status());
      if (payloads->Valid()) return Corruption("the store holds a payload without a point");
    }
    state_.ordinals = std::make_unique<OrdinalPool>(next_ordinal_, free_);
    return OkStatus();
  }

  void AddPoint(Ordinal ordinal, const points::PointHead& head) {
    while (next_ordinal_ < Index(ordinal)) free_.push_back(Ordinal{next_ordinal_++});
    next_ordinal_ = Index(ordinal) + 1;
    state_.points->Set(ordinal, head.id, head.version);
    for (const points::VectorHead& vector : head.vectors) {
      auto& versions = living_[vector.name_id];
      versions.resize(next_ordinal_, 0);
      versions[Index(ordinal)] = vector.version;
    }
  }

  // True once for the row that a living point's head names; the entry is struck off so that it is found only once.
  bool TakeLiving(uint32_t name_id, Ordinal ordinal, OperationNumber version) {
    auto& versions = living_[name_id];
    if (Index(ordinal) >= versions.size() || version == 0 || versions[Index(ordinal)] != version) return false;
    versions[Index(ordinal)] = 0;
    return true;
  }

  void RetireDeadSealedRows() {
    for (auto& [name_id, state] : by_name_id_)
      for (const SealedEntry& entry : state->sealed)
        for (uint32_t row = 0; row < entry.segment->rows(); ++row) {
          const vector_index::RowIdentity identity = entry.segment->identity(row);
          if (!TakeLiving(name_id, identity.ordinal, identity.version)) entry.segment->Retire(row, 0);
        }
  }

  Status LoadGrowingRows() {
    std::unordered_set<uint32_t> started;
    auto cursor = state_.store->Walk(Family::kVectors);
    for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
      ASSIGN_OR_RETURN(const points::VectorRow row, points::DecodeVectorRow(cursor->key(), cursor->value()));
      const auto owner = by_name_id_.find(row.name_id);
      if (owner == by_name_id_.end()) continue;
      VectorState& state = *owner->second;
      if (started.insert(row.name_id).second) StartAt(&state, row.sequence);
      if (state.active->full()) state.Rotate();
      if (state.next_sequence() != row.sequence) return Corruption("the store lacks rows of unsealed vectors");
      RETURN_IF_ERROR(AppendRow(row, &state));
    }
    RETURN_IF_ERROR(cursor->status());
    for (const auto& [name_id, next] : manifest_.next_sequence) {
      const auto owner = by_name_id_.find(name_id);
      if (owner != by_name_id_.end() && owner->second->next_sequence() != next)
        return Corruption("the store lacks the newest rows of unsealed vectors");
    }
    return OkStatus();
  }

  void StartAt(VectorState* state, uint64_t sequence) {
    state->active = vector_index::MakeGrowingRows(SpecOf(state->params, state->hnsw), sequence);
  }

  Status AppendRow(const points::VectorRow& row, VectorState* state) {
    ASSIGN_OR_RETURN(const VectorRef values,
                     points::ReadVectorRow(row, state->params.kind, state->params.size, &buffer_));
    const bool alive = TakeLiving(row.name_id, row.ordinal, row.version);
    const PointId id = alive ? state_.points->id(row.ordinal) : PointId();
    const uint32_t at = state->active->Append(values, {row.ordinal, row.version, id});
    if (!alive) state->active->Retire(at, 0);
    return OkStatus();
  }

  Status CheckEveryVectorWasFound() const {
    for (const auto& [name_id, versions] : living_) {
      if (!by_name_id_.contains(name_id)) continue;
      const auto missing = std::find_if(versions.begin(), versions.end(), [](OperationNumber v) { return v != 0; });
      if (missing != versions.end())
        return Corruption("no segment holds the vector of point " +
                          state_.points->id(Ordinal{static_cast<uint32_t>(missing - versions.begin())}).ToString());
    }
    return OkStatus();
  }

  void FeedIndex(std::vector<std::pair<Ordinal, std::string>>* batch) {
    std::vector<payload_index::PayloadChange> changes;
    changes.reserve(batch->size());
    for (const auto& [ordinal, text] : *batch) changes.push_back({ordinal, true, text});
    if (!changes.empty()) state_.index = state_.index->With(changes);
    batch->clear();
  }

  // The fields exist before the first point, so that every batch is indexed once.
  Status DeclareFields() {
    state_.index = payload_index::IndexSnapshot::Empty();
    class NoPoints final : public payload_index::PointSource {
      Result<std::string> Payload(Ordinal) const override { return std::string(); }
      Status ForEachPayload(payload_index::OrdinalRange,
                            const std::function<Status(Ordinal, std::string_view)>&) const override {
        return OkStatus();
      }
      Result<std::optional<Ordinal>> Find(const PointId&) const override { return std::optional<Ordinal>(); }
      Result<bool> HasVector(Ordinal, std::string_view) const override { return false; }
      PointId Id(Ordinal) const override { return {}; }
    };
    for (const IndexedField& field : manifest_.fields) {
      ASSIGN_OR_RETURN(state_.index, state_.index->WithField(field.path, field.schema, NoPoints()));
    }
    return OkStatus();
  }

  // What the end of a vector name left behind when it was interrupted.
  Status ForgetDroppedVectors() {
    std::erase_if(manifest_.segments, [&](const SegmentRecord& record) {
      if (by_name_id_.contains(record.name_id)) return false;
      dropped_[record.name_id].push_back(record.id);
      return true;
    });
    for (const auto& [name_id, next] : manifest_.next_sequence)
      if (!by_name_id_.contains(name_id)) dropped_[name_id];
    for (const auto& [name_id, segments] : dropped_)
      RETURN_IF_ERROR(ForgetVector(name_id, segments, state_.store.get()));
    return OkStatus();
  }

  // What an interrupted seal, merge or end of a vector name left behind.
  Status RemoveStraySegments() {
    std::unordered_set<std::string> known;
    for (const SegmentRecord& record : manifest_.segments) known.insert(std::to_string(record.id));
    const std::string segments = SegmentsDirectory(directory_);
    if (!environment_.files->Exists(segments)) return environment_.files->CreateDirs(segments);
    ASSIGN_OR_RETURN(const std::vector<std::string> names, environment_.files->List(segments));
    for (const std::string& name : names)
      if (!known.contains(name)) RETURN_IF_ERROR(environment_.files->RemoveTree(segments + "/" + name));
    return OkStatus();
  }

  static constexpr size_t kIndexBatch = 8192;

  const ShardEnvironment& environment_;
  const std::string& directory_;
  const CollectionConfig& config_;
  Manifest manifest_;
  WriterState state_;
  std::map<uint32_t, VectorState*> by_name_id_;
  std::map<uint32_t, std::vector<OperationNumber>> living_;  // by name id, by ordinal; 0: none or found
  std::map<uint32_t, std::vector<uint64_t>> dropped_;        // by name id: segments
  uint32_t next_ordinal_ = 0;
  std::vector<Ordinal> free_;
  points::RowBuffer buffer_;
};

// Unless the client says otherwise, codes lie where the rows do if they are what it asked for; the engine's own stay in
// memory.
storage::Placement CodePlacement(const CodeChoice& codes, bool rows_are_cold) {
  switch (codes.memory) {
    case CodeChoice::Memory::kCold: return storage::Placement::kMapped;
    case CodeChoice::Memory::kCached: return storage::Placement::kCached;
    case CodeChoice::Memory::kPinned: return storage::Placement::kPinned;
    case CodeChoice::Memory::kDefault: break;
  }
  return codes.format && rows_are_cold ? storage::Placement::kMapped : storage::Placement::kPinned;
}

}  // namespace

vector_index::SegmentPlacement PlacementFor(const VectorState& state, const OptimizersConfig& optimizers,
                                            uint64_t bytes) {
  vector_index::SegmentPlacement placement;
  const bool cold = state.params.memory ? *state.params.memory == "cold" : state.params.on_disk.value_or(false);
  if (state.params.kind == VectorKind::kSparse) {
    // The settings are those of the index; rows are read for filters that match few points, and for answers.
    placement.rows = cold ? storage::Placement::kMapped : storage::Placement::kCached;
    placement.codes = cold                              ? storage::Placement::kMapped
                      : state.params.memory == "cached" ? storage::Placement::kCached
                                                        : storage::Placement::kPinned;
    return placement;
  }
  const bool above_threshold = optimizers.memmap_threshold_kb && *optimizers.memmap_threshold_kb > 0 &&
                               bytes > *optimizers.memmap_threshold_kb * 1024;
  placement.rows = cold || above_threshold ? storage::Placement::kMapped : storage::Placement::kCached;
  placement.graph = state.hnsw.on_disk ? storage::Placement::kMapped : storage::Placement::kPinned;
  placement.codes = CodePlacement(state.codes, cold);
  return placement;
}

Status ForgetVector(uint32_t name_id, const std::vector<uint64_t>& segments, storage::Store* store) {
  constexpr size_t kBatchRows = 4096;
  storage::WriteBatch batch;
  size_t rows = 0;
  auto cursor = store->Iterate(Family::kVectors);
  const std::string end = points::VectorKey(name_id, UINT64_MAX);
  for (cursor->Seek(points::VectorKey(name_id, 0)); cursor->Valid() && cursor->key() < end; cursor->Next()) {
    batch.Delete(Family::kVectors, cursor->key());
    if (++rows % kBatchRows != 0) continue;
    RETURN_IF_ERROR(store->Commit(std::exchange(batch, {}), /*sync=*/false));
  }
  RETURN_IF_ERROR(cursor->status());
  for (const uint64_t id : segments) DeleteSegment(id, &batch);
  DeleteNextSequence(name_id, &batch);
  return store->Commit(std::move(batch), /*sync=*/true);
}

Result<WriterState> Recover(const ShardEnvironment& environment, const std::string& directory,
                            const CollectionConfig& config, bool create) {
  return Recovery(environment, directory, config).Run(create);
}

}  // namespace sextant::shard
