#include "storage/rocks/store_file_system.h"

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

IOStatus Retryable(IOStatus status) {
  if (!status.ok()) status.SetRetryable(true);
  return status;
}

std::string_view FileName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

uint64_t Number(std::string_view digits) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? number : 0;
}

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

 protected:
  virtual IOStatus Wrote(uint64_t, IOStatus status) { return Retryable(std::move(status)); }
  virtual IOStatus Synced(IOStatus status) { return Retryable(std::move(status)); }
};

class RetryableDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  explicit RetryableDirectory(std::unique_ptr<FSDirectory>&& directory) : FSDirectoryWrapper(std::move(directory)) {}
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Retryable(FSDirectoryWrapper::Fsync(options, debug));
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& directory_options) override {
    return Retryable(FSDirectoryWrapper::FsyncWithDirOptions(options, debug, directory_options));
  }
};

}  // namespace

uint64_t LogNumber(const std::string& path) {
  const std::string_view name = FileName(path);
  return name.ends_with(".log") ? Number(name.substr(0, name.size() - 4)) : 0;
}

uint64_t ManifestNumber(const std::string& path) {
  const std::string_view name = FileName(path);
  return name.starts_with("MANIFEST-") ? Number(name.substr(9)) : 0;
}

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
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus status = RetryableFile::Close(options, debug);
    return Dead() ? AfterDeath() : status;
  }

 protected:
  IOStatus Wrote(uint64_t bytes, IOStatus status) override {
    const std::lock_guard lock(files_->mutex_);
    // An attempt counts: the file may hold any part of it.
    if (files_->log_.number == number_) files_->log_.bytes += bytes;
    return DieUnlessOkLocked(std::move(status));
  }
  IOStatus Synced(IOStatus status) override {
    const std::lock_guard lock(files_->mutex_);
    return DieUnlessOkLocked(std::move(status));
  }

 private:
  IOStatus DieUnlessOkLocked(IOStatus status) {
    if (!status.ok()) {
      dead_ = true;
      if (files_->log_.number == number_) files_->log_.dead = true;
    }
    return Retryable(std::move(status));
  }

  bool Dead() const {
    const std::lock_guard lock(files_->mutex_);
    return dead_ || number_ <= files_->dead_through_;
  }

  IOStatus AfterDeath() const {
    if (files_->recovering_.load(std::memory_order_relaxed)) return IOStatus::OK();
    return Retryable(IOStatus::IOError("an earlier write to this log failed"));
  }

  StoreFiles* files_;
  const uint64_t number_;
  bool dead_ = false;  // guarded by files_->mutex_
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
    SyncedMark* mark = files_->mark_.load(std::memory_order_acquire);
    if (status.ok() && mark != nullptr) mark->SetManifest(number_, bytes_);
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

void StoreFiles::KillLog() {
  const std::lock_guard lock(mutex_);
  log_.dead = true;
  dead_through_ = log_.number;
}

IOStatus StoreFiles::NewWritableFile(const std::string& path, const FileOptions& options,
                                     std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) {
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
  return Retryable(target()->RenameFile(from, to, options, debug));
}

}  // namespace sextant::storage
