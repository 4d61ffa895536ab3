#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "quantizer/codec.h"
#include "quantizer/rotation.h"

namespace sextant::quantizer {

// What: codes of 1, 2 or 4 bits a dimension (Gao et al., "Practical and Asymptotically Optimal Quantization of
// High-Dimensional Vectors in Euclidean Space for Approximate Nearest Neighbor Search", SIGMOD 2025: RaBitQ).
// A row x, centred and rotated, is x' = R(x - center). Its code picks the levels u with u_d in {-h, -h + 1, …, h},
// h = (2^bits - 1) / 2, that point in nearly its direction; the product with a query is then estimated as
//   q'·x' ≈ (q'·u) · |x'|² / (u·x')
// without bias, because the error of u is at right angles with x' and, after a random rotation, with no preference
// for q'. Where the paper searches all scales for the best u, a few near the optimum for normal components are tried.
//   Dot, Cosine: q·x = q·center + center·(x - center) + q'·x'      q' = R(q - center), in int8
//   Euclid: -|q - x|² = -|q'|² - |x'|² + 2 · q'·x'
// Not for Manhattan, which rotations do not keep.
// Threads: immutable after construction; any thread.
class PackedCodec final : public Codec {
 public:
  // Precondition: a packed format, not Manhattan.
  explicit PackedCodec(CodecParams params);

  // Padded with zeros of the query, so that kernels run over whole words.
  static size_t CodeStride(uint32_t bits, uint32_t dim) {
    const size_t bytes = (size_t{dim} * bits + 7) / 8;
    return (bytes + 15) / 16 * 16;
  }
  size_t code_stride() const override { return CodeStride(bits_, params_.dim); }
  size_t query_stride() const override { return code_stride() * (8 / bits_); }
  kernels::CodeBatchKernel kernel() const override;

  RowTerms EncodeRow(const float* row, int8_t* code, float* scratch) const override;
  QueryTerms EncodeQuery(const float* query, int8_t* code, float* scratch) const override;

 private:
  // The product of values and their levels at this step, over the length of the levels: how well they point.
  struct Fit {
    float product = 0;  // values · levels
    float squared = 0;  // |levels|²
  };
  Fit FitOf(const float* values, float step) const;
  void Pack(const float* values, float step, int8_t* code) const;
  // R(values - center).
  void Transform(const float* values, float* transformed) const;

  CodecParams params_;
  uint32_t bits_;
  Rotation rotation_;
  float most_;            // the largest level as a code
  float center_squared_;  // |center|²
};

}  // namespace sextant::quantizer
