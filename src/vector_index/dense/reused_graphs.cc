#include "vector_index/dense/reused_graphs.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "vector_index/dense/dense_sealed_segment.h"

namespace sextant::vector_index {
namespace {

bool CanReuseGraph(const SegmentSpec& spec, const SealedRows& segment) {
  const SegmentSpec& old = segment.spec();
  return segment.has_graph() && old.kind == spec.kind && old.datatype == spec.datatype && old.dim == spec.dim &&
         old.distance == spec.distance && old.m == spec.m && old.ef_construct >= spec.ef_construct;
}

}  // namespace

std::optional<GraphReuse> ReusedGraphs(const SegmentSpec& spec, const RowSource& rows,
                                       std::span<const uint32_t> order) {
  std::vector<const SealedRows*> segments;  // few: the inputs of one merge
  std::vector<GraphReuse::OldGraph> graphs;
  std::vector<GraphReuse::Place> places(order.size());
  for (uint32_t row = 0; row < order.size(); ++row) {
    const SealedPlace from = rows.sealed_place(order[row]);
    if (from.segment == nullptr || !CanReuseGraph(spec, *from.segment)) continue;
    const auto known = std::find(segments.begin(), segments.end(), from.segment);
    places[row] = {.graph = static_cast<uint32_t>(known - segments.begin()), .row = from.row};
    if (known != segments.end()) continue;
    segments.push_back(from.segment);
    // Sealed rows of dense vectors are of this class; see OpenSegment.
    graphs.push_back({static_cast<const DenseSealedSegment*>(from.segment)->links(), from.segment->rows()});
  }
  if (graphs.empty()) return std::nullopt;
  return std::optional<GraphReuse>(std::in_place, graphs, std::move(places));
}

}  // namespace sextant::vector_index
