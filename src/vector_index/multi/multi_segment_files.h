#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "quantizer/int8_codec.h"
#include "storage/block_file.h"
#include "types/config.h"
#include "vector_index/identity_file.h"
#include "vector_index/segment.h"

namespace sextant::vector_index {

// The files of a segment of multivectors, format version 1. Each is a storage::BlockFile (checksum a block); numbers
// are little-endian. N rows of T tokens in all (a token is one row of a multivector), D dimensions.
//
//   rows.bin      values [T, D] in the segment's datatype: the tokens of row 0, of row 1, …
//   offsets.bin   u64 [N + 1]: tokens before each row
//   codes.bin     i8 [T, Int8Codec::CodeStride(D)], then {f32 scale, f32 offset} [T]; in graph order
//   graph.bin     u32 [T, degree]: linked tokens, then kNoRow; in graph order. Then u32 [T]: the place in graph order
//   of
//                 each token of rows.bin
//   identity.bin  see identity_file.h
//   segment.bin   MultiHeader, f32 center [D], u32 entries [entry_count]; written last
//
// A segment without a graph (degree 0) has neither codes.bin nor graph.bin.
inline constexpr uint32_t kMultiFormatVersion = 1;

enum class MultiFile : uint32_t { kRows = 0, kOffsets = 1, kCodes = 2, kGraph = 3, kIdentity = 4, kSegment = 5 };
inline constexpr uint32_t kMultiDataFiles = 5;  // all but kSegment

struct MultiHeader {
  uint32_t format_version = kMultiFormatVersion;
  uint32_t kind = static_cast<uint32_t>(VectorKind::kMulti);
  uint32_t datatype = 0;
  uint32_t distance = 0;
  uint32_t dim = 0;
  uint32_t m = 0;
  uint32_t ef_construct = 0;
  uint32_t degree = 0;  // 0: no graph
  uint32_t rows = 0;
  uint32_t entry_count = 0;
  uint64_t tokens = 0;
  float step = 0;  // of the codec
  uint32_t reserved = 0;
  uint64_t checksums[kMultiDataFiles] = {};  // of the other files: one from another segment does not pass
};
static_assert(sizeof(MultiHeader) == 96, "written as it lies in memory");

// Graphs number their rows below it; a segment with more tokens is searched by scanning.
constexpr uint64_t kMostGraphTokens = uint64_t{1} << 31;

std::string MultiFilePath(const std::string& directory, MultiFile file);
// The kind that block files of this sort carry.
uint32_t MultiBlockKind(MultiFile file);

// What: the verified files of a segment.
// Ownership: keeps the files; the pointers live as long as they do.
struct MultiSegmentFiles {
  MultiHeader header;
  std::vector<float> center;
  std::vector<uint32_t> entries;
  std::shared_ptr<const storage::BlockFile> files[kMultiDataFiles];  // codes and graph: null when there are none

  const storage::BlockFile* file(MultiFile which) const { return files[static_cast<uint32_t>(which)].get(); }
  bool has_graph() const { return header.degree > 0; }

  const uint8_t* values = nullptr;
  std::span<const uint64_t> offsets;
  const int8_t* codes = nullptr;
  const quantizer::RowTerms* terms = nullptr;
  const uint32_t* links = nullptr;
  std::span<const uint32_t> places;
  IdentityColumns identities;
};

// kCorruption names the missing, damaged or foreign file.
Result<MultiSegmentFiles> OpenMultiSegmentFiles(storage::FileSystem* fs, const std::string& directory,
                                                const SegmentPlacement& placement);

}  // namespace sextant::vector_index
