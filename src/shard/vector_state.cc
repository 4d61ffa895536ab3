#include "shard/vector_state.h"

namespace sextant::shard {

void VectorState::Rotate() {
  const uint64_t next = next_sequence();
  sealing.push_back(active);
  active = std::make_shared<vector_index::GrowingSegment>(params.size, params.distance, next);
}

void VectorState::RetireRow(Ordinal ordinal, const points::VectorHead& head, OperationNumber number) {
  const auto retire_in = [&](vector_index::GrowingSegment& growing) {
    if (head.sequence < growing.first_sequence() || head.sequence - growing.first_sequence() >= growing.rows())
      return false;
    growing.Retire(static_cast<uint32_t>(head.sequence - growing.first_sequence()), number);
    return true;
  };
  if (retire_in(*active)) return;
  for (const auto& growing : sealing)
    if (retire_in(*growing)) return;
  for (const SealedEntry& entry : sealed) {
    const auto row = entry.segment->RowOf(ordinal);
    if (row && entry.segment->identity(*row).version == head.version) {
      entry.segment->liveness().Retire(*row, number);
      return;
    }
  }
}

}  // namespace sextant::shard
