#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "vector_index/dense/row_values.h"
#include "vector_index/multi/multi_sealed_segment.h"
#include "vector_index/multi/multi_segment_files.h"
#include "vector_index/multi/token_graph_builder.h"
#include "vector_index/segment_build.h"

namespace sextant::vector_index {
namespace {

using storage::BlockFileWriter;

// Rows handled between two looks at the cancel token.
constexpr uint32_t kRowsPerCheck = 256;

// What: writes one segment; remembers the checksums for the header.
// Ownership: borrows all but its tables.
class Writer {
 public:
  Writer(storage::FileSystem* fs, std::string directory, const SegmentSpec& spec, const RowSource& rows)
      : fs_(fs), directory_(std::move(directory)), spec_(spec), source_(rows) {
    header_.datatype = static_cast<uint32_t>(spec.datatype);
    header_.distance = static_cast<uint32_t>(spec.distance);
    header_.dim = spec.dim;
    header_.m = spec.m;
    header_.ef_construct = spec.ef_construct;
    header_.rows = rows.size();
  }

  Status Write(const BuildOptions& options) {
    RETURN_IF_ERROR(WriteRows(options));
    RETURN_IF_ERROR(WriteOffsets());
    std::optional<TokenGraph> graph;
    if (spec_.build_graph && header_.tokens < kMostGraphTokens) {
      ASSIGN_OR_RETURN(graph, BuildTokenGraph(spec_, source_, offsets_, options));
      RETURN_IF_ERROR(WriteCodes(*graph));
      RETURN_IF_ERROR(WriteGraph(*graph));
    }
    RETURN_IF_ERROR(WriteIdentity());
    RETURN_IF_ERROR(WriteHeader(graph));
    return fs_->SyncDir(directory_);
  }

 private:
  Result<BlockFileWriter> Create(MultiFile file) {
    return BlockFileWriter::Create(fs_, MultiFilePath(directory_, file), MultiBlockKind(file));
  }
  Status Finish(MultiFile file, BlockFileWriter* writer) {
    RETURN_IF_ERROR(writer->Finish());
    if (file != MultiFile::kSegment) header_.checksums[static_cast<uint32_t>(file)] = writer->checksum();
    return OkStatus();
  }

  Status WriteRows(const BuildOptions& options) {
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(MultiFile::kRows));
    offsets_.reserve(size_t{header_.rows} + 1);
    offsets_.push_back(0);
    RowScratch scratch;
    std::vector<uint8_t> stored;
    for (uint32_t row = 0; row < header_.rows; ++row) {
      if (row % kRowsPerCheck == 0) RETURN_IF_ERROR(CheckNotCancelled(options));
      const VectorRef values = source_.row(row, &scratch);
      SEXTANT_CHECK(values.size() > 0 && values.size() % spec_.dim == 0);
      stored.resize(values.size() * ValueBytes(spec_.datatype));
      StoreValues(spec_.datatype, values.values, stored.data());
      RETURN_IF_ERROR(writer.Append(stored.data(), stored.size()));
      offsets_.push_back(offsets_.back() + values.size() / spec_.dim);
    }
    header_.tokens = offsets_.back();
    return Finish(MultiFile::kRows, &writer);
  }

  Status WriteOffsets() {
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(MultiFile::kOffsets));
    RETURN_IF_ERROR(writer.Append(offsets_.data(), offsets_.size() * sizeof(uint64_t)));
    return Finish(MultiFile::kOffsets, &writer);
  }

  Status WriteCodes(const TokenGraph& graph) {
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(MultiFile::kCodes));
    RETURN_IF_ERROR(writer.Append(graph.codes.data(), header_.tokens * graph.codec->code_stride()));
    RETURN_IF_ERROR(writer.Append(graph.terms.data(), header_.tokens * sizeof(quantizer::RowTerms)));
    return Finish(MultiFile::kCodes, &writer);
  }

  Status WriteGraph(const TokenGraph& graph) {
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(MultiFile::kGraph));
    RETURN_IF_ERROR(writer.Append(graph.graph.links.data(), graph.graph.links.size() * sizeof(uint32_t)));
    std::vector<uint32_t> places(header_.tokens);
    for (uint32_t place = 0; place < header_.tokens; ++place) places[graph.order[place]] = place;
    RETURN_IF_ERROR(writer.Append(places.data(), places.size() * sizeof(uint32_t)));
    return Finish(MultiFile::kGraph, &writer);
  }

  Status WriteIdentity() {
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(MultiFile::kIdentity));
    RETURN_IF_ERROR(AppendIdentityColumns(&writer, header_.rows, [&](uint32_t row) { return source_.identity(row); }));
    return Finish(MultiFile::kIdentity, &writer);
  }

  Status WriteHeader(const std::optional<TokenGraph>& graph) {
    std::vector<float> center(spec_.dim);
    if (graph) {
      header_.degree = graph->graph.degree;
      header_.entry_count = static_cast<uint32_t>(graph->graph.entries.size());
      header_.step = graph->codec->params().step;
      center = graph->codec->params().center;
    }
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(MultiFile::kSegment));
    RETURN_IF_ERROR(writer.Append(&header_, sizeof(header_)));
    RETURN_IF_ERROR(writer.Append(center.data(), center.size() * sizeof(float)));
    if (graph && header_.entry_count > 0)
      RETURN_IF_ERROR(writer.Append(graph->graph.entries.data(), header_.entry_count * sizeof(uint32_t)));
    return Finish(MultiFile::kSegment, &writer);
  }

  storage::FileSystem* fs_;
  const std::string directory_;
  const SegmentSpec& spec_;
  const RowSource& source_;
  MultiHeader header_;
  std::vector<uint64_t> offsets_;  // tokens before each row
};

}  // namespace

Status WriteMultiSegment(storage::FileSystem* fs, const std::string& directory, const SegmentSpec& spec,
                         const RowSource& rows, const BuildOptions& options) {
  return Writer(fs, directory, spec, rows).Write(options);
}

}  // namespace sextant::vector_index
