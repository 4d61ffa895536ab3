#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "kernels/kernels.h"
#include "quantizer/codec.h"
#include "types/config.h"

namespace sextant::quantizer {

// What: turns f32 vectors into int8 codes on which similarities are integer kernels plus two floats a row.
// A row x is coded as x ≈ center + scale · code with code in [-127, 127]: centering takes out what all rows share, so
// that the 8 bits describe what tells them apart. For Dot and Cosine (a product of normalised vectors) and Euclid the
// scale is the row's own and the integer distance is the product of the codes:
//   q·x      ≈ [q·center] + [center·x'] + s_q · s_x · (c_q·c_x)          x' = the coded x - center
//   -|q-x|²  ≈ [-|q'|²] + [-|x'|²] + 2 · s_q · s_x · (c_q·c_x)           q' likewise
// For Manhattan all share one step and the integer distance is the L1 distance of the codes: -|q-x|₁ ≈ -step · L1.
// Threads: immutable after construction; any thread.
class Int8Codec final : public Codec {
 public:
  using Params = CodecParams;
  // Learns center and step from `count` rows; `row(i)` lends [dim] f32.
  static Params Train(Distance distance, uint32_t dim, size_t count, const std::function<const float*(size_t)>& row);

  explicit Int8Codec(Params params);

  const Params& params() const { return params_; }
  // Bytes from one code to the next: padded with zeros (which no distance sees) so that rows start aligned.
  static size_t CodeStride(uint32_t dim) { return dim > 32 ? (dim + 63) / 64 * 64 : (dim + 15) / 16 * 16; }
  size_t code_stride() const override { return CodeStride(params_.dim); }
  size_t query_stride() const override { return code_stride(); }
  kernels::CodeBatchKernel kernel() const override { return BatchKernel(kernels::Kernels(), params_.distance); }

  RowTerms EncodeRow(const float* row, int8_t* code, float* scratch) const override;
  QueryTerms EncodeQuery(const float* query, int8_t* code, float* scratch) const override;

  // code_dot_batch or code_l1_batch of `kernels`, as the distance asks.
  static kernels::CodeBatchKernel BatchKernel(const kernels::KernelTable& kernels, Distance distance) {
    return distance == Distance::kManhattan ? kernels.code_l1_batch : kernels.code_dot_batch;
  }
  // code_dot_queries or code_l1_queries, likewise.
  using CodeQueriesKernel = void (*)(const int8_t* const*, size_t, const kernels::CodeBatch&, int32_t*);
  static CodeQueriesKernel QueriesKernel(const kernels::KernelTable& kernels, Distance distance) {
    return distance == Distance::kManhattan ? kernels.code_l1_queries : kernels.code_dot_queries;
  }

 private:
  // center + scale · code ≈ values; returns the scale.
  float Encode(const float* values, int8_t* code, float* scratch) const;
  // |scale · code|² and scale · (center · code) of what was coded.
  float CodedNormSquared(const int8_t* code, float scale) const;
  float CodedCenterProduct(const int8_t* code, float scale) const;

  Params params_;
};

}  // namespace sextant::quantizer
