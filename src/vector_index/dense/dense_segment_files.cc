#include "vector_index/dense/dense_segment_files.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "vector_index/dense/row_values.h"
#include "vector_index/segment_file.h"

namespace sextant::vector_index {
namespace {

using storage::BlockFileWriter;

// Keeps the numbers of segment files apart from those of other users of block files.
constexpr uint32_t kBlockKindBase = 0x5345'4700;  // "SEG"

void SetCodeChoice(const CodeChoice& choice, SegmentHeader* header) {
  if (choice.format) header->code_choice = static_cast<uint8_t>(1 + static_cast<uint8_t>(*choice.format));
}

bool HasKnownCodes(const SegmentHeader& header) {
  const bool packed = header.code_format != 0;
  return IsKnownCodeFormat(header.code_format) &&
         (header.code_choice == 0 || IsKnownCodeFormat(static_cast<uint8_t>(header.code_choice - 1))) &&
         !(packed && header.distance == static_cast<uint32_t>(Distance::kManhattan));
}

size_t CodeStride(const SegmentHeader& header) {
  return quantizer::CodeStride(static_cast<CodeFormat>(header.code_format), header.dim);
}

// What: writes one segment; remembers the checksums for the header.
class Writer {
 public:
  Writer(storage::FileSystem* fs, const std::string& directory, const SegmentContent& content)
      : fs_(fs), directory_(directory), content_(content), rows_(static_cast<uint32_t>(content.order.size())) {}

  Status Write() {
    RETURN_IF_ERROR(WriteRows());
    RETURN_IF_ERROR(WriteCodes());
    if (content_.graph != nullptr) RETURN_IF_ERROR(WriteGraph());
    RETURN_IF_ERROR(WriteIdentity());
    RETURN_IF_ERROR(WriteHeader());
    return fs_->SyncDir(directory_);
  }

 private:
  Result<BlockFileWriter> Create(SegmentFile file) {
    return BlockFileWriter::Create(fs_, SegmentFilePath(directory_, file), BlockKind(file));
  }
  Status Finish(SegmentFile file, BlockFileWriter* writer) {
    RETURN_IF_ERROR(writer->Finish());
    if (file != SegmentFile::kSegment) header_.checksums[static_cast<uint32_t>(file)] = writer->checksum();
    return OkStatus();
  }

  Status WriteRows() {
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(SegmentFile::kRows));
    RowScratch scratch;
    std::vector<uint8_t> stored(content_.spec.dim * ValueBytes(content_.spec.datatype));
    for (uint32_t source : content_.order) {
      StoreValues(content_.spec.datatype, content_.rows->row(source, &scratch).values, stored.data());
      RETURN_IF_ERROR(writer.Append(stored.data(), stored.size()));
    }
    return Finish(SegmentFile::kRows, &writer);
  }

  Status WriteCodes() {
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(SegmentFile::kCodes));
    RETURN_IF_ERROR(writer.Append(content_.codes.codes, size_t{rows_} * content_.codes.stride));
    RETURN_IF_ERROR(writer.Append(content_.codes.terms, rows_ * sizeof(quantizer::RowTerms)));
    return Finish(SegmentFile::kCodes, &writer);
  }

  Status WriteGraph() {
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(SegmentFile::kGraph));
    RETURN_IF_ERROR(writer.Append(content_.graph->links.data(), content_.graph->links.size() * sizeof(uint32_t)));
    return Finish(SegmentFile::kGraph, &writer);
  }

  Status WriteIdentity() {
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(SegmentFile::kIdentity));
    RETURN_IF_ERROR(AppendIdentityColumns(&writer, rows_,
                                          [&](uint32_t row) { return content_.rows->identity(content_.order[row]); }));
    return Finish(SegmentFile::kIdentity, &writer);
  }

  Status WriteHeader() {
    const quantizer::CodecParams& codec = *content_.codec;
    header_.datatype = static_cast<uint32_t>(content_.spec.datatype);
    header_.distance = static_cast<uint32_t>(content_.spec.distance);
    header_.dim = content_.spec.dim;
    header_.m = content_.spec.m;
    header_.ef_construct = content_.spec.ef_construct;
    header_.rows = rows_;
    header_.step = codec.step;
    header_.code_format = static_cast<uint8_t>(codec.format);
    SetCodeChoice(content_.spec.codes, &header_);
    if (content_.graph != nullptr) {
      header_.degree = content_.graph->degree;
      header_.entry_count = static_cast<uint32_t>(content_.graph->entries.size());
    }
    const RowClusters& clusters = content_.clusters;
    header_.recall_points = static_cast<uint16_t>(content_.recall.size());
    header_.probe_points = static_cast<uint32_t>(content_.probes.size());
    header_.cluster_count = clusters.count();
    header_.member_count = static_cast<uint32_t>(clusters.members.size());
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(SegmentFile::kSegment));
    RETURN_IF_ERROR(writer.Append(&header_, sizeof(header_)));
    RETURN_IF_ERROR(writer.Append(codec.center.data(), codec.center.size() * sizeof(float)));
    if (header_.entry_count > 0)
      RETURN_IF_ERROR(writer.Append(content_.graph->entries.data(), header_.entry_count * sizeof(uint32_t)));
    RETURN_IF_ERROR(writer.Append(content_.recall.data(), content_.recall.size_bytes()));
    RETURN_IF_ERROR(writer.Append(content_.probes.data(), content_.probes.size_bytes()));
    if (clusters.count() > 0) {
      const size_t count = clusters.count();
      RETURN_IF_ERROR(writer.Append(clusters.starts.data(), clusters.starts.size_bytes()));
      RETURN_IF_ERROR(writer.Append(clusters.members.data(), clusters.members.size_bytes()));
      RETURN_IF_ERROR(writer.Append(clusters.centers.codes, count * clusters.centers.stride));
      RETURN_IF_ERROR(writer.Append(clusters.centers.terms, count * sizeof(quantizer::RowTerms)));
    }
    return Finish(SegmentFile::kSegment, &writer);
  }

  storage::FileSystem* fs_;
  const std::string& directory_;
  const SegmentContent& content_;
  uint32_t rows_;
  SegmentHeader header_;
};

SegmentFileName NameOf(const std::string& directory, SegmentFile file) {
  return {SegmentFilePath(directory, file), BlockKind(file)};
}

// Fills `out` with `count` values that lie at `from`; returns where they end.
template <typename T>
const uint8_t* CopyOut(const uint8_t* from, size_t count, std::vector<T>* out) {
  out->resize(count);
  if (count > 0) std::memcpy(out->data(), from, count * sizeof(T));
  return from + count * sizeof(T);
}

size_t HeaderBytes(uint32_t format_version) {
  return format_version < 4 ? kHeaderBytesWithoutClusters : sizeof(SegmentHeader);
}

// Of segment.bin.
uint64_t ExpectedSize(const SegmentHeader& header) {
  const uint64_t floats = header.dim, points = header.recall_points + uint64_t{header.probe_points};
  uint64_t bytes = HeaderBytes(header.format_version) + floats * sizeof(float) +
                   header.entry_count * uint64_t{sizeof(uint32_t)} + points * sizeof(RecallPoint);
  const uint64_t clusters = header.cluster_count;
  if (clusters > 0)
    bytes += (clusters + 1 + header.member_count) * sizeof(uint32_t) +
             clusters * (CodeStride(header) + sizeof(quantizer::RowTerms));
  return bytes;
}

// Checksums vouch for what was written; this, for what was written making sense.
bool HasSoundClusters(const SegmentFiles& files) {
  const std::vector<uint32_t>& starts = files.cluster_starts;
  if (starts.empty()) return true;
  const auto in_segment = [&](uint32_t row) { return row < files.header.rows; };
  return starts.front() == 0 && starts.back() == files.header.rows && std::is_sorted(starts.begin(), starts.end()) &&
         (files.cluster_members.empty() || files.cluster_members.size() == files.header.rows) &&
         std::all_of(files.cluster_members.begin(), files.cluster_members.end(), in_segment);
}

Status ReadHeader(storage::FileSystem* fs, const std::string& directory, SegmentFiles* files) {
  const std::string path = SegmentFilePath(directory, SegmentFile::kSegment);
  ASSIGN_OR_RETURN(auto file,
                   OpenSegmentFile(fs, NameOf(directory, SegmentFile::kSegment), storage::Placement::kCached));
  const std::span<const uint8_t> content = file->content();
  SegmentHeader& header = files->header;
  if (content.size() < kHeaderBytesWithoutClusters)
    return CheckContentSize(path, content.size(), kHeaderBytesWithoutClusters);
  std::memcpy(static_cast<void*>(&header), content.data(), kHeaderBytesWithoutClusters);
  if (header.format_version < kOldestSegmentFormatVersion || header.format_version > kSegmentFormatVersion)
    return Corruption(absl::StrCat("'", path, "' has segment format ", header.format_version, "; this program reads ",
                                   kOldestSegmentFormatVersion, " to ", kSegmentFormatVersion));
  if (header.kind != static_cast<uint32_t>(VectorKind::kDense) || !IsKnownDatatype(header.datatype) ||
      !IsKnownDistance(header.distance) || header.dim == 0 || header.rows == 0 || !HasKnownCodes(header))
    return UnknownSegment(path);
  if (header.format_version >= 4) {
    if (content.size() < sizeof(header)) return CheckContentSize(path, content.size(), sizeof(header));
    std::memcpy(&header, content.data(), sizeof(header));
  }
  RETURN_IF_ERROR(CheckContentSize(path, content.size(), ExpectedSize(header)));
  const uint8_t* from = content.data() + HeaderBytes(header.format_version);
  from = CopyOut(from, header.dim, &files->center);
  from = CopyOut(from, header.entry_count, &files->entries);
  from = CopyOut(from, header.recall_points, &files->recall);
  from = CopyOut(from, header.probe_points, &files->probes);
  if (header.cluster_count == 0) return OkStatus();
  from = CopyOut(from, size_t{header.cluster_count} + 1, &files->cluster_starts);
  from = CopyOut(from, header.member_count, &files->cluster_members);
  from = CopyOut(from, header.cluster_count * CodeStride(header), &files->center_codes);
  CopyOut(from, header.cluster_count, &files->center_terms);
  return HasSoundClusters(*files) ? OkStatus() : UnknownSegment(path);
}

uint64_t ExpectedSize(const SegmentHeader& header, SegmentFile file) {
  const uint64_t rows = header.rows;
  switch (file) {
    case SegmentFile::kRows: return rows * header.dim * ValueBytes(static_cast<Datatype>(header.datatype));
    case SegmentFile::kCodes: return rows * (CodeStride(header) + sizeof(quantizer::RowTerms));
    case SegmentFile::kGraph: return rows * header.degree * sizeof(uint32_t);
    case SegmentFile::kIdentity: return rows * kIdentityBytesPerRow;
    case SegmentFile::kSegment: break;
  }
  return sizeof(header);
}

// Opens a data file of the segment whose header `files` has.
struct Opener {
  storage::FileSystem* fs;
  const std::string& directory;
  SegmentFiles* files;

  // A larger file than `verified_at_open` bytes is verified when it is touched.
  Status Open(SegmentFile which, storage::Placement placement, uint64_t verified_at_open = UINT64_MAX) const {
    const auto index = static_cast<uint32_t>(which);
    const uint64_t size = ExpectedSize(files->header, which);
    const auto verification =
        size > verified_at_open ? storage::Verification::kOnTouch : storage::Verification::kAtOpen;
    ASSIGN_OR_RETURN(files->files[index], OpenDataFile(fs, NameOf(directory, which), placement,
                                                       {size, files->header.checksums[index], verification}));
    return OkStatus();
  }
};

// Points the spans of `files` into its data files.
void FindColumns(SegmentFiles* files) {
  const size_t rows = files->header.rows;
  const auto content = [&](SegmentFile file) { return files->files[static_cast<uint32_t>(file)]->content(); };
  files->rows = content(SegmentFile::kRows).data();
  files->codes = reinterpret_cast<const int8_t*>(content(SegmentFile::kCodes).data());
  files->terms = reinterpret_cast<const quantizer::RowTerms*>(files->codes + rows * CodeStride(files->header));
  if (files->header.degree > 0) files->links = reinterpret_cast<const uint32_t*>(content(SegmentFile::kGraph).data());
  files->identities = IdentityColumns::Find(content(SegmentFile::kIdentity), files->header.rows);
}

}  // namespace

CodeChoice CodeChoiceOf(const SegmentHeader& header) {
  CodeChoice choice;
  if (header.code_choice > 0) choice.format = static_cast<CodeFormat>(header.code_choice - 1);
  return choice;
}

std::string SegmentFilePath(const std::string& directory, SegmentFile file) {
  constexpr const char* kNames[] = {"rows.bin", "codes.bin", "graph.bin", "identity.bin", "segment.bin"};
  return absl::StrCat(directory, "/", kNames[static_cast<uint32_t>(file)]);
}

uint32_t BlockKind(SegmentFile file) {
  return kBlockKindBase + static_cast<uint32_t>(file);
}

Status WriteSegmentFiles(storage::FileSystem* fs, const std::string& directory, const SegmentContent& content) {
  return Writer(fs, directory, content).Write();
}

Result<SegmentFiles> OpenSegmentFiles(storage::FileSystem* fs, const std::string& directory,
                                      const SegmentPlacement& placement) {
  SegmentFiles files;
  RETURN_IF_ERROR(ReadHeader(fs, directory, &files));
  const Opener opener{fs, directory, &files};
  RETURN_IF_ERROR(opener.Open(SegmentFile::kRows, placement.rows, placement.rows_verified_at_open));
  RETURN_IF_ERROR(opener.Open(SegmentFile::kCodes, placement.codes));
  if (files.header.degree > 0) RETURN_IF_ERROR(opener.Open(SegmentFile::kGraph, placement.graph));
  RETURN_IF_ERROR(opener.Open(SegmentFile::kIdentity, storage::Placement::kMapped));
  FindColumns(&files);
  return files;
}

}  // namespace sextant::vector_index
