#include "storage/rocks/store_file_system.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "storage/rocks/synced_mark.h"

namespace sextant::storage {

using rocksdb::FileOptions;
using rocksdb::FSDirectory;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

// RocksDB treats a full disk apart from other retryable errors, and in some places as fatal; so it is told of a plain
// error whose text says what it is.
IOStatus Retryable(IOStatus status) {
  if (status.IsNoSpace()) status = IOStatus::IOError(status.ToString());
  if (!status.ok()) status.SetRetryable(true);
  return status;
}

IOStatus AfterRetirement(const std::string& path) {
  return Retryable(IOStatus::IOError("the store was opened anew", path));
}

std::string_view FileName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

uint64_t Number(std::string_view digits) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? number : 0;
}

}  // namespace

uint64_t LogNumber(const std::string& path) {
  const std::string_view name = FileName(path);
  return name.ends_with(".log") ? Number(name.substr(0, name.size() - 4)) : 0;
}

uint64_t ManifestNumber(const std::string& path) {
  const std::string_view name = FileName(path);
  return name.starts_with("MANIFEST-") ? Number(name.substr(9)) : 0;
}

namespace {

class RetryableDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  explicit RetryableDirectory(std::unique_ptr<FSDirectory>&& directory) : FSDirectoryWrapper(std::move(directory)) {}
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Retryable(FSDirectoryWrapper::Fsync(options, debug));
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& what) override {
    return Retryable(FSDirectoryWrapper::FsyncWithDirOptions(options, debug, what));
  }
};

// Stands for the lock that the store holds.
class NoLock : public rocksdb::FileLock {};

}  // namespace

class RetryableFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  explicit RetryableFile(std::unique_ptr<FSWritableFile> file) : FSWritableFileOwnerWrapper(std::move(file)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return Wrote(data.size(), target()->Append(data, options, debug));
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& info,
                  IODebugContext* debug) override {
    return Wrote(data.size(), target()->Append(data, options, info, debug));
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    return Retryable(target()->Close(options, debug));
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return Retryable(target()->Flush(options, debug));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return Synced(target()->Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Synced(target()->Fsync(options, debug));
  }
  IOStatus RangeSync(uint64_t offset, uint64_t bytes, const IOOptions& options, IODebugContext* debug) override {
    return Retryable(target()->RangeSync(offset, bytes, options, debug));
  }
  // Nothing is allocated ahead. A file that had asked for it would be set to its full length again when it is closed,
  // also a log that was cut in the meantime.
  void PrepareWrite(size_t, size_t, const IOOptions&, IODebugContext*) override {}

 protected:
  virtual IOStatus Wrote(uint64_t, IOStatus status) { return Retryable(std::move(status)); }
  virtual IOStatus Synced(IOStatus status) { return Retryable(std::move(status)); }
};

class StoreLogFile : public RetryableFile {
 public:
  StoreLogFile(std::unique_ptr<FSWritableFile> file, StoreFiles* files, uint64_t number)
      : RetryableFile(std::move(file)), files_(files), number_(number) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return Dead() ? AfterDeath() : RetryableFile::Append(data, options, debug);
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& info,
                  IODebugContext* debug) override {
    return Dead() ? AfterDeath() : RetryableFile::Append(data, options, info, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return Dead() ? AfterDeath() : RetryableFile::Sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Dead() ? AfterDeath() : RetryableFile::Fsync(options, debug);
  }

 protected:
  IOStatus Wrote(uint64_t bytes, IOStatus status) override {
    const std::lock_guard lock(files_->mutex_);
    // An attempt counts: the file may hold any part of it.
    ++files_->log_writes_;
    if (files_->log_.number == number_) files_->log_.bytes += bytes;
    return DieUnlessOkLocked(std::move(status));
  }
  IOStatus Synced(IOStatus status) override {
    const std::lock_guard lock(files_->mutex_);
    return DieUnlessOkLocked(std::move(status));
  }

 private:
  IOStatus DieUnlessOkLocked(IOStatus status) {
    if (!status.ok()) files_->dead_through_ = std::max(files_->dead_through_, number_);
    return Retryable(std::move(status));
  }

  bool Dead() const {
    const std::lock_guard lock(files_->mutex_);
    return number_ <= files_->dead_through_;
  }

  static IOStatus AfterDeath() { return Retryable(IOStatus::IOError("an earlier write to this log failed")); }

  StoreFiles* files_;
  const uint64_t number_;
};

class StoreManifestFile : public RetryableFile {
 public:
  StoreManifestFile(std::unique_ptr<FSWritableFile> file, StoreFiles* files, uint64_t number)
      : RetryableFile(std::move(file)), files_(files), number_(number) {}

 protected:
  IOStatus Wrote(uint64_t bytes, IOStatus status) override {
    bytes_ += bytes;
    return Retryable(std::move(status));
  }
  IOStatus Synced(IOStatus status) override {
    const std::lock_guard lock(files_->mutex_);
    if (status.ok() && files_->mark_ != nullptr) files_->mark_->SetManifest(number_, bytes_);
    return Retryable(std::move(status));
  }

 private:
  StoreFiles* files_;
  const uint64_t number_;
  uint64_t bytes_ = 0;  // RocksDB writes a manifest with one thread at a time
};

LogPosition StoreFiles::log_position() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

uint64_t StoreFiles::log_writes() const {
  const std::lock_guard lock(mutex_);
  return log_writes_;
}

void StoreFiles::KillLogs() {
  const std::lock_guard lock(mutex_);
  dead_through_ = std::max(dead_through_, log_.number);
}

void StoreFiles::Retire() {
  retired_.store(true, std::memory_order_release);
  const std::lock_guard lock(mutex_);
  dead_through_ = UINT64_MAX;
  mark_ = nullptr;
}

IOStatus StoreFiles::NewWritableFile(const std::string& path, const FileOptions& options,
                                     std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) {
  if (retired_.load(std::memory_order_acquire)) return AfterRetirement(path);
  std::unique_ptr<FSWritableFile> made;
  IOStatus status = Retryable(target()->NewWritableFile(path, options, &made, debug));
  if (!status.ok()) return status;
  if (const uint64_t number = LogNumber(path); number != 0) {
    *file = std::make_unique<StoreLogFile>(std::move(made), this, number);
    const std::lock_guard lock(mutex_);
    log_ = {.number = number};
  } else if (const uint64_t manifest = ManifestNumber(path); manifest != 0) {
    *file = std::make_unique<StoreManifestFile>(std::move(made), this, manifest);
  } else {
    *file = std::make_unique<RetryableFile>(std::move(made));
  }
  return status;
}

IOStatus StoreFiles::NewDirectory(const std::string& path, const IOOptions& options,
                                  std::unique_ptr<FSDirectory>* directory, IODebugContext* debug) {
  std::unique_ptr<FSDirectory> made;
  IOStatus status = Retryable(target()->NewDirectory(path, options, &made, debug));
  if (status.ok()) *directory = std::make_unique<RetryableDirectory>(std::move(made));
  return status;
}

IOStatus StoreFiles::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                IODebugContext* debug) {
  if (retired_.load(std::memory_order_acquire)) return AfterRetirement(from);
  return Retryable(target()->RenameFile(from, to, options, debug));
}

IOStatus StoreFiles::DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) {
  // A later opening may have given the name to a file of its own.
  if (retired_.load(std::memory_order_acquire)) return IOStatus::OK();
  const bool table = path.ends_with(".sst") || path.ends_with(".blob");
  if (table && keeping_tables_.load(std::memory_order_relaxed)) return IOStatus::OK();
  return target()->DeleteFile(path, options, debug);
}

IOStatus StoreFiles::LockFile(const std::string&, const IOOptions&, rocksdb::FileLock** lock, IODebugContext*) {
  *lock = std::make_unique<NoLock>().release();
  return IOStatus::OK();
}

IOStatus StoreFiles::UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) {
  std::unique_ptr<rocksdb::FileLock> freed(lock);
  return IOStatus::OK();
}

}  // namespace sextant::storage
