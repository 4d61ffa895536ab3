#pragma once

#include <cstdint>
#include <vector>

#include "vector_index/graph/graph_links.h"

namespace sextant::vector_index {

// What: the links that the rows of a new graph had in older graphs, as rows of the new one. A row that an old graph has
// and the new one has not is gone.
// Threads: immutable after construction; any thread.
// Ownership: owns its tables (8 bytes a new row, 4 an old one); borrows the links of the old graphs.
class GraphReuse {
 public:
  struct OldGraph {
    GraphLinks links;
    uint32_t rows = 0;
  };
  // Where a row of the new graph was before.
  struct Place {
    uint32_t graph = kNoGraph;
    uint32_t row = 0;
  };
  static constexpr uint32_t kNoGraph = UINT32_MAX;

  // `places` [rows of the new graph], distinct but for those in no graph.
  GraphReuse(const std::vector<OldGraph>& graphs, std::vector<Place> places);

  // Whether the row was in the old graph of which most rows are still there.
  bool IsInBase(uint32_t row) const { return base_ != kNoGraph && places_[row].graph == base_; }
  // Appends the rows that `row` was linked to; returns how many others are gone.
  uint32_t AppendLinks(uint32_t row, std::vector<uint32_t>* links) const;
  // Appends what the gone ones were linked to, some rows perhaps twice or in `links` already, `row` among them.
  void AppendLinksOfGone(uint32_t row, std::vector<uint32_t>* links) const;

 private:
  struct Graph {
    GraphLinks links;
    std::vector<uint32_t> new_rows;  // of each of its rows; kNoRow: gone
  };

  std::vector<Graph> graphs_;
  std::vector<Place> places_;
  uint32_t base_ = kNoGraph;
};

}  // namespace sextant::vector_index
