#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "vector_index/graph/graph_reuse.h"
#include "vector_index/segment.h"

namespace sextant::vector_index {

// The graphs of the sealed segments that rows come from, for a new segment of `spec` whose row r is row order[r] of
// `rows`. Those of segments of another distance, shape or `m`, made with less effort, or of which more than a
// third of the rows are gone, are left out; none if nothing is left. Borrows the segments.
std::optional<GraphReuse> ReusedGraphs(const SegmentSpec& spec, const RowSource& rows, std::span<const uint32_t> order);

}  // namespace sextant::vector_index
