#include "quantizer/codec.h"

#include <utility>

#include "quantizer/int8_codec.h"
#include "quantizer/packed_codec.h"

namespace sextant::quantizer {

std::unique_ptr<Codec> MakeCodec(CodecParams params) {
  if (params.format == CodeFormat::kInt8) return std::make_unique<Int8Codec>(std::move(params));
  return std::make_unique<PackedCodec>(std::move(params));
}

size_t CodeStride(CodeFormat format, uint32_t dim) {
  return format == CodeFormat::kInt8 ? Int8Codec::CodeStride(dim)
                                     : PackedCodec::CodeStride(static_cast<uint32_t>(format), dim);
}

}  // namespace sextant::quantizer
