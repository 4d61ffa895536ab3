#include "vector_index/segment_file.h"

#include "absl/strings/str_cat.h"
#include "types/config.h"

namespace sextant::vector_index {

using storage::BlockFile;

Result<std::shared_ptr<const BlockFile>> OpenSegmentFile(storage::FileSystem* fs, const SegmentFileName& name,
                                                         storage::Placement placement,
                                                         storage::Verification verification) {
  auto opened = BlockFile::Open(fs, name.path, name.block_kind, placement, verification);
  if (!opened.ok() && ErrorClassOf(opened.status()) == ErrorClass::kNotFound)
    return Corruption(absl::StrCat("'", name.path, "' is missing"));
  return opened;
}

Result<std::shared_ptr<const BlockFile>> OpenDataFile(storage::FileSystem* fs, const SegmentFileName& name,
                                                      storage::Placement placement, const ExpectedContent& expected) {
  ASSIGN_OR_RETURN(std::shared_ptr<const BlockFile> file, OpenSegmentFile(fs, name, placement, expected.verification));
  RETURN_IF_ERROR(CheckContentSize(name.path, file->content().size(), expected.size));
  if (file->checksum() != expected.checksum)
    return Corruption(absl::StrCat("'", name.path, "' belongs to another segment"));
  return file;
}

Status CheckContentSize(const std::string& path, uint64_t actual, uint64_t expected) {
  if (actual == expected) return OkStatus();
  return Corruption(absl::StrCat("'", path, "' holds ", actual, " bytes of content; its segment needs ", expected));
}

Status UnknownSegment(const std::string& path) {
  return Corruption(absl::StrCat("'", path, "' describes a segment that this program does not know"));
}

bool IsKnownDatatype(uint32_t datatype) {
  return datatype >= static_cast<uint32_t>(Datatype::kFloat32) && datatype <= static_cast<uint32_t>(Datatype::kUint8);
}

bool IsKnownDistance(uint32_t distance) {
  return distance >= static_cast<uint32_t>(Distance::kCosine) &&
         distance <= static_cast<uint32_t>(Distance::kManhattan);
}

}  // namespace sextant::vector_index
