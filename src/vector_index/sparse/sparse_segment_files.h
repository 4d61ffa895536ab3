#pragma once

#include <algorithm>
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

// The files of a segment of sparse vectors, format version 2. Each is a storage::BlockFile (checksum a block); numbers
// are little-endian. N rows with E elements in all, L different indices, C columns.
//
//   rows.bin      u32 index [E], f32 value [E]: the elements of row 0, of row 1, …
//   postings.bin  u32 row [E], then weights [E] in the segment's datatype: the postings of the smallest index with rows
//                 ascending, of the next one, …; then u8 code [C, N], see kNoColumn
//   tables.bin    u64 row_offset [N + 1] (elements before each row), PostingEntry [L] with indices ascending
//   identity.bin  see identity_file.h
//   segment.bin   SparseHeader; written last
inline constexpr uint32_t kSparseFormatVersion = 2;

enum class SparseFile : uint32_t { kRows = 0, kPostings = 1, kTables = 2, kIdentity = 3, kSegment = 4 };
inline constexpr uint32_t kSparseDataFiles = 4;  // all but kSegment

// Of the numbers that stored weights stand for.
struct WeightBounds {
  float min = 0;
  float max = 0;
};

// The weights of an index that many rows hold and that is never negative, once more, row by row, for bounds of scores:
// 0 for a row without the index, else the least code c from 1 to 255 with weight <= largest weight · c / 255. Weights
// are those that the stored ones stand for.
inline constexpr uint32_t kNoColumn = UINT32_MAX;
// An index has a column if at least one row of so many holds it: at most twice as many bytes as its postings.
inline constexpr uint32_t kColumnShare = 16;

struct PostingEntry {
  uint32_t index = 0;
  uint32_t count = 0;          // of its postings; at least 1
  uint64_t first_posting = 0;  // in postings.bin
  WeightBounds weights;        // before they were stored: what its WeightCodec is made of
  uint32_t column = kNoColumn;
  uint32_t reserved = 0;
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
  uint64_t columns = 0;
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
  VectorRef row(uint32_t row) const {
    const uint64_t first = row_offsets[row];
    const size_t size = row_offsets[row + 1] - first;
    return {{values + first, size}, {indices + first, size}};
  }
  void Prefetch(uint32_t row) const {
    constexpr uint64_t kLine = 64 / sizeof(uint32_t), kMost = 4 * kLine;
    const uint64_t end = std::min(row_offsets[row + 1], row_offsets[row] + kMost);
    for (uint64_t at = row_offsets[row]; at < end; at += kLine) {
      __builtin_prefetch(indices + at);
      __builtin_prefetch(values + at);
    }
  }
  // Where the weights of all postings begin.
  const uint8_t* weights() const { return reinterpret_cast<const uint8_t*>(posting_rows + header.elements); }
  // Where the codes of all columns begin, as bytes of postings.bin.
  uint64_t columns_offset() const {
    return header.elements * (sizeof(uint32_t) + WeightBytes(static_cast<Datatype>(header.datatype)));
  }

  const uint32_t* indices = nullptr;
  const float* values = nullptr;
  const uint32_t* posting_rows = nullptr;
  std::span<const uint64_t> row_offsets;
  std::span<const PostingEntry> entries;
  IdentityColumns identities;
};

// kCorruption names the missing, damaged or foreign file.
Result<SparseSegmentFiles> OpenSparseSegmentFiles(storage::FileSystem* fs, const std::string& directory,
                                                  const SegmentPlacement& placement);

}  // namespace sextant::vector_index
