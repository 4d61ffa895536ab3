#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/status.h"
#include "storage/block_file.h"
#include "vector_index/identity_file.h"
#include "vector_index/sparse/sparse_search.h"
#include "vector_index/sparse/weight_codec.h"

namespace sextant::vector_index {

// The files of a segment of sparse vectors, format version 1. Each is a storage::BlockFile (checksum a block); numbers
// are little-endian. N rows with E elements in all, L different indices, B blocks of postings.
//
//   rows.bin      u32 index [E], f32 value [E]: the elements of row 0, of row 1, …
//   postings.bin  u32 row [E], then weights [E] in the segment's datatype: the postings of the smallest index with rows
//                 ascending, of the next one, …
//   tables.bin    u64 row_offset [N + 1] (elements before each row), PostingEntry [L] with indices ascending,
//                 WeightBounds [B]: of each kPostingBlock postings of an index, the last block of each may be short
//   identity.bin  see identity_file.h
//   segment.bin   SparseHeader; written last
inline constexpr uint32_t kSparseFormatVersion = 1;
inline constexpr uint32_t kPostingBlock = 128;

enum class SparseFile : uint32_t { kRows = 0, kPostings = 1, kTables = 2, kIdentity = 3, kSegment = 4 };
inline constexpr uint32_t kSparseDataFiles = 4;  // all but kSegment

// Of the numbers that stored weights stand for.
struct WeightBounds {
  float min = 0;
  float max = 0;
};

struct PostingEntry {
  uint32_t index = 0;
  uint32_t count = 0;          // of its postings; at least 1
  uint64_t first_posting = 0;  // in postings.bin
  uint64_t first_block = 0;    // in the table of WeightBounds
  WeightBounds weights;        // before they were stored: what its WeightCodec is made of
};
static_assert(sizeof(PostingEntry) == 32, "written as it lies in memory");

struct SparseHeader {
  uint32_t format_version = kSparseFormatVersion;
  uint32_t kind = static_cast<uint32_t>(VectorKind::kSparse);
  uint32_t datatype = static_cast<uint32_t>(Datatype::kFloat32);
  uint32_t rows = 0;
  uint32_t empty_rows = 0;
  uint32_t reserved = 0;
  uint64_t elements = 0;
  uint64_t entries = 0;
  uint64_t blocks = 0;
  uint64_t checksums[kSparseDataFiles] = {};  // of the other files: one from another segment does not pass
};
static_assert(sizeof(SparseHeader) == 80, "written as it lies in memory");

std::string SparseFilePath(const std::string& directory, SparseFile file);
// The kind that block files of this sort carry.
uint32_t SparseBlockKind(SparseFile file);

// What: the verified files of a segment.
// Ownership: keeps the files; the spans live as long as they do.
struct SparseSegmentFiles {
  SparseHeader header;
  std::shared_ptr<const storage::BlockFile> files[kSparseDataFiles];

  const storage::BlockFile& file(SparseFile which) const { return *files[static_cast<uint32_t>(which)]; }
  // Where the weights of all postings begin.
  const uint8_t* weights() const { return reinterpret_cast<const uint8_t*>(posting_rows + header.elements); }

  const uint32_t* indices = nullptr;
  const float* values = nullptr;
  const uint32_t* posting_rows = nullptr;
  std::span<const uint64_t> row_offsets;
  std::span<const PostingEntry> entries;
  std::span<const WeightBounds> blocks;
  IdentityColumns identities;
};

// kCorruption names the missing, damaged or foreign file.
Result<SparseSegmentFiles> OpenSparseSegmentFiles(storage::FileSystem* fs, const std::string& directory,
                                                  const SegmentPlacement& placement);

}  // namespace sextant::vector_index
