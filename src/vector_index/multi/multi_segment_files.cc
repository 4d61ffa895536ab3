#include "vector_index/multi/multi_segment_files.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "vector_index/dense/row_values.h"
#include "vector_index/segment_file.h"

namespace sextant::vector_index {
namespace {

using quantizer::Int8Codec;
using storage::Placement;

// Keeps the numbers of these files apart from those of other users of block files.
constexpr uint32_t kBlockKindBase = 0x4D55'4C00;  // "MUL"
// Larger counts would overflow sizes.
constexpr uint64_t kMostTokens = uint64_t{1} << 40;
constexpr uint32_t kMostDim = 1U << 20;

SegmentFileName NameOf(const std::string& directory, MultiFile file) {
  return {MultiFilePath(directory, file), MultiBlockKind(file)};
}

bool IsKnown(const MultiHeader& header) {
  return header.kind == static_cast<uint32_t>(VectorKind::kMulti) && IsKnownDatatype(header.datatype) &&
         IsKnownDistance(header.distance) && header.dim > 0 && header.dim <= kMostDim && header.rows > 0 &&
         header.tokens >= header.rows && header.tokens <= kMostTokens &&
         (header.degree == 0 || header.tokens <= kMostGraphTokens);
}

Status ReadHeader(storage::FileSystem* fs, const std::string& directory, MultiSegmentFiles* files) {
  const std::string path = MultiFilePath(directory, MultiFile::kSegment);
  ASSIGN_OR_RETURN(auto file, OpenSegmentFile(fs, NameOf(directory, MultiFile::kSegment), Placement::kCached));
  const std::span<const uint8_t> content = file->content();
  MultiHeader& header = files->header;
  if (content.size() < sizeof(header)) return CheckContentSize(path, content.size(), sizeof(header));
  std::memcpy(&header, content.data(), sizeof(header));
  if (header.format_version != kMultiFormatVersion)
    return Corruption(absl::StrCat("'", path, "' has multivector segment format ", header.format_version,
                                   "; this program reads ", kMultiFormatVersion));
  if (!IsKnown(header)) return UnknownSegment(path);
  const uint64_t center_bytes = uint64_t{header.dim} * sizeof(float);
  const uint64_t entry_bytes = uint64_t{header.entry_count} * sizeof(uint32_t);
  RETURN_IF_ERROR(CheckContentSize(path, content.size(), sizeof(header) + center_bytes + entry_bytes));
  files->center.resize(header.dim);
  files->entries.resize(header.entry_count);
  std::memcpy(files->center.data(), content.data() + sizeof(header), center_bytes);
  if (entry_bytes > 0) std::memcpy(files->entries.data(), content.data() + sizeof(header) + center_bytes, entry_bytes);
  const bool inside =
      std::all_of(files->entries.begin(), files->entries.end(), [&](uint32_t entry) { return entry < header.tokens; });
  return inside ? OkStatus() : UnknownSegment(path);
}

uint64_t ExpectedSize(const MultiHeader& header, MultiFile file) {
  switch (file) {
    case MultiFile::kRows: return header.tokens * header.dim * ValueBytes(static_cast<Datatype>(header.datatype));
    case MultiFile::kOffsets: return (uint64_t{header.rows} + 1) * sizeof(uint64_t);
    case MultiFile::kCodes: return header.tokens * (Int8Codec::CodeStride(header.dim) + sizeof(quantizer::RowTerms));
    case MultiFile::kGraph: return header.tokens * (uint64_t{header.degree} + 1) * sizeof(uint32_t);
    case MultiFile::kIdentity: return header.rows * kIdentityBytesPerRow;
    case MultiFile::kSegment: break;
  }
  return sizeof(header);
}

Status OpenData(storage::FileSystem* fs, const std::string& directory, MultiFile which, Placement placement,
                MultiSegmentFiles* files) {
  const auto index = static_cast<uint32_t>(which);
  ASSIGN_OR_RETURN(files->files[index],
                   OpenDataFile(fs, NameOf(directory, which), placement,
                                {ExpectedSize(files->header, which), files->header.checksums[index]}));
  return OkStatus();
}

void FindColumns(MultiSegmentFiles* files) {
  const MultiHeader& header = files->header;
  const auto content = [&](MultiFile which) { return files->file(which)->content().data(); };
  files->values = content(MultiFile::kRows);
  files->offsets = {reinterpret_cast<const uint64_t*>(content(MultiFile::kOffsets)), size_t{header.rows} + 1};
  files->identities = IdentityColumns::Find(files->file(MultiFile::kIdentity)->content(), header.rows);
  if (!files->has_graph()) return;
  files->codes = reinterpret_cast<const int8_t*>(content(MultiFile::kCodes));
  files->terms =
      reinterpret_cast<const quantizer::RowTerms*>(files->codes + header.tokens * Int8Codec::CodeStride(header.dim));
  files->links = reinterpret_cast<const uint32_t*>(content(MultiFile::kGraph));
  files->places = {files->links + header.tokens * header.degree, header.tokens};
}

// Offsets and places lead to all the rest, so that nothing they name may lie outside of it.
Status CheckPlaces(const std::string& directory, const MultiSegmentFiles& files) {
  const auto wrong = [&](MultiFile file, const char* what) {
    return Corruption(absl::StrCat("'", MultiFilePath(directory, file), "' has ", what, " that do not fit together"));
  };
  for (uint32_t row = 0; row < files.header.rows; ++row)
    if (files.offsets[row] >= files.offsets[row + 1]) return wrong(MultiFile::kOffsets, "offsets");
  if (files.offsets.front() != 0 || files.offsets.back() != files.header.tokens)
    return wrong(MultiFile::kOffsets, "offsets");
  std::vector<bool> taken(files.places.size());
  for (const uint32_t place : files.places) {
    if (place >= taken.size() || taken[place]) return wrong(MultiFile::kGraph, "places of tokens");
    taken[place] = true;
  }
  return OkStatus();
}

}  // namespace

std::string MultiFilePath(const std::string& directory, MultiFile file) {
  constexpr const char* kNames[] = {"rows.bin", "offsets.bin", "codes.bin", "graph.bin", "identity.bin", "segment.bin"};
  return absl::StrCat(directory, "/", kNames[static_cast<uint32_t>(file)]);
}

uint32_t MultiBlockKind(MultiFile file) {
  return kBlockKindBase + static_cast<uint32_t>(file);
}

Result<MultiSegmentFiles> OpenMultiSegmentFiles(storage::FileSystem* fs, const std::string& directory,
                                                const SegmentPlacement& placement) {
  MultiSegmentFiles files;
  RETURN_IF_ERROR(ReadHeader(fs, directory, &files));
  RETURN_IF_ERROR(OpenData(fs, directory, MultiFile::kRows, placement.rows, &files));
  // Small, and every search reads them.
  const Placement offsets = placement.codes == Placement::kPinned ? Placement::kPinned : Placement::kCached;
  RETURN_IF_ERROR(OpenData(fs, directory, MultiFile::kOffsets, offsets, &files));
  if (files.has_graph()) {
    RETURN_IF_ERROR(OpenData(fs, directory, MultiFile::kCodes, placement.codes, &files));
    RETURN_IF_ERROR(OpenData(fs, directory, MultiFile::kGraph, placement.graph, &files));
  }
  RETURN_IF_ERROR(OpenData(fs, directory, MultiFile::kIdentity, Placement::kMapped, &files));
  FindColumns(&files);
  RETURN_IF_ERROR(CheckPlaces(directory, files));
  return files;
}

}  // namespace sextant::vector_index
