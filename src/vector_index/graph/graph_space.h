#pragma once

#include <cstdint>
#include <vector>

#include "types/config.h"
#include "vector_index/graph/code_rows.h"

namespace sextant::vector_index {

// What: the geometry in which a graph is built over coded rows: similarity = −(distance of two rows), where the
// distance obeys what pruning relies on (a row is nearest to itself, near rows have the same neighbours).
//   Euclid: squared distance. Manhattan: distance.
//   Dot and Cosine: the product alone is no distance. Every row x gets one more coordinate, its lift
//   sqrt(max|x|² − |x|²), which puts all rows on one sphere; queries have lift 0, so the nearest row by distance is
//   the one with the largest product (Bachrach et al., "Speeding Up the Xbox Recommender System", RecSys 2014). For
//   normalised rows the lifts vanish; only zero vectors have one.
// Threads: immutable after construction.
// Ownership: owns its terms; borrows the codes.
class GraphSpace {
 public:
  // `codes` carries the search terms of `codec`'s rows.
  GraphSpace(const CodeRows& codes, const quantizer::Int8Codec& codec);

  const CodeRows& rows() const { return rows_; }
  // `row` as the query side.
  CodeQuery QueryOf(uint32_t row) const {
    if (manhattan_) return {rows_.code(row), {.factor = -1, .bias = 0}, 0};
    const quantizer::RowTerms& terms = rows_.terms[row];
    return {rows_.code(row),
            {.factor = 2 * terms.scale, .bias = terms.offset},
            rows_.lifts == nullptr ? 0 : 2 * rows_.lifts[row]};
  }
  // What a distance has to be multiplied by for "alpha times as far".
  float AlphaFactor(float alpha) const { return manhattan_ ? alpha : alpha * alpha; }

 private:
  bool manhattan_;
  CodeRows rows_;
  std::vector<quantizer::RowTerms> terms_;  // offset: −(squared length of the centred row with its lift)
  std::vector<float> lifts_;
};

}  // namespace sextant::vector_index
