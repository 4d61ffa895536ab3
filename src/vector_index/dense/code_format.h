#pragma once

#include "quantizer/codec.h"
#include "vector_index/segment.h"

namespace sextant::vector_index {

// The format of the codes that a segment of these rows is searched by: what the spec asks for where the distance allows
// it; or else the fewest bits of 2 (in many dimensions), 4 and 8 that are measured to find the nearest rows of a sample
// of them. `params` are those of the trained byte codes.
CodeFormat ChooseCodeFormat(const SegmentSpec& spec, const RowSource& rows, const quantizer::CodecParams& params);

}  // namespace sextant::vector_index
