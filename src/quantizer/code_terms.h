#pragma once

#include <cstdint>

namespace sextant::quantizer {

// What a row's code cannot say by itself; see the codecs.
struct RowTerms {
  float scale = 0;
  float offset = 0;
};

// The same for the query side of one search.
struct QueryTerms {
  float factor = 0;
  float bias = 0;
  float shift = 0;  // of integer distances
};

// similarity ≈ bias + offset + factor · scale · (integer distance of the codes - shift); larger is nearer.
inline float Similarity(const QueryTerms& query, const RowTerms& row, int32_t code_distance) {
  return query.bias + row.offset + query.factor * row.scale * (static_cast<float>(code_distance) - query.shift);
}

}  // namespace sextant::quantizer
