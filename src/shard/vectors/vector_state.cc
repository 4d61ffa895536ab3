#include "shard/vectors/vector_state.h"

#include <algorithm>

namespace sextant::shard {

VectorState VectorState::Make(const CollectionConfig& config, const VectorParams& params, uint64_t first_sequence) {
  VectorState state;
  state.params = params;
  state.hnsw = EffectiveHnsw(config, params);
  state.codes = EffectiveCodes(config, params);
  state.active = vector_index::MakeGrowingRows(SpecOf(params, state.hnsw), first_sequence);
  return state;
}

void VectorState::Rotate() {
  const uint64_t next = next_sequence();
  sealing.push_back(active);
  active = vector_index::MakeGrowingRows(SpecOf(params, hnsw), next);
}

void VectorState::RetireRow(Ordinal ordinal, const points::VectorHead& head, OperationNumber number) {
  const auto retire_in = [&](vector_index::GrowingRows& growing) {
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
      entry.segment->Retire(*row, number);
      return;
    }
  }
}

vector_index::SegmentSpec SpecOf(const VectorParams& params, const HnswConfig& hnsw) {
  vector_index::SegmentSpec spec;
  spec.kind = params.kind;
  spec.datatype = params.effective_datatype();
  spec.dim = params.size;
  spec.distance = params.distance;
  spec.m = static_cast<uint32_t>(std::clamp<uint64_t>(hnsw.m, 2, 256));
  spec.ef_construct = static_cast<uint32_t>(std::clamp<uint64_t>(hnsw.ef_construct, 4, 10000));
  return spec;
}

}  // namespace sextant::shard
