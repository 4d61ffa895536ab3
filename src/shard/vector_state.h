#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "points/point_codec.h"
#include "types/config.h"
#include "vector_index/growing_segment.h"
#include "vector_index/sealed_segment.h"

namespace sextant::shard {

struct SealedEntry {
  uint64_t id = 0;
  std::shared_ptr<vector_index::SealedSegment> segment;
};

// What: the rows of one named vector as the shard's writer knows them.
// Threads: the writer only. Segments inside are shared with views.
struct VectorState {
  VectorParams params;
  HnswConfig hnsw;
  std::shared_ptr<vector_index::GrowingSegment> active;                // takes new rows
  std::vector<std::shared_ptr<vector_index::GrowingSegment>> sealing;  // full, oldest first
  std::vector<SealedEntry> sealed;

  uint64_t next_sequence() const { return active->first_sequence() + active->rows(); }
  uint64_t row_bytes() const { return uint64_t{params.size} * sizeof(float); }

  // Moves the active part to `sealing` and starts a fresh one.
  void Rotate();
  // Marks the row that holds this vector of a point as dead from operation `number` on.
  void RetireRow(Ordinal ordinal, const points::VectorHead& head, OperationNumber number);
};

using VectorStates = std::map<std::string, VectorState, std::less<>>;  // by vector name

}  // namespace sextant::shard
