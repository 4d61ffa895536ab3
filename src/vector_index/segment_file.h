#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "storage/block_file.h"
#include "storage/file_system.h"

// How the files of segments of all kinds are opened. Errors: kCorruption names the file.
namespace sextant::vector_index {

// A file of one segment.
struct SegmentFileName {
  std::string path;
  uint32_t block_kind = 0;
};

// A segment is written whole before anything names it, so a missing file is damage.
Result<std::shared_ptr<const storage::BlockFile>> OpenSegmentFile(
    storage::FileSystem* fs, const SegmentFileName& name, storage::Placement placement,
    storage::Verification verification = storage::Verification::kAtOpen);

// What a segment's header says of one of its other files, and when it is verified.
struct ExpectedContent {
  uint64_t size = 0;
  uint64_t checksum = 0;
  storage::Verification verification = storage::Verification::kAtOpen;
};
// The same for a data file, which must be this segment's and have the right size.
Result<std::shared_ptr<const storage::BlockFile>> OpenDataFile(storage::FileSystem* fs, const SegmentFileName& name,
                                                               storage::Placement placement,
                                                               const ExpectedContent& expected);

Status CheckContentSize(const std::string& path, uint64_t actual, uint64_t expected);
// Of a header whose numbers mean nothing here.
Status UnknownSegment(const std::string& path);
bool IsKnownDatatype(uint32_t datatype);
bool IsKnownDistance(uint32_t distance);

}  // namespace sextant::vector_index
