#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "quantizer/codec.h"
#include "storage/block_file.h"
#include "vector_index/clusters/row_clusters.h"
#include "vector_index/graph/graph_builder.h"
#include "vector_index/identity_file.h"
#include "vector_index/recall/recall_curve.h"
#include "vector_index/segment.h"

namespace sextant::vector_index {

// The files of a segment, format version 4. Each is a storage::BlockFile (checksum a block); numbers are
// little-endian. N rows, D dimensions.
//
//   rows.bin      values in the datatype of the header [N, D]
//   codes.bin     codes [N, CodeStride(format, D)], then {f32 scale, f32 offset} [N]
//   graph.bin     u32 [N, degree]: linked rows, then kNoRow. Absent from a segment without a graph.
//   identity.bin  see identity_file.h
//   segment.bin   SegmentHeader, f32 center [D], u32 entries [entry_count], RecallPoint [recall_points],
//                 RecallPoint [probe_points], and of C clusters u32 starts [C + 1], u32 members [N or 0],
//                 codes of the centres [C, CodeStride], {f32 scale, f32 offset} [C]; written last
// Version 1 had zeros for the fields of codes: its codes are bytes. Up to version 2 there were no recall points, up to
// version 3 no clusters.
inline constexpr uint32_t kSegmentFormatVersion = 4;
inline constexpr uint32_t kOldestSegmentFormatVersion = 1;

enum class SegmentFile : uint32_t { kRows = 0, kCodes = 1, kGraph = 2, kIdentity = 3, kSegment = 4 };
inline constexpr uint32_t kDataFiles = 4;  // all but kSegment

struct SegmentHeader {
  uint32_t format_version = kSegmentFormatVersion;
  uint32_t kind = static_cast<uint32_t>(VectorKind::kDense);
  uint32_t datatype = static_cast<uint32_t>(Datatype::kFloat32);
  uint32_t distance = 0;
  uint32_t dim = 0;
  uint32_t m = 0;
  uint32_t ef_construct = 0;
  uint32_t degree = 0;  // 0: no graph
  uint32_t rows = 0;
  uint32_t entry_count = 0;
  uint64_t row_offset_count = 0;        // rows of variable length: offsets in rows.bin; none for dense
  float step = 0;                       // of the codec
  uint8_t code_format = 0;              // CodeFormat
  uint8_t code_choice = 0;              // what was asked for: 0 nothing, else 1 + CodeFormat
  uint16_t recall_points = 0;           // 0: recall was not measured
  uint64_t checksums[kDataFiles] = {};  // of the other files: one from another segment does not pass
  uint32_t cluster_count = 0;           // 0: no clusters
  uint32_t member_count = 0;            // 0: the rows of a cluster lie together
  uint32_t probe_points = 0;
  uint32_t unused = 0;
};
static_assert(sizeof(SegmentHeader) == 104, "written as it lies in memory");
inline constexpr size_t kHeaderBytesWithoutClusters = 88;

// What the segment was asked for when it was built.
CodeChoice CodeChoiceOf(const SegmentHeader& header);

std::string SegmentFilePath(const std::string& directory, SegmentFile file);
// The kind that block files of this sort carry.
uint32_t BlockKind(SegmentFile file);

// What: all that makes a segment, ready to be written; borrows everything.
struct SegmentContent {
  SegmentSpec spec;
  const RowSource* rows = nullptr;
  std::span<const uint32_t> order;  // row r of the segment is row order[r] of the source
  const quantizer::CodecParams* codec = nullptr;
  CodeRows codes;                // in segment order
  const Graph* graph = nullptr;  // null: none
  std::span<const RecallPoint> recall;
  RowClusters clusters;  // none: count() 0
  std::span<const RecallPoint> probes;
};

// Writes and syncs files and directory.
Status WriteSegmentFiles(storage::FileSystem* fs, const std::string& directory, const SegmentContent& content);

// What: the files of a segment, verified but for rows that SegmentPlacement leaves for later.
// Ownership: keeps the files; the spans live as long as they do.
struct SegmentFiles {
  SegmentHeader header;
  std::vector<float> center;
  std::vector<uint32_t> entries;
  std::vector<RecallPoint> recall;
  std::vector<RecallPoint> probes;
  std::vector<uint32_t> cluster_starts;
  std::vector<uint32_t> cluster_members;
  std::vector<int8_t> center_codes;
  std::vector<quantizer::RowTerms> center_terms;
  std::shared_ptr<const storage::BlockFile> files[kDataFiles];  // graph: null when there is none

  const storage::BlockFile& rows_file() const { return *files[static_cast<uint32_t>(SegmentFile::kRows)]; }

  const uint8_t* rows = nullptr;
  const int8_t* codes = nullptr;
  const quantizer::RowTerms* terms = nullptr;
  const uint32_t* links = nullptr;
  IdentityColumns identities;
};

// kCorruption names the missing, damaged or foreign file.
Result<SegmentFiles> OpenSegmentFiles(storage::FileSystem* fs, const std::string& directory,
                                      const SegmentPlacement& placement);

}  // namespace sextant::vector_index
