#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "quantizer/int8_codec.h"
#include "vector_index/segment.h"

namespace sextant::vector_index {

// What: int8 codes of rows that come one by one, and upper bounds of exact similarities from them.
// A row is x = scale · code + rest. By the inequality of Cauchy and Schwarz the product of two rows is that of their
// codes, give or take |q|·|rest of x| + |rest of q|·|coded x|; so no row whose bound is below a similarity can reach
// it. For Dot, Cosine of normalised rows and Euclid.
//
// Threads: immutable after construction; any thread.
class BoundedCodes {
 public:
  struct Terms {
    float scale = 0;
    float rest = 0;    // |rest|
    float coded = 0;   // |scale · code|
    float length = 0;  // |x|
  };
  struct Query {
    std::vector<int8_t> code;  // [stride()]
    Terms terms;
  };

  static bool Supports(const SegmentSpec& spec);
  // Precondition: Supports(spec).
  explicit BoundedCodes(const SegmentSpec& spec);

  size_t stride() const { return codec_.code_stride(); }
  // Writes stride() codes of `row` [dim].
  Terms Encode(const float* row, int8_t* code) const;
  Query Prepare(const float* query) const;
  // Not below the similarity that RowDistance finds, roundings included; infinite or not a number where floats
  // overflow. `product` is that of the codes.
  float UpperBound(const Query& query, const Terms& row, int32_t product) const {
    const Terms& q = query.terms;
    const float most = q.scale * row.scale * static_cast<float>(product) + q.length * row.rest + q.rest * row.coded;
    const float lengths = q.length + row.length;
    const float slack = slack_ * lengths * lengths;
    return euclid_ ? 2 * most - q.length * q.length - row.length * row.length + slack : most + slack;
  }

 private:
  quantizer::Int8Codec codec_;
  bool euclid_;
  float slack_;  // share of (|q| + |x|)²
};

}  // namespace sextant::vector_index
