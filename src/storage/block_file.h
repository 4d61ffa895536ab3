#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "storage/file_system.h"

namespace sextant::storage {

// What: a checksummed immutable file: content first (so that it starts aligned), then one XXH3-64 per 64 KiB block of
// content, then a footer (magic, format version, kind, content length, checksum of the checksum table and footer).
// Any flipped bit or truncation is found by Open, as is a file of another kind. A file of the same kind in the wrong
// place, or an old copy, is found by comparing checksum() with the one the owner wrote down.
// Threads: the writer one at a time; the reader is immutable.
inline constexpr uint64_t kBlockBytes = 64 * 1024;

class BlockFileWriter {
 public:
  // `kind` says what the content is (each user has its own number); Open must be given the same.
  static Result<BlockFileWriter> Create(FileSystem* fs, const std::string& path, uint32_t kind);
  Status Append(std::string_view bytes);
  Status Append(const void* data, size_t size);
  // Writes table and footer, syncs, closes. The caller syncs the directory.
  Status Finish();
  uint64_t content_bytes() const { return content_bytes_; }
  // Of the whole file; set by Finish.
  uint64_t checksum() const { return checksum_; }

 private:
  BlockFileWriter() = default;
  Status WriteBlocks(std::string_view bytes);

  std::unique_ptr<WritableFile> file_;
  std::string path_;
  std::string block_;  // the bytes of the current block that are not yet written
  std::vector<uint64_t> checksums_;
  uint64_t content_bytes_ = 0;
  uint64_t checksum_ = 0;
  uint32_t kind_ = 0;
};

class BlockFile {
 public:
  // Verifies footer, table and every block. kCorruption names the file and what is wrong. What was read of a mapped
  // file does not stay in memory.
  static Result<std::shared_ptr<const BlockFile>> Open(FileSystem* fs, const std::string& path, uint32_t kind,
                                                       Placement placement);
  std::span<const uint8_t> content() const { return content_; }
  const FileBytes& file() const { return *bytes_; }
  // The same number as the writer's: two files with equal checksums are the same file.
  uint64_t checksum() const { return checksum_; }
  // Reads and verifies every block again, for a scrub. kCorruption names the file and the block.
  Status Verify() const;

 private:
  BlockFile() = default;
  Status ParseTail(uint32_t kind);
  Status VerifyBlock(uint64_t block) const;

  std::string path_;
  Placement placement_ = Placement::kMapped;
  std::shared_ptr<const FileBytes> bytes_;
  std::span<const uint8_t> content_;
  const char* table_ = nullptr;  // within bytes_: one checksum a block
  uint64_t checksum_ = 0;
};

}  // namespace sextant::storage
