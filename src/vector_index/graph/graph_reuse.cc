#include "vector_index/graph/graph_reuse.h"

#include <algorithm>
#include <utility>

namespace sextant::vector_index {

GraphReuse::GraphReuse(const std::vector<OldGraph>& graphs, std::vector<Place> places) : places_(std::move(places)) {
  for (const OldGraph& graph : graphs) graphs_.push_back({graph.links, std::vector<uint32_t>(graph.rows, kNoRow)});
  std::vector<uint32_t> counts(graphs.size());
  for (uint32_t row = 0; row < places_.size(); ++row) {
    const Place place = places_[row];
    if (place.graph == kNoGraph) continue;
    graphs_[place.graph].new_rows[place.row] = row;
    ++counts[place.graph];
  }
  if (!counts.empty()) base_ = static_cast<uint32_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
}

uint32_t GraphReuse::AppendLinks(uint32_t row, std::vector<uint32_t>* links) const {
  const Place place = places_[row];
  if (place.graph == kNoGraph) return 0;
  const Graph& graph = graphs_[place.graph];
  uint32_t gone = 0;
  graph.links.ForEach(place.row, [&](uint32_t link) {
    const uint32_t new_row = graph.new_rows[link];
    new_row == kNoRow ? void(++gone) : links->push_back(new_row);
  });
  return gone;
}

void GraphReuse::AppendLinksOfGone(uint32_t row, std::vector<uint32_t>* links) const {
  const Place place = places_[row];
  if (place.graph == kNoGraph) return;
  const Graph& graph = graphs_[place.graph];
  graph.links.ForEach(place.row, [&](uint32_t link) {
    if (graph.new_rows[link] != kNoRow) return;
    graph.links.ForEach(link, [&](uint32_t beyond) {
      if (graph.new_rows[beyond] != kNoRow) links->push_back(graph.new_rows[beyond]);
    });
  });
}

}  // namespace sextant::vector_index
