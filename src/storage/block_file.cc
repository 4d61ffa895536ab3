#include "storage/block_file.h"

#include <xxhash.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/key_codec.h"

namespace sextant::storage {
namespace {

// The end of a block file, all numbers little-endian:
//   content            content_bytes
//   table              u64 XXH3 of each 64 KiB of content (the last block may be shorter)
//   footer             magic u64, version u32, kind u32, content_bytes u64, checksum u64
// where checksum is the XXH3 of the table and of the footer before it.
constexpr uint64_t kMagic = 0x4b434f4c42585453;  // "STXBLOCK"
constexpr uint32_t kVersion = 1;
constexpr size_t kFooterBytes = 32;
constexpr size_t kChecksumBytes = 8;

constexpr uint64_t Blocks(uint64_t content_bytes) {
  return content_bytes / kBlockBytes + (content_bytes % kBlockBytes != 0);
}

}  // namespace

Result<BlockFileWriter> BlockFileWriter::Create(FileSystem* fs, const std::string& path, uint32_t kind) {
  BlockFileWriter writer;
  ASSIGN_OR_RETURN(writer.file_, fs->Create(path));
  writer.path_ = path;
  writer.kind_ = kind;
  return writer;
}

Status BlockFileWriter::Append(const void* data, size_t size) {
  return Append(std::string_view(static_cast<const char*>(data), size));
}

Status BlockFileWriter::Append(std::string_view bytes) {
  content_bytes_ += bytes.size();
  if (!block_.empty()) {
    const size_t taken = std::min(bytes.size(), kBlockBytes - block_.size());
    block_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (block_.size() < kBlockBytes) return OkStatus();
    RETURN_IF_ERROR(WriteBlocks(block_));
    block_.clear();
  }
  const size_t whole = bytes.size() / kBlockBytes * kBlockBytes;
  if (whole > 0) RETURN_IF_ERROR(WriteBlocks(bytes.substr(0, whole)));
  block_.append(bytes.substr(whole));
  return OkStatus();
}

// Every block but the last of a file is whole.
Status BlockFileWriter::WriteBlocks(std::string_view bytes) {
  for (size_t begin = 0; begin < bytes.size(); begin += kBlockBytes) {
    const std::string_view block = bytes.substr(begin, kBlockBytes);
    checksums_.push_back(XXH3_64bits(block.data(), block.size()));
  }
  return file_->Append(bytes);
}

Status BlockFileWriter::Finish() {
  if (!block_.empty()) RETURN_IF_ERROR(WriteBlocks(block_));
  std::string tail;
  tail.reserve(checksums_.size() * kChecksumBytes + kFooterBytes);
  for (uint64_t checksum : checksums_) AppendFixed64(checksum, &tail);
  AppendFixed64(kMagic, &tail);
  AppendFixed32(kVersion, &tail);
  AppendFixed32(kind_, &tail);
  AppendFixed64(content_bytes_, &tail);
  checksum_ = XXH3_64bits(tail.data(), tail.size());
  AppendFixed64(checksum_, &tail);
  RETURN_IF_ERROR(file_->Append(tail));
  RETURN_IF_ERROR(file_->Sync());
  return file_->Close();
}

Result<std::shared_ptr<const BlockFile>> BlockFile::Open(FileSystem* fs, const std::string& path, uint32_t kind,
                                                         Placement placement) {
  std::shared_ptr<BlockFile> file(new BlockFile());  // the constructor is private
  file->path_ = path;
  file->placement_ = placement;
  ASSIGN_OR_RETURN(file->bytes_, fs->Read(path, placement));
  RETURN_IF_ERROR(file->ParseTail(kind));
  RETURN_IF_ERROR(file->Verify());
  return std::shared_ptr<const BlockFile>(std::move(file));
}

Status BlockFile::ParseTail(uint32_t kind) {
  const std::span<const uint8_t> bytes = bytes_->bytes();
  const auto damaged = [&](auto&&... what) { return Corruption(absl::StrCat("'", path_, "' is damaged: ", what...)); };
  if (bytes.size() < kFooterBytes) return damaged("it has ", bytes.size(), " bytes, too few for a footer");
  const char* end = reinterpret_cast<const char*>(bytes.data() + bytes.size());
  const char* footer = end - kFooterBytes;
  RETURN_IF_ERROR(bytes_->Populate(bytes.size() - kFooterBytes, kFooterBytes));
  if (ReadFixed64(footer) != kMagic) return damaged("its last bytes are not a footer (cut off, or another file)");
  const uint64_t content_bytes = ReadFixed64(footer + 16);
  const uint64_t room = bytes.size() - kFooterBytes;
  // The first comparison keeps the product from overflowing.
  if (content_bytes > room || Blocks(content_bytes) * kChecksumBytes != room - content_bytes) {
    return damaged("it has ", bytes.size(), " bytes, which do not fit ", content_bytes, " bytes of content");
  }
  table_ = footer - Blocks(content_bytes) * kChecksumBytes;
  RETURN_IF_ERROR(bytes_->Populate(content_bytes, bytes.size() - content_bytes));
  checksum_ = ReadFixed64(footer + 24);
  if (XXH3_64bits(table_, static_cast<size_t>(footer + 24 - table_)) != checksum_) {
    return damaged("the checksum of its footer does not match");
  }
  // Only now are the numbers known to be what was written.
  const uint32_t version = ReadFixed32(footer + 8);
  if (version != kVersion) {
    return Corruption(absl::StrCat("'", path_, "' has format version ", version, "; this program reads ", kVersion));
  }
  if (ReadFixed32(footer + 12) != kind) {
    return damaged("it holds content of kind ", ReadFixed32(footer + 12), ", expected ", kind, " (another file)");
  }
  content_ = bytes.first(content_bytes);
  return OkStatus();
}

Status BlockFile::Verify() const {
  // Read ahead of the hashing, as much as keeps a fast disk busy, and small beside any memory limit.
  constexpr uint64_t kStretch = 64 * kBlockBytes, kStretchesAhead = 2;
  for (uint64_t begin = 0; begin < content_.size(); begin += kStretch) {
    bytes_->ReadAhead(begin + kStretch, kStretchesAhead * kStretch);
    RETURN_IF_ERROR(bytes_->Populate(begin, kStretch));
    const uint64_t end = std::min<uint64_t>(content_.size(), begin + kStretch);
    for (uint64_t block = begin / kBlockBytes; block < Blocks(end); ++block) RETURN_IF_ERROR(VerifyBlock(block));
    if (placement_ == Placement::kMapped) bytes_->Release(begin, kStretch);
  }
  return OkStatus();
}

Status BlockFile::VerifyBlock(uint64_t block) const {
  const uint64_t begin = block * kBlockBytes;
  const uint64_t size = std::min<uint64_t>(kBlockBytes, content_.size() - begin);
  if (XXH3_64bits(content_.data() + begin, size) == ReadFixed64(table_ + block * kChecksumBytes)) return OkStatus();
  return Corruption(absl::StrCat("'", path_, "' is damaged: the checksum of block ", block, " (bytes ", begin, " to ",
                                 begin + size, ") does not match"));
}

}  // namespace sextant::storage
