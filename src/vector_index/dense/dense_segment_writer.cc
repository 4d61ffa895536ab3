#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

#include "storage/anonymous_memory.h"
#include "vector_index/clusters/cluster_builder.h"
#include "vector_index/dense/code_format.h"
#include "vector_index/dense/dense_sealed_segment.h"
#include "vector_index/dense/dense_segment_files.h"
#include "vector_index/dense/reused_graphs.h"
#include "vector_index/dense/row_values.h"
#include "vector_index/graph/graph_space.h"
#include "vector_index/graph/locality_order.h"
#include "vector_index/graph/parallel_rows.h"
#include "vector_index/recall/recall_calibration.h"
#include "vector_index/segment_build.h"

namespace sextant::vector_index {
namespace {

constexpr size_t kEncodeChunk = 256;

// What: the centres of clusters in the codes of searches.
class CodedCenters {
 public:
  CodedCenters(const quantizer::Codec& codec, const BuiltClusters& clusters)
      : stride_(codec.code_stride()),
        codes_(clusters.count * stride_),
        terms_(clusters.count),
        kernel_(codec.kernel()) {
    if (clusters.count == 0) return;
    const size_t dim = clusters.centers.size() / clusters.count;
    std::vector<float> scratch(dim);
    for (uint32_t i = 0; i < clusters.count; ++i)
      terms_[i] = codec.EncodeRow(clusters.centers.data() + i * dim, codes_.data() + i * stride_, scratch.data());
  }
  CodeRows view() const {
    return {.codes = codes_.data(),
            .stride = stride_,
            .rows = static_cast<uint32_t>(terms_.size()),
            .terms = terms_.data(),
            .lifts = nullptr,
            .kernel = kernel_};
  }

 private:
  size_t stride_;
  std::vector<int8_t> codes_;
  std::vector<quantizer::RowTerms> terms_;
  kernels::CodeBatchKernel kernel_;
};

// What: builds one segment in memory.
// Ownership: owns codes and terms; borrows spec, rows and options.
class SegmentBuilder {
 public:
  SegmentBuilder(const SegmentSpec& spec, const RowSource& rows, const BuildOptions& options)
      : spec_(spec), source_(rows), options_(options), codec_(TrainCodec()) {}

  Status WriteTo(storage::FileSystem* fs, const std::string& directory) {
    RETURN_IF_ERROR(Encode());
    order_.resize(source_.size());
    std::iota(order_.begin(), order_.end(), 0U);
    Reorder(LocalityOrder(CodeView(codec_), options_.threads, options_.seed, options_.cancel));
    RETURN_IF_ERROR(CheckNotCancelled(options_));
    BuiltClusters clusters;
    if (spec_.build_graph) {
      ASSIGN_OR_RETURN(clusters, ClusterRows(CodeView(codec_), codec_, options_));
      if (clusters.count > 0) Reorder(clusters.Order());
    }
    Graph graph;
    std::optional<GraphReuse> reuse;
    if (spec_.build_graph) {
      reuse = ReusedGraphs(spec_, source_, order_);
      ASSIGN_OR_RETURN(graph, BuildGraph(GraphSpace(CodeView(codec_), codec_), GraphParamsOf(spec_, options_),
                                         reuse ? &*reuse : nullptr));
    }
    std::vector<uint32_t> members;
    if (!source_.groups().empty()) OrderByGroup(&graph, clusters.count > 0 ? &members : nullptr);
    quantizer::CodecParams stored = codec_.params();
    stored.format = ChooseCodeFormat(spec_, source_, stored);
    const std::unique_ptr<quantizer::Codec> codec = quantizer::MakeCodec(stored);
    if (stored.format != CodeFormat::kInt8) RETURN_IF_ERROR(Recode(*codec));
    const CodedCenters centers(*codec, clusters);
    const std::vector<uint32_t> starts = clusters.Starts();
    const RowClusters row_clusters{.starts = starts, .members = members, .centers = centers.view()};
    MeasuredSearches measured;
    if (spec_.build_graph) {
      ASSIGN_OR_RETURN(
          measured, CalibrateRecall({.spec = spec_,
                                     .codes = CodeView(*codec),
                                     .codec = *codec,
                                     .graph = graph,
                                     .clusters = row_clusters,
                                     .order = order_,
                                     .source_row = [this](uint32_t row,
                                                          RowScratch* scratch) { return ComparableRow(row, scratch); },
                                     .options = options_,
                                     .short_build = reuse.has_value()}));
    }
    const SegmentContent content{.spec = spec_,
                                 .rows = &source_,
                                 .order = order_,
                                 .codec = &stored,
                                 .codes = CodeView(*codec),
                                 .graph = spec_.build_graph ? &graph : nullptr,
                                 .recall = measured.walks,
                                 .clusters = row_clusters,
                                 .probes = measured.probes};
    return WriteSegmentFiles(fs, directory, content);
  }

 private:
  // Row r becomes what was row order[r].
  void Reorder(const std::vector<uint32_t>& order) {
    ReorderCodes(order, codec_.code_stride(), reinterpret_cast<int8_t*>(codes_.data()), terms_);
    std::vector<uint32_t> moved(order.size());
    for (size_t row = 0; row < order.size(); ++row) moved[row] = order_[order[row]];
    order_ = std::move(moved);
  }

  // Rows of one group move together, in the order that they have; the graph was built in an order that only looks at
  // what is near. `places`, unless null, receives where each row has gone.
  void OrderByGroup(Graph* graph, std::vector<uint32_t>* places) {
    const std::span<const uint32_t> groups = source_.groups();
    std::vector<uint32_t> moved(order_.size());
    std::iota(moved.begin(), moved.end(), 0U);
    std::stable_sort(moved.begin(), moved.end(),
                     [&](uint32_t a, uint32_t b) { return groups[order_[a]] < groups[order_[b]]; });
    if (spec_.build_graph) RenumberRows(moved, graph);
    Reorder(moved);
    if (places == nullptr) return;
    places->resize(moved.size());
    for (uint32_t row = 0; row < moved.size(); ++row) (*places)[moved[row]] = row;
  }

  // Row i of the source, normalised for Cosine. In `scratch` or where it lies.
  const float* ComparableRow(uint32_t i, RowScratch* scratch) const {
    return ComparableValues(spec_, source_.row(i, scratch).values.data(), scratch);
  }

  quantizer::Int8Codec TrainCodec() const {
    const size_t rows = source_.size();
    const size_t count = TrainingRows(rows, spec_.dim);
    RowScratch scratch;
    return quantizer::Int8Codec(quantizer::Int8Codec::Train(spec_.distance, spec_.dim, count, [&](size_t i) {
      return ComparableRow(static_cast<uint32_t>(i * rows / count), &scratch);
    }));
  }

  CodeRows CodeView(const quantizer::Codec& codec) const {
    return {.codes = reinterpret_cast<const int8_t*>(codes_.data()),
            .stride = codec.code_stride(),
            .rows = source_.size(),
            .terms = terms_.data(),
            .lifts = nullptr,
            .kernel = codec.kernel()};
  }

  // Codes of bytes, in the order of the source: the graph is built on them.
  Status Encode() {
    RETURN_IF_ERROR(codes_.Reserve(codec_.code_stride() * source_.size()));
    terms_.resize(source_.size());
    return EncodeRows(codec_, [](size_t i) { return static_cast<uint32_t>(i); });
  }
  // The codes of searches, in the order of the segment, in place of those of bytes.
  Status Recode(const quantizer::Codec& codec) {
    return EncodeRows(codec, [&](size_t i) { return order_[i]; });
  }

  // Code i becomes that of row source_row(i).
  template <typename SourceRow>
  Status EncodeRows(const quantizer::Codec& codec, SourceRow source_row) {
    const size_t stride = codec.code_stride();
    auto* const codes = reinterpret_cast<int8_t*>(codes_.data());
    ParallelRows(options_.threads, source_.size(), kEncodeChunk, options_.cancel, [&](int, size_t begin, size_t end) {
      std::vector<float> floats(spec_.dim);
      RowScratch scratch;
      for (size_t i = begin; i < end; ++i)
        terms_[i] = codec.EncodeRow(ComparableRow(source_row(i), &scratch), codes + i * stride, floats.data());
    });
    return CheckNotCancelled(options_);
  }

  const SegmentSpec& spec_;
  const RowSource& source_;
  const BuildOptions& options_;
  const quantizer::Int8Codec codec_;
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
