#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/kernels.h"
#include "quantizer/code_terms.h"
#include "types/config.h"

namespace sextant::quantizer {

// What: turns f32 vectors into codes on which similarities are integer kernels plus two floats a row. See Int8Codec and
// PackedCodec.
// Threads: immutable after construction; any thread.
class Codec {
 public:
  virtual ~Codec() = default;

  // Bytes from one code to the next.
  virtual size_t code_stride() const = 0;
  // Bytes of a query's code.
  virtual size_t query_stride() const = 0;
  // The integer distance of a query's code and rows' codes, whose batches have code_stride() bytes.
  virtual kernels::CodeBatchKernel kernel() const = 0;

  // Writes code_stride() bytes. `scratch` is [dim] f32.
  virtual RowTerms EncodeRow(const float* row, int8_t* code, float* scratch) const = 0;
  // Writes query_stride() bytes. `scratch` is [dim] f32.
  virtual QueryTerms EncodeQuery(const float* query, int8_t* code, float* scratch) const = 0;
};

// All that a codec knows, as it is kept with the codes.
struct CodecParams {
  CodeFormat format = CodeFormat::kInt8;
  Distance distance = Distance::kCosine;
  uint32_t dim = 0;
  float step = 0;             // of Int8Codec, Manhattan only
  std::vector<float> center;  // [dim]
};
// Precondition: packed formats are not for Manhattan.
std::unique_ptr<Codec> MakeCodec(CodecParams params);

// Bytes from one code to the next.
size_t CodeStride(CodeFormat format, uint32_t dim);

}  // namespace sextant::quantizer
