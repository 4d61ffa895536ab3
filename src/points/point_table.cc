#include "points/point_table.h"

#include <array>

#include "base/check.h"

namespace sextant::points {

struct PointTable::Chunk {
  // The id's parts and the version are separate relaxed atomics: a reader only asks for ordinals that a view of its
  // own names, whose id was set before that view was published and does not change while the view lives.
  struct Entry {
    std::atomic<uint64_t> high{0}, low{0}, version{0};
    std::atomic<bool> is_uuid{false};
  };
  std::array<Entry, kChunkPoints> entries;
};

struct PointTable::Group {
  std::array<std::atomic<Chunk*>, kGroupChunks> chunks{};
};

namespace {
constexpr uint32_t kGroups = 1024;
}

PointTable::PointTable() : groups_(new std::atomic<Group*>[kGroups]()) {}

PointTable::~PointTable() {
  for (uint32_t g = 0; g < kGroups; ++g) {
    std::unique_ptr<Group> group(groups_[g].load(std::memory_order_relaxed));
    if (!group) continue;
    for (std::atomic<Chunk*>& chunk : group->chunks) std::unique_ptr<Chunk>(chunk.load(std::memory_order_relaxed));
  }
}

PointTable::Chunk* PointTable::ChunkOf(Ordinal ordinal) const {
  const uint32_t chunk = Index(ordinal) / kChunkPoints;
  Group* group = groups_[chunk / kGroupChunks].load(std::memory_order_acquire);
  return group == nullptr ? nullptr : group->chunks[chunk % kGroupChunks].load(std::memory_order_acquire);
}

void PointTable::Set(Ordinal ordinal, const PointId& id, OperationNumber version) {
  const uint32_t chunk_index = Index(ordinal) / kChunkPoints;
  std::atomic<Group*>& group_slot = groups_[chunk_index / kGroupChunks];
  if (group_slot.load(std::memory_order_relaxed) == nullptr)
    group_slot.store(std::make_unique<Group>().release(), std::memory_order_release);
  std::atomic<Chunk*>& chunk_slot = group_slot.load(std::memory_order_relaxed)->chunks[chunk_index % kGroupChunks];
  if (chunk_slot.load(std::memory_order_relaxed) == nullptr) {
    chunk_slot.store(std::make_unique<Chunk>().release(), std::memory_order_release);
    chunks_.fetch_add(1, std::memory_order_relaxed);
  }
  Chunk::Entry& entry = chunk_slot.load(std::memory_order_relaxed)->entries[Index(ordinal) % kChunkPoints];
  entry.high.store(id.high(), std::memory_order_relaxed);
  entry.low.store(id.low(), std::memory_order_relaxed);
  entry.is_uuid.store(id.is_uuid(), std::memory_order_relaxed);
  entry.version.store(version, std::memory_order_relaxed);
}

void PointTable::SetVersion(Ordinal ordinal, OperationNumber version) {
  Chunk* chunk = ChunkOf(ordinal);
  SEXTANT_CHECK(chunk != nullptr);
  chunk->entries[Index(ordinal) % kChunkPoints].version.store(version, std::memory_order_relaxed);
}

PointId PointTable::id(Ordinal ordinal) const {
  const Chunk* chunk = ChunkOf(ordinal);
  SEXTANT_CHECK(chunk != nullptr);
  const Chunk::Entry& entry = chunk->entries[Index(ordinal) % kChunkPoints];
  const uint64_t low = entry.low.load(std::memory_order_relaxed);
  if (!entry.is_uuid.load(std::memory_order_relaxed)) return PointId::Number(low);
  return PointId::Uuid(entry.high.load(std::memory_order_relaxed), low);
}

OperationNumber PointTable::newest_version(Ordinal ordinal) const {
  const Chunk* chunk = ChunkOf(ordinal);
  SEXTANT_CHECK(chunk != nullptr);
  return chunk->entries[Index(ordinal) % kChunkPoints].version.load(std::memory_order_relaxed);
}

uint64_t PointTable::memory_bytes() const {
  return chunks_.load(std::memory_order_relaxed) * sizeof(Chunk);
}

}  // namespace sextant::points
