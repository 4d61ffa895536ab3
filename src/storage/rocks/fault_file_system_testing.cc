#include "storage/rocks/fault_file_system_testing.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cerrno>
#include <system_error>

namespace sextant::storage {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

IOStatus AsIoStatus(int error, const std::string& path) {
  if (error == 0) return IOStatus::OK();
  const std::string text = std::error_code(error, std::generic_category()).message();
  if (error == ENOSPC) return IOStatus::NoSpace(path, text);
  if (error == ENOENT) return IOStatus::PathNotFound(path, text);
  return IOStatus::IOError(path, text);
}

// Runs a real operation within the model; its own status, if it fails, wins over the injected one.
class RealOperation {
 public:
  int operator()(IOStatus status) {
    status_ = std::move(status);
    return status_.ok() ? 0 : EIO;
  }
  IOStatus Result(int error, const std::string& path) { return status_.ok() ? AsIoStatus(error, path) : status_; }

 private:
  IOStatus status_;
};

class FaultyStoreFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyStoreFile(std::shared_ptr<DiskModel> model, DiskNodePtr node, std::unique_ptr<rocksdb::FSWritableFile> file,
                  std::string path)
      : FSWritableFileOwnerWrapper(std::move(file)),
        model_(std::move(model)),
        node_(std::move(node)),
        path_(std::move(path)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    RealOperation real;
    const int error = model_->Append(node_, data.size(), [&](uint64_t part) {
      return real(target()->Append(Slice(data.data(), part), options, debug));
    });
    return real.Result(error, path_);
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    RealOperation real;
    const int error = model_->Truncate(node_, size, [&] { return real(target()->Truncate(size, options, debug)); });
    return real.Result(error, path_);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return AsIoStatus(model_->Sync(node_), path_); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return AsIoStatus(model_->Sync(node_), path_); }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Allocate(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  std::shared_ptr<DiskModel> model_;
  DiskNodePtr node_;
  std::string path_;
};

class FaultyRewrittenFile : public rocksdb::FSRandomRWFileWrapper {
 public:
  FaultyRewrittenFile(std::shared_ptr<DiskModel> model, DiskNodePtr node, std::unique_ptr<rocksdb::FSRandomRWFile> file,
                      std::string path)
      : FSRandomRWFileWrapper(file.get()),
        guard_(std::move(file)),
        model_(std::move(model)),
        node_(std::move(node)),
        path_(std::move(path)) {}

  IOStatus Write(uint64_t offset, const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    RealOperation real;
    const int error = model_->Rewrite(node_, offset + data.size(),
                                      [&] { return real(target()->Write(offset, data, options, debug)); });
    return real.Result(error, path_);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return AsIoStatus(model_->Sync(node_), path_); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return AsIoStatus(model_->Sync(node_), path_); }

 private:
  std::unique_ptr<rocksdb::FSRandomRWFile> guard_;
  std::shared_ptr<DiskModel> model_;
  DiskNodePtr node_;
  std::string path_;
};

class FaultyStoreDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyStoreDirectory(std::shared_ptr<DiskModel> model, std::unique_ptr<rocksdb::FSDirectory>&& directory,
                       std::string path)
      : FSDirectoryWrapper(std::move(directory)), model_(std::move(model)), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return AsIoStatus(model_->SyncDirectory(path_), path_); }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  std::shared_ptr<DiskModel> model_;
  std::string path_;
};

class FaultyStoreFiles : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyStoreFiles(std::shared_ptr<DiskModel> model)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), model_(std::move(model)) {}
  static const char* kClassName() { return "SextantFaultyStoreFiles"; }
  const char* Name() const override { return kClassName(); }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    DiskNodePtr node;
    if (const int error = model_->Create(path, &node); error != 0) return AsIoStatus(error, path);
    std::unique_ptr<rocksdb::FSWritableFile> made;
    IOStatus status = target()->NewWritableFile(path, options, &made, debug);
    if (status.ok()) *file = std::make_unique<FaultyStoreFile>(model_, node, std::move(made), path);
    return status;
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    const DiskNodePtr node = model_->Find(path);
    if (node == nullptr) return NewWritableFile(path, options, file, debug);
    std::unique_ptr<rocksdb::FSWritableFile> made;
    IOStatus status = target()->ReopenWritableFile(path, options, &made, debug);
    if (status.ok()) *file = std::make_unique<FaultyStoreFile>(model_, node, std::move(made), path);
    return status;
  }
  IOStatus ReuseWritableFile(const std::string& path, const std::string&, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    return NewWritableFile(path, options, file, debug);
  }
  IOStatus NewRandomRWFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* file, IODebugContext* debug) override {
    const DiskNodePtr node = model_->Find(path);
    if (node == nullptr) return AsIoStatus(ENOENT, path);
    std::unique_ptr<rocksdb::FSRandomRWFile> made;
    IOStatus status = target()->NewRandomRWFile(path, options, &made, debug);
    if (status.ok()) *file = std::make_unique<FaultyRewrittenFile>(model_, node, std::move(made), path);
    return status;
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSDirectory> made;
    IOStatus status = target()->NewDirectory(path, options, &made, debug);
    if (status.ok()) *directory = std::make_unique<FaultyStoreDirectory>(model_, std::move(made), path);
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&, IODebugContext*) override {
    return AsIoStatus(model_->Rename(from, to), from);
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return AsIoStatus(model_->Remove(path), path);
  }
  IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return AsIoStatus(model_->CreateDirectories(path), path);
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    return AsIoStatus(model_->CreateDirectories(path), path);
  }
  IOStatus LinkFile(const std::string& path, const std::string&, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported(path, "links are not simulated");
  }

 private:
  std::shared_ptr<DiskModel> model_;
};

}  // namespace

std::shared_ptr<StoreFileSystem> MakeFaultyStoreFileSystem(std::shared_ptr<DiskModel> model) {
  return std::make_shared<StoreFileSystem>(std::make_shared<FaultyStoreFiles>(std::move(model)));
}

}  // namespace sextant::storage
