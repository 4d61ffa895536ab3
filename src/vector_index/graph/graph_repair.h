#pragma once

#include <cstdint>

#include "vector_index/graph/graph_builder.h"

namespace sextant::vector_index {

// Makes every row reachable from graph->entries, changing as few links as possible: each unreachable row becomes a
// link of a reachable row near it, in a free slot or in place of a link that no shortest path needs.
// Precondition: degree >= 1 and, for `rows` > 1, at least one entry.
void ConnectEveryRow(uint32_t rows, Graph* graph);

// How many rows cannot be reached from the entries.
uint32_t CountUnreachable(uint32_t rows, const Graph& graph);

}  // namespace sextant::vector_index
