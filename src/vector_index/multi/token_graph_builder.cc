#include "vector_index/multi/token_graph_builder.h"

#include <algorithm>

#include "kernels/kernels.h"
#include "vector_index/dense/row_values.h"
#include "vector_index/graph/graph_space.h"
#include "vector_index/graph/locality_order.h"
#include "vector_index/graph/parallel_rows.h"
#include "vector_index/multi/max_sim.h"
#include "vector_index/segment_build.h"

namespace sextant::vector_index {
namespace {

using quantizer::Int8Codec;

constexpr size_t kEncodeChunk = 256;  // tokens, about

// What: lends the tokens of one row after the other, normalised where that is how they compare.
// Threads: one. Ownership: borrows spec and rows.
class TokenReader {
 public:
  TokenReader(const SegmentSpec& spec, const RowSource& rows) : spec_(spec), rows_(rows) {}

  // [tokens, dim]; lent until the next call.
  const float* Read(size_t row) {
    const VectorRef values = rows_.row(static_cast<uint32_t>(row), &scratch_);
    if (!IsKeptUnnormalized(spec_)) return values.values.data();
    normalized_.clear();
    AppendNormalized(values.values, spec_.dim, &normalized_);
    return normalized_.data();
  }

 private:
  const SegmentSpec& spec_;
  const RowSource& rows_;
  RowScratch scratch_;
  std::vector<float> normalized_;
};

// What: builds one TokenGraph. Ownership: borrows all.
class Builder {
 public:
  Builder(const SegmentSpec& spec, const RowSource& rows, std::span<const uint64_t> offsets,
          const BuildOptions& options)
      : spec_(spec), rows_(rows), offsets_(offsets), options_(options) {}

  Result<TokenGraph> Build() {
    built_.codec = std::make_unique<const Int8Codec>(Train());
    RETURN_IF_ERROR(Encode());
    built_.order = LocalityOrder(Codes(), options_.threads, options_.seed, options_.cancel);
    RETURN_IF_ERROR(CheckNotCancelled(options_));
    ReorderCodes(built_.order, built_.codec->code_stride(), reinterpret_cast<int8_t*>(built_.codes.data()),
                 built_.terms);
    ASSIGN_OR_RETURN(built_.graph, BuildGraph(GraphSpace(Codes(), *built_.codec), GraphParamsOf(spec_, options_)));
    return std::move(built_);
  }

 private:
  size_t tokens() const { return offsets_.back(); }

  CodeRows Codes() const {
    return {.codes = reinterpret_cast<const int8_t*>(built_.codes.data()),
            .stride = built_.codec->code_stride(),
            .rows = static_cast<uint32_t>(tokens()),
            .terms = built_.terms.data(),
            .lifts = nullptr,
            .kernel = Int8Codec::BatchKernel(kernels::Kernels(), spec_.distance)};
  }

  Int8Codec::Params Train() const {
    const size_t count = TrainingRows(tokens(), spec_.dim);
    TokenReader reader(spec_, rows_);
    return Int8Codec::Train(spec_.distance, spec_.dim, count, [&](size_t i) {
      const uint64_t token = i * tokens() / count;
      const auto row =
          static_cast<size_t>(std::upper_bound(offsets_.begin(), offsets_.end(), token) - offsets_.begin()) - 1;
      return reader.Read(row) + (token - offsets_[row]) * spec_.dim;
    });
  }

  Status Encode() {
    const Int8Codec& codec = *built_.codec;
    const size_t stride = codec.code_stride();
    RETURN_IF_ERROR(built_.codes.Reserve(stride * tokens()));
    built_.terms.resize(tokens());
    auto* const codes = reinterpret_cast<int8_t*>(built_.codes.data());
    const size_t chunk = std::max<size_t>(1, kEncodeChunk * rows_.size() / tokens());
    ParallelRows(options_.threads, rows_.size(), chunk, options_.cancel, [&](int, size_t begin, size_t end) {
      std::vector<float> centred(spec_.dim);
      TokenReader reader(spec_, rows_);
      for (size_t row = begin; row < end; ++row) {
        const float* values = reader.Read(row);
        for (uint64_t token = offsets_[row]; token < offsets_[row + 1]; ++token, values += spec_.dim)
          built_.terms[token] = codec.EncodeRow(values, codes + token * stride, centred.data());
      }
    });
    return CheckNotCancelled(options_);
  }

  const SegmentSpec& spec_;
  const RowSource& rows_;
  const std::span<const uint64_t> offsets_;
  const BuildOptions& options_;
  TokenGraph built_;
};

}  // namespace

Result<TokenGraph> BuildTokenGraph(const SegmentSpec& spec, const RowSource& rows, std::span<const uint64_t> offsets,
                                   const BuildOptions& options) {
  return Builder(spec, rows, offsets, options).Build();
}

}  // namespace sextant::vector_index
