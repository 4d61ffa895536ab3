#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/status.h"

// Damage to the files of a segment on disk, whatever its kind: each must be found when the segment is opened.
namespace sextant::vector_index {

// What: the files of one segment in a directory, and how it is opened.
struct SegmentOnDisk {
  std::string directory;
  std::span<const char* const> names;
  std::function<Status()> open;
};

// Afterwards the files are as before. Failures are those of the calling test.
void ExpectFlippedBitsToBeFound(const SegmentOnDisk& segment);
void ExpectMissingAndCutFilesToBeFound(const SegmentOnDisk& segment);
// `other`: the directory of another segment.
void ExpectFilesOfAnotherToBeFound(const SegmentOnDisk& segment, const std::string& other);

}  // namespace sextant::vector_index
