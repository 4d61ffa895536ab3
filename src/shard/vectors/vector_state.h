#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "points/point_codec.h"
#include "types/config.h"
#include "vector_index/segment.h"

namespace sextant::shard {

struct SealedEntry {
  uint64_t id = 0;
  std::shared_ptr<vector_index::SealedRows> segment;

  uint64_t live_rows() const { return segment->rows() - segment->liveness().retired_count(); }
  uint64_t live_bytes() const { return segment->value_bytes() / segment->rows() * live_rows(); }
};

// What: the rows of one named vector as the shard's writer knows them.
// Threads: the writer only. Segments inside are shared with views.
struct VectorState {
  VectorParams params;
  HnswConfig hnsw;
  CodeChoice codes;
  std::shared_ptr<vector_index::GrowingRows> active;                // takes new rows
  std::vector<std::shared_ptr<vector_index::GrowingRows>> sealing;  // full, oldest first
  std::vector<SealedEntry> sealed;

  // A name without rows. Its first row gets this sequence number.
  static VectorState Make(const CollectionConfig& config, const VectorParams& params, uint64_t first_sequence);

  uint64_t next_sequence() const { return active->first_sequence() + active->rows(); }
  // Moves the active part to `sealing` and starts a fresh one.
  void Rotate();
  // Marks the row that holds this vector of a point as dead from operation `number` on.
  void RetireRow(Ordinal ordinal, const points::VectorHead& head, OperationNumber number);
};

using VectorStates = std::map<std::string, VectorState, std::less<>>;  // by vector name

// What the rows of this vector are; the graph as `hnsw` says, `build_graph` set.
vector_index::SegmentSpec SpecOf(const VectorParams& params, const HnswConfig& hnsw);

}  // namespace sextant::shard
