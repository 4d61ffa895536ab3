#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "quantizer/int8_codec.h"
#include "storage/anonymous_memory.h"
#include "vector_index/graph/graph_builder.h"
#include "vector_index/segment.h"

namespace sextant::vector_index {

// What: the codes of all tokens of a new segment, and the graph over them.
struct TokenGraph {
  std::unique_ptr<const quantizer::Int8Codec> codec;
  storage::AnonymousMemory codes;  // i8 [tokens, codec->code_stride()], in graph order
  std::vector<quantizer::RowTerms> terms;
  std::vector<uint32_t> order;  // the token at each place of the graph; tokens are numbered row by row
  Graph graph;
};

// `offsets` [rows + 1]: tokens before each row. Memory: the result and what BuildGraph takes; rows are read one by one.
// kUnavailable when cancelled. Precondition: fewer than 2^31 tokens.
Result<TokenGraph> BuildTokenGraph(const SegmentSpec& spec, const RowSource& rows, std::span<const uint64_t> offsets,
                                   const BuildOptions& options);

}  // namespace sextant::vector_index
