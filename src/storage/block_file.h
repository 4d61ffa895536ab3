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
// Any flipped bit, truncation or swapped file is found by Open.
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

 private:
  BlockFileWriter() = default;

  std::unique_ptr<WritableFile> file_;
  std::string path_;
  std::string block_;  // the bytes of the current block that are not yet written
  std::vector<uint64_t> checksums_;
  uint64_t content_bytes_ = 0;
  uint32_t kind_ = 0;
};

class BlockFile {
 public:
  // Verifies footer, table and every block. kCorruption names the file and what is wrong.
  static Result<std::shared_ptr<const BlockFile>> Open(FileSystem* fs, const std::string& path, uint32_t kind,
                                                       Placement placement);
  std::span<const uint8_t> content() const { return content_; }
  const FileBytes& file() const { return *bytes_; }

 private:
  BlockFile() = default;

  std::shared_ptr<const FileBytes> bytes_;
  std::span<const uint8_t> content_;
};

}  // namespace sextant::storage
