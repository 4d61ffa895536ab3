#pragma once

#include <atomic>
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
// Any flipped bit or truncation is found: by Open, or in content that is verified later, before it is used. A file of
// the same kind in the wrong place, or an old copy, is found by comparing checksum() with the one the owner wrote down.
// Threads: the writer one at a time; the reader from any thread.
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

// When the blocks of content are verified; footer and table always are by Open.
enum class Verification : uint8_t {
  kAtOpen,
  kOnTouch,  // by Touch and VerifyMore: a large file need not be read before it can be used
};

class BlockFile {
 public:
  // kCorruption names the file and what is wrong. What was read of a mapped file does not stay in memory.
  static Result<std::shared_ptr<const BlockFile>> Open(FileSystem* fs, const std::string& path, uint32_t kind,
                                                       Placement placement,
                                                       Verification verification = Verification::kAtOpen);
  // Until verified(), only what was touched may be believed.
  std::span<const uint8_t> content() const { return content_; }
  const FileBytes& file() const { return *bytes_; }
  // The same number as the writer's: two files with equal checksums are the same file.
  uint64_t checksum() const { return checksum_; }

  // Whether every block has been verified since the file was opened.
  bool verified() const { return verified_.load(std::memory_order_acquire); }
  // Starts reading what Touch will bring into memory and verify.
  void ReadAhead(size_t offset, size_t size) const;
  // Brings a range of the content into memory, and verifies its blocks where that was not done before. kCorruption
  // names the file and the block, at every call.
  Status Touch(size_t offset, size_t size) const;
  // Reads and verifies about `most_bytes` of what was not verified yet, from the front, and asks the disk for no more
  // than that at once. True: nothing is left.
  Result<bool> VerifyMore(uint64_t most_bytes) const;

 private:
  struct Range {
    uint64_t begin = 0;
    uint64_t end = 0;
  };

  BlockFile() = default;
  Status ParseTail(uint32_t kind);
  uint64_t blocks() const;
  bool IsVerified(uint64_t block) const;
  // Of the blocks that hold a range of the content.
  Range BlocksOf(size_t offset, size_t size) const;
  Status VerifyBlock(uint64_t block) const;

  std::string path_;
  Placement placement_ = Placement::kMapped;
  std::shared_ptr<const FileBytes> bytes_;
  std::span<const uint8_t> content_;
  const char* table_ = nullptr;  // within bytes_: one checksum a block
  uint64_t checksum_ = 0;
  // A bit for each verified block. Set after the block was read, by whoever read it; the bytes never change.
  std::unique_ptr<std::atomic<uint64_t>[]> verified_blocks_;
  mutable std::atomic<uint64_t> verified_front_{0};  // all blocks before it are verified
  mutable std::atomic<bool> verified_{false};
};

}  // namespace sextant::storage
