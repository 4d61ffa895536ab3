#include "vector_index/sparse/sparse_segment_files.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "vector_index/segment_file.h"

namespace sextant::vector_index {
namespace {

using storage::Placement;

// Keeps the numbers of these files apart from those of other users of block files.
constexpr uint32_t kBlockKindBase = 0x5350'5200;  // "SPR"

SegmentFileName NameOf(const std::string& directory, SparseFile file) {
  return {SparseFilePath(directory, file), SparseBlockKind(file)};
}

Status ReadHeader(storage::FileSystem* fs, const std::string& directory, SparseHeader* header) {
  const std::string path = SparseFilePath(directory, SparseFile::kSegment);
  ASSIGN_OR_RETURN(auto file, OpenSegmentFile(fs, NameOf(directory, SparseFile::kSegment), Placement::kCached));
  RETURN_IF_ERROR(CheckContentSize(path, file->content().size(), sizeof(*header)));
  std::memcpy(header, file->content().data(), sizeof(*header));
  if (header->format_version != kSparseFormatVersion)
    return Corruption(absl::StrCat("'", path, "' has sparse segment format ", header->format_version,
                                   "; this program reads ", kSparseFormatVersion));
  // Every posting names one of 2^32 indices and rows; larger counts would overflow sizes.
  constexpr uint64_t kMost = uint64_t{1} << 48;
  if (header->kind != static_cast<uint32_t>(VectorKind::kSparse) ||
      WeightBytes(static_cast<Datatype>(header->datatype)) == 0 || header->rows == 0 || header->elements > kMost ||
      header->entries > header->elements || header->columns > header->entries)
    return UnknownSegment(path);
  return OkStatus();
}

uint64_t ExpectedSize(const SparseHeader& header, SparseFile file) {
  switch (file) {
    case SparseFile::kRows: return header.elements * (sizeof(uint32_t) + sizeof(float));
    case SparseFile::kPostings:
      return header.elements * (sizeof(uint32_t) + WeightBytes(static_cast<Datatype>(header.datatype))) +
             header.columns * header.rows;
    case SparseFile::kTables:
      return (uint64_t{header.rows} + 1) * sizeof(uint64_t) + header.entries * sizeof(PostingEntry);
    case SparseFile::kIdentity: return header.rows * kIdentityBytesPerRow;
    case SparseFile::kSegment: break;
  }
  return sizeof(header);
}

Status OpenData(storage::FileSystem* fs, const std::string& directory, SparseFile which, Placement placement,
                SparseSegmentFiles* files) {
  const auto index = static_cast<uint32_t>(which);
  ASSIGN_OR_RETURN(files->files[index],
                   OpenDataFile(fs, NameOf(directory, which), placement,
                                {ExpectedSize(files->header, which), files->header.checksums[index]}));
  return OkStatus();
}

void FindColumns(SparseSegmentFiles* files) {
  const SparseHeader& header = files->header;
  files->indices = reinterpret_cast<const uint32_t*>(files->file(SparseFile::kRows).content().data());
  files->values = reinterpret_cast<const float*>(files->indices + header.elements);
  files->posting_rows = reinterpret_cast<const uint32_t*>(files->file(SparseFile::kPostings).content().data());
  const auto* const offsets = reinterpret_cast<const uint64_t*>(files->file(SparseFile::kTables).content().data());
  files->row_offsets = {offsets, size_t{header.rows} + 1};
  const auto* const entries = reinterpret_cast<const PostingEntry*>(offsets + header.rows + 1);
  files->entries = {entries, header.entries};
  files->identities = IdentityColumns::Find(files->file(SparseFile::kIdentity).content(), header.rows);
}

// The tables lead to all the rest, so that no place they name may lie outside of it.
Status CheckTables(const std::string& path, const SparseSegmentFiles& files) {
  const auto wrong = [&](const char* what) {
    return Corruption(absl::StrCat("'", path, "' has ", what, " that do not fit together"));
  };
  uint64_t elements = 0;
  for (const uint64_t offset : files.row_offsets) {
    if (offset < elements) return wrong("row offsets");
    elements = offset;
  }
  if (files.row_offsets.front() != 0 || elements != files.header.elements) return wrong("row offsets");
  uint64_t postings = 0, columns = 0, next_index = 0;
  for (const PostingEntry& entry : files.entries) {
    if (entry.index < next_index || entry.count == 0 || entry.count > files.header.rows ||
        entry.first_posting != postings || (entry.column != kNoColumn && entry.column != columns))
      return wrong("entries");
    next_index = uint64_t{entry.index} + 1;
    postings += entry.count;
    columns += entry.column == kNoColumn ? 0 : 1;
  }
  return postings == files.header.elements && columns == files.header.columns ? OkStatus() : wrong("entries");
}

}  // namespace

std::string SparseFilePath(const std::string& directory, SparseFile file) {
  constexpr const char* kNames[] = {"rows.bin", "postings.bin", "tables.bin", "identity.bin", "segment.bin"};
  return absl::StrCat(directory, "/", kNames[static_cast<uint32_t>(file)]);
}

uint32_t SparseBlockKind(SparseFile file) {
  return kBlockKindBase + static_cast<uint32_t>(file);
}

Result<SparseSegmentFiles> OpenSparseSegmentFiles(storage::FileSystem* fs, const std::string& directory,
                                                  const SegmentPlacement& placement) {
  SparseSegmentFiles files;
  RETURN_IF_ERROR(ReadHeader(fs, directory, &files.header));
  // The tables are small, and every search reads them.
  const Placement tables = placement.codes == Placement::kPinned ? Placement::kPinned : Placement::kCached;
  RETURN_IF_ERROR(OpenData(fs, directory, SparseFile::kRows, placement.rows, &files));
  RETURN_IF_ERROR(OpenData(fs, directory, SparseFile::kPostings, placement.codes, &files));
  RETURN_IF_ERROR(OpenData(fs, directory, SparseFile::kTables, tables, &files));
  RETURN_IF_ERROR(OpenData(fs, directory, SparseFile::kIdentity, Placement::kMapped, &files));
  FindColumns(&files);
  RETURN_IF_ERROR(CheckTables(SparseFilePath(directory, SparseFile::kTables), files));
  return files;
}

}  // namespace sextant::vector_index
