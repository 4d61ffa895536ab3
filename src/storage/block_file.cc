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
                                                         Placement placement, Verification verification) {
  std::shared_ptr<BlockFile> file(new BlockFile());  // the constructor is private
  file->path_ = path;
  file->placement_ = placement;
  ASSIGN_OR_RETURN(file->bytes_, fs->Read(path, placement));
  RETURN_IF_ERROR(file->ParseTail(kind));
  file->verified_blocks_ = std::make_unique<std::atomic<uint64_t>[]>(file->blocks() / 64 + 1);
  if (verification == Verification::kAtOpen) RETURN_IF_ERROR(file->VerifyMore(UINT64_MAX).status());
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

uint64_t BlockFile::blocks() const {
  return Blocks(content_.size());
}

bool BlockFile::IsVerified(uint64_t block) const {
  return (verified_blocks_[block / 64].load(std::memory_order_relaxed) >> (block % 64) & 1) != 0;
}

BlockFile::Range BlockFile::BlocksOf(size_t offset, size_t size) const {
  return {offset / kBlockBytes, std::min(blocks(), Blocks(offset + size))};
}

void BlockFile::ReadAhead(size_t offset, size_t size) const {
  if (verified()) return bytes_->ReadAhead(offset, size);
  const Range range = BlocksOf(offset, size);
  for (uint64_t block = range.begin; block < range.end; ++block)
    if (!IsVerified(block)) bytes_->ReadAhead(block * kBlockBytes, kBlockBytes);
  bytes_->ReadAhead(offset, size);
}

Status BlockFile::Touch(size_t offset, size_t size) const {
  if (!verified()) {
    const Range range = BlocksOf(offset, size);
    for (uint64_t block = range.begin; block < range.end; ++block) {
      if (IsVerified(block)) continue;
      RETURN_IF_ERROR(bytes_->Populate(block * kBlockBytes, kBlockBytes));
      RETURN_IF_ERROR(VerifyBlock(block));
    }
  }
  return bytes_->Populate(offset, size);
}

Result<bool> BlockFile::VerifyMore(uint64_t most_bytes) const {
  // Read ahead of the hashing, as much as keeps a fast disk busy, and small beside any memory limit.
  constexpr uint64_t kStretchBlocks = 64, kStretchesAhead = 2;
  uint64_t block = verified_front_.load(std::memory_order_relaxed);
  const uint64_t end = most_bytes < content_.size() ? std::min(blocks(), block + Blocks(most_bytes)) : blocks();
  while (block < end) {
    const uint64_t next = std::min(end, block + kStretchBlocks),
                   ahead = std::min(end, next + kStretchesAhead * kStretchBlocks);
    const uint64_t begin = block * kBlockBytes, size = (next - block) * kBlockBytes;
    bytes_->ReadAhead(next * kBlockBytes, (ahead - next) * kBlockBytes);
    RETURN_IF_ERROR(bytes_->Populate(begin, size));
    for (; block < next; ++block)
      if (!IsVerified(block)) RETURN_IF_ERROR(VerifyBlock(block));
    verified_front_.store(block, std::memory_order_relaxed);
    if (placement_ == Placement::kMapped) bytes_->Release(begin, size);
  }
  if (end < blocks()) return false;
  verified_.store(true, std::memory_order_release);
  return true;
}

Status BlockFile::VerifyBlock(uint64_t block) const {
  const uint64_t begin = block * kBlockBytes;
  const uint64_t size = std::min<uint64_t>(kBlockBytes, content_.size() - begin);
  if (XXH3_64bits(content_.data() + begin, size) == ReadFixed64(table_ + block * kChecksumBytes)) {
    verified_blocks_[block / 64].fetch_or(uint64_t{1} << (block % 64), std::memory_order_relaxed);
    return OkStatus();
  }
  return Corruption(absl::StrCat("'", path_, "' is damaged: the checksum of block ", block, " (bytes ", begin, " to ",
                                 begin + size, ") does not match"));
}

}  // namespace sextant::storage
