#include <algorithm>
#include <cstring>
#include <vector>

#include "storage/anonymous_memory.h"
#include "vector_index/dense/dense_sealed_segment.h"
#include "vector_index/dense/dense_segment_files.h"
#include "vector_index/dense/row_values.h"
#include "vector_index/graph/graph_space.h"
#include "vector_index/graph/locality_order.h"
#include "vector_index/graph/parallel_rows.h"

namespace sextant::vector_index {
namespace {

constexpr size_t kEncodeChunk = 256;
// The codec learns from about this many numbers, but from at least kFewestTrainingRows rows.
constexpr size_t kTrainingValues = size_t{1} << 23;
constexpr size_t kFewestTrainingRows = 256;

// What: builds one segment in memory.
// Ownership: owns codes and terms; borrows spec, rows and options.
class SegmentBuilder {
 public:
  SegmentBuilder(const SegmentSpec& spec, const RowSource& rows, const BuildOptions& options)
      : spec_(spec),
        source_(rows),
        options_(options),
        codec_(TrainCodec()),
        kernel_(quantizer::Int8Codec::BatchKernel(kernels::Kernels(), spec.distance)) {}

  Status WriteTo(storage::FileSystem* fs, const std::string& directory) {
    RETURN_IF_ERROR(Encode());
    order_ = LocalityOrder(CodeView(), options_.threads, options_.seed, options_.cancel);
    if (IsCancelled()) return Cancelled();
    Reorder();
    Graph graph;
    if (spec_.build_graph) {
      ASSIGN_OR_RETURN(graph, BuildGraphOfCodes());
    }
    const SegmentContent content{.spec = spec_,
                                 .rows = &source_,
                                 .order = order_,
                                 .codec = &codec_,
                                 .codes = CodeView(),
                                 .graph = spec_.build_graph ? &graph : nullptr};
    return WriteSegmentFiles(fs, directory, content);
  }

 private:
  static Status Cancelled() { return Unavailable("the build of a segment was cancelled"); }
  bool IsCancelled() const { return options_.cancel != nullptr && options_.cancel->cancelled(); }

  // Row i of the source, normalised for Cosine. In `scratch` or where it lies.
  const float* ComparableRow(uint32_t i, RowScratch* scratch) const {
    const VectorRef row = source_.row(i, scratch);
    if (!IsKeptUnnormalized(spec_)) return row.values.data();
    RowScratch normalized(row.size());
    kernels::Kernels().normalize(row.values.data(), normalized.data(), row.size());
    scratch->swap(normalized);
    return scratch->data();
  }

  quantizer::Int8Codec TrainCodec() const {
    const size_t rows = source_.size();
    const size_t count = std::min(rows, std::max(kFewestTrainingRows, kTrainingValues / spec_.dim));
    RowScratch scratch;
    return quantizer::Int8Codec(quantizer::Int8Codec::Train(spec_.distance, spec_.dim, count, [&](size_t i) {
      return ComparableRow(static_cast<uint32_t>(i * rows / count), &scratch);
    }));
  }

  CodeRows CodeView() const {
    return {.codes = reinterpret_cast<const int8_t*>(codes_.data()),
            .stride = codec_.code_stride(),
            .rows = source_.size(),
            .terms = terms_.data(),
            .lifts = nullptr,
            .kernel = kernel_};
  }

  Status Encode() {
    const size_t stride = codec_.code_stride();
    RETURN_IF_ERROR(codes_.Reserve(stride * source_.size()));
    terms_.resize(source_.size());
    auto* const codes = reinterpret_cast<int8_t*>(codes_.data());
    const bool done = ParallelRows(
        options_.threads, source_.size(), kEncodeChunk, options_.cancel, [&](int, size_t begin, size_t end) {
          std::vector<float> centred(spec_.dim);
          RowScratch scratch;
          for (size_t i = begin; i < end; ++i)
            terms_[i] =
                codec_.EncodeRow(ComparableRow(static_cast<uint32_t>(i), &scratch), codes + i * stride, centred.data());
        });
    return done ? OkStatus() : Cancelled();
  }

  // Moves code and terms of row order_[i] to i, cycle by cycle, so that codes exist once.
  void Reorder() {
    const size_t stride = codec_.code_stride();
    auto* const codes = reinterpret_cast<int8_t*>(codes_.data());
    std::vector<int8_t> held_code(stride);
    std::vector<bool> done(order_.size());
    for (uint32_t first = 0; first < order_.size(); ++first) {
      if (done[first]) continue;
      std::memcpy(held_code.data(), codes + first * stride, stride);
      const quantizer::RowTerms held_terms = terms_[first];
      uint32_t to = first;
      for (; order_[to] != first; to = order_[to]) {
        std::memcpy(codes + to * stride, codes + order_[to] * stride, stride);
        terms_[to] = terms_[order_[to]];
        done[to] = true;
      }
      std::memcpy(codes + to * stride, held_code.data(), stride);
      terms_[to] = held_terms;
      done[to] = true;
    }
  }

  Result<Graph> BuildGraphOfCodes() const {
    const GraphSpace space(CodeView(), codec_);
    return BuildGraph(space, {.degree = std::clamp<uint32_t>(2 * spec_.m, 2, kMostLinks),
                              .ef_construct = std::clamp<uint32_t>(spec_.ef_construct, 16, kMostCandidates),
                              .threads = options_.threads,
                              .cancel = options_.cancel});
  }

  // Beyond these, a graph only gets slower to build and to walk.
  static constexpr uint32_t kMostLinks = 256;
  static constexpr uint32_t kMostCandidates = 4096;

  const SegmentSpec& spec_;
  const RowSource& source_;
  const BuildOptions& options_;
  const quantizer::Int8Codec codec_;
  const quantizer::Int8Codec::CodeBatchKernel kernel_;
  storage::AnonymousMemory codes_;
  std::vector<quantizer::RowTerms> terms_;
  std::vector<uint32_t> order_;
};

}  // namespace

Status WriteDenseSegment(storage::FileSystem* fs, const std::string& directory, const SegmentSpec& spec,
                         const RowSource& rows, const BuildOptions& options) {
  return SegmentBuilder(spec, rows, options).WriteTo(fs, directory);
}

}  // namespace sextant::vector_index
