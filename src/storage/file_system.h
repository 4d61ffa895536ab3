#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace sextant::storage {

// What: a file being written once, front to back.
// Appends are not gathered: append blocks, not bytes. Destruction closes.
// Threads: one at a time. Errors: kStorageFull on ENOSPC, else kInternal; after an error the file is worthless.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual Status Append(std::string_view bytes) = 0;
  virtual Status Sync() = 0;   // data and size reach the disk
  virtual Status Close() = 0;  // without a Sync; the bytes can be read from now on
};

enum class Placement : uint8_t {
  kMapped,  // lazily mapped, reclaimable by the kernel
  kCached,  // mapped and read ahead once
  kPinned,  // in anonymous memory (huge pages where possible)
};

// What: an immutable file's bytes in memory.
// Threads: immutable; any thread. Ownership: unmapped or freed on destruction.
class FileBytes {
 public:
  virtual ~FileBytes() = default;
  virtual std::span<const uint8_t> bytes() const = 0;  // 64-byte aligned start
  virtual bool pinned() const = 0;
  // Tells the kernel that these bytes will be read in no order (graph walks).
  virtual void AdviseRandom() const = 0;
  // Gives the memory of a range back that can be filled again from the file.
  virtual void Release(size_t offset, size_t size) const = 0;
  // Starts reading what is not in memory of a range and returns: several ranges are then read at once.
  virtual void ReadAhead(size_t offset, size_t size) const = 0;
  // Brings a range into memory. Where the kernel can (Linux 5.14), a disk that fails to deliver it is an error here
  // instead of a signal at the first touch.
  virtual Status Populate(size_t offset, size_t size) const = 0;
};

// What: the only way to files other than the store's own: segment files. Posix on disk, anonymous memory for
// ephemeral nodes, and wrappers that inject faults in tests.
// Threads: any. Paths are plain; directories are made by CreateDirs.
// Errors: kNotFound, kStorageFull (ENOSPC, EDQUOT), else kInternal with the path and errno text.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<WritableFile>> Create(const std::string& path) = 0;  // truncates
  virtual Result<std::shared_ptr<const FileBytes>> Read(const std::string& path, Placement placement) = 0;
  virtual Result<uint64_t> FileSize(const std::string& path) = 0;
  virtual Status Rename(const std::string& from, const std::string& to) = 0;  // replaces a file `to`
  virtual Status Remove(const std::string& path) = 0;                         // a missing file is fine
  virtual Status RemoveTree(const std::string& path) = 0;                     // a missing directory is fine
  // With all parents. What it makes is on disk when it returns; `path` may exist.
  virtual Status CreateDirs(const std::string& path) = 0;
  virtual Status SyncDir(const std::string& path) = 0;  // entries created, renamed, removed reach the disk
  virtual Result<std::vector<std::string>> List(const std::string& directory) = 0;  // names only, unordered
  virtual bool Exists(const std::string& path) = 0;
};

std::unique_ptr<FileSystem> MakePosixFileSystem();
// Files live in anonymous memory and die with the object; Read lends them without a copy.
std::unique_ptr<FileSystem> MakeMemoryFileSystem();

}  // namespace sextant::storage
