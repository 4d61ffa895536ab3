#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "points/point_table.h"
#include "search/view.h"
#include "shard/manifest.h"
#include "shard/ordinal_pool.h"
#include "shard/shard.h"
#include "shard/vectors/vector_state.h"

namespace sextant::shard {

// What a shard's writer works on; rebuilt from the store and the segment files at start.
struct WriterState {
  std::shared_ptr<storage::Store> store;
  bool keeps_raw_vectors = true;  // of unsealed rows, in the store; an ephemeral node has nothing to recover
  std::shared_ptr<points::PointTable> points;
  std::shared_ptr<const payload_index::IndexSnapshot> index;
  VectorStates vectors;
  std::unique_ptr<OrdinalPool> ordinals;
  OperationNumber last_operation = 0;
  uint64_t next_segment_id = 1;
  std::optional<IntentRecord> intent;  // of an operation that was interrupted: some of it is in the state already
};

// The effective placement of a segment of this vector with `bytes` of f32 rows.
vector_index::SegmentPlacement PlacementFor(const VectorState& state, const OptimizersConfig& optimizers,
                                            uint64_t bytes);

// Removes what the store says of a vector name that is gone from the configuration: raw rows and entries of the
// manifest. May be repeated after an error. `segments`: ids of its segments, whose files may go afterwards.
Status ForgetVector(uint32_t name_id, const std::vector<uint64_t>& segments, storage::Store* store);

// Opens (or creates) the shard's store and brings back the last acknowledged state: maps the manifest's segments,
// loads the raw vectors of unsealed rows, marks dead rows, fills the point table and the payload indexes, and removes
// segment directories that no manifest names. kCorruption (naming the file where one is known) if anything is missing
// or damaged; then nothing has been deleted.
Result<WriterState> Recover(const ShardEnvironment& environment, const std::string& directory,
                            const CollectionConfig& config, bool create);

}  // namespace sextant::shard
