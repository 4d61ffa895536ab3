#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "types/ordinal.h"
#include "types/point_id.h"

namespace sextant::points {

// What: ordinal → external id and newest operation number of a point, in memory, so that hits get their ids without
// reading the store. 32 bytes a point, in chunks that never move.
// Threads: Set and SetVersion by the shard's writer; reads by any thread for ordinals that a published view names.
class PointTable {
 public:
  PointTable();
  ~PointTable();

  void Set(Ordinal ordinal, const PointId& id, OperationNumber version);
  void SetVersion(Ordinal ordinal, OperationNumber version);

  PointId id(Ordinal ordinal) const;
  // The newest number, which may be later than the reader's view: then the store's snapshot has the right one.
  OperationNumber newest_version(Ordinal ordinal) const;

  uint64_t memory_bytes() const;

 private:
  static constexpr uint32_t kChunkPoints = 4096;
  static constexpr uint32_t kGroupChunks = 1024;
  struct Chunk;
  struct Group;

  Chunk* ChunkOf(Ordinal ordinal) const;

  // Two levels (1,024 groups of 1,024 chunks of 4,096 points) cover all u32 ordinals. Pointers are stored with release
  // before the first view names an ordinal below them; readers load with acquire.
  std::unique_ptr<std::atomic<Group*>[]> groups_;
  std::atomic<uint64_t> chunks_{0};
};

}  // namespace sextant::points
