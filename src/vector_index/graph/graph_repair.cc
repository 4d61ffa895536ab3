#include "vector_index/graph/graph_repair.h"

#include <vector>

#include "base/check.h"
#include "vector_index/graph/graph_links.h"

namespace sextant::vector_index {
namespace {

// What: a breadth-first tree over the graph, grown as links are added. A link v → w is part of the tree when
// parent[w] == v; all other links may be replaced without losing a row.
class ReachTree {
 public:
  ReachTree(uint32_t rows, Graph* graph) : rows_(rows), graph_(graph), parent_(rows, kNoRow) {
    for (uint32_t entry : graph->entries) Reach(entry, entry);
    Grow();
  }

  bool reached(uint32_t row) const { return parent_[row] != kNoRow; }

  // Makes `row` reachable.
  void Attach(uint32_t row) {
    if (AttachToLinkOf(row)) return;
    // Rows near in the order are near in space. Some reached row has a replaceable link: a tree over r rows has r - 1
    // links, so its leaves have none.
    for (uint32_t away = 1; away < rows_; ++away) {
      if (away <= row && TryLink(row - away, row)) return;
      if (row + away < rows_ && TryLink(row + away, row)) return;
    }
    SEXTANT_CHECK(false);
  }

 private:
  uint32_t* LinksOf(uint32_t row) { return graph_->links.data() + static_cast<size_t>(row) * graph_->degree; }

  void Reach(uint32_t row, uint32_t from) {
    if (reached(row)) return;
    parent_[row] = from;
    queue_.push_back(row);
  }

  void Grow() {
    for (size_t next = 0; next < queue_.size(); ++next) {
      const uint32_t row = queue_[next];
      for (uint32_t i = 0; i < graph_->degree && LinksOf(row)[i] != kNoRow; ++i) Reach(LinksOf(row)[i], row);
    }
    queue_.clear();
  }

  bool AttachToLinkOf(uint32_t row) {
    for (uint32_t i = 0; i < graph_->degree && LinksOf(row)[i] != kNoRow; ++i)
      if (TryLink(LinksOf(row)[i], row)) return true;
    return false;
  }

  // Links from → row if `from` is reached and has a slot to give.
  bool TryLink(uint32_t from, uint32_t row) {
    if (!reached(from)) return false;
    uint32_t* const links = LinksOf(from);
    for (uint32_t i = graph_->degree; i-- > 0;) {
      const bool free_slot = links[i] == kNoRow && (i == 0 || links[i - 1] != kNoRow);
      if (!free_slot && (links[i] == kNoRow || parent_[links[i]] == from)) continue;
      links[i] = row;
      Reach(row, from);
      Grow();
      return true;
    }
    return false;
  }

  uint32_t rows_;
  Graph* graph_;
  std::vector<uint32_t> parent_;  // entries are their own
  std::vector<uint32_t> queue_;
};

}  // namespace

void ConnectEveryRow(uint32_t rows, Graph* graph) {
  ReachTree tree(rows, graph);
  for (uint32_t row = 0; row < rows; ++row)
    if (!tree.reached(row)) tree.Attach(row);
}

uint32_t CountUnreachable(uint32_t rows, const Graph& graph) {
  Graph copy = graph;
  const ReachTree tree(rows, &copy);
  uint32_t count = 0;
  for (uint32_t row = 0; row < rows; ++row) count += tree.reached(row) ? 0 : 1;
  return count;
}

}  // namespace sextant::vector_index
