#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "quantizer/int8_codec.h"
#include "vector_index/graph/graph_builder.h"
#include "vector_index/segment.h"

// What the builds of segments of several kinds share.
namespace sextant::vector_index {

// kUnavailable once the build is cancelled.
Status CheckNotCancelled(const BuildOptions& options);

// How many of `rows` rows a codec learns from.
size_t TrainingRows(size_t rows, uint32_t dim);

// Moves code and terms of row order[i] to i, cycle by cycle, so that codes exist once. `codes` [rows, stride].
void ReorderCodes(std::span<const uint32_t> order, size_t stride, int8_t* codes, std::span<quantizer::RowTerms> terms);

// The graph that a segment of this spec gets.
GraphParams GraphParamsOf(const SegmentSpec& spec, const BuildOptions& options);

}  // namespace sextant::vector_index
