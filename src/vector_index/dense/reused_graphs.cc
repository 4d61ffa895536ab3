#include "vector_index/dense/reused_graphs.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "vector_index/dense/dense_sealed_segment.h"

namespace sextant::vector_index {
namespace {

// A graph that lost more of its rows costs nearly as much to repair as to build, and keeps less of its recall.
constexpr double kLeastLiving = 2.0 / 3;

bool CanReuseGraph(const SegmentSpec& spec, const SealedRows& segment) {
  const SegmentSpec& old = segment.spec();
  return segment.has_graph() && old.kind == spec.kind && old.datatype == spec.datatype && old.dim == spec.dim &&
         old.distance == spec.distance && old.m == spec.m && old.ef_construct >= spec.ef_construct;
}

}  // namespace

std::optional<GraphReuse> ReusedGraphs(const SegmentSpec& spec, const RowSource& rows,
                                       std::span<const uint32_t> order) {
  std::vector<const SealedRows*> segments;  // few: the inputs of one merge
  std::vector<uint32_t> living;
  std::vector<GraphReuse::Place> places(order.size());
  for (uint32_t row = 0; row < order.size(); ++row) {
    const SealedPlace from = rows.sealed_place(order[row]);
    if (from.segment == nullptr || !CanReuseGraph(spec, *from.segment)) continue;
    const auto at = static_cast<uint32_t>(std::find(segments.begin(), segments.end(), from.segment) - segments.begin());
    if (at == segments.size()) {
      segments.push_back(from.segment);
      living.push_back(0);
    }
    places[row] = {.graph = at, .row = from.row};
    ++living[at];
  }
  const auto is_left_out = [&](uint32_t graph) { return living[graph] < kLeastLiving * segments[graph]->rows(); };
  for (GraphReuse::Place& place : places)
    if (place.graph != GraphReuse::kNoGraph && is_left_out(place.graph)) place = {};
  std::vector<GraphReuse::OldGraph> graphs;
  bool any = false;
  for (uint32_t i = 0; i < segments.size(); ++i) {
    // Sealed rows of dense vectors are of this class; see OpenSegment.
    graphs.push_back({static_cast<const DenseSealedSegment*>(segments[i])->links(), segments[i]->rows()});
    any = any || !is_left_out(i);
  }
  if (!any) return std::nullopt;
  return std::optional<GraphReuse>(std::in_place, graphs, std::move(places));
}

}  // namespace sextant::vector_index
