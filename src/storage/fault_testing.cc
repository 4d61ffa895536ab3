#include "storage/fault_testing.h"

#include "storage/disk_model_testing.h"
#include "storage/posix_error.h"
#include "storage/rocks/fault_file_system_testing.h"

namespace sextant::storage {
namespace {

Status ErrorOr(int error, std::string_view action, const std::string& path) {
  return error == 0 ? OkStatus() : PosixError(error, action, path);
}

class FaultyFile : public WritableFile {
 public:
  FaultyFile(std::shared_ptr<DiskModel> model, DiskNodePtr node, std::unique_ptr<WritableFile> file, std::string path)
      : model_(std::move(model)), node_(std::move(node)), file_(std::move(file)), path_(std::move(path)) {}

  Status Append(std::string_view bytes) override {
    Status real;
    const int error = model_->Append(node_, bytes.size(), [&](uint64_t part) {
      real = file_->Append(bytes.substr(0, part));
      return real.ok() ? 0 : EIO;
    });
    RETURN_IF_ERROR(real);
    return ErrorOr(error, "write to", path_);
  }
  Status Sync() override { return ErrorOr(model_->Sync(node_), "sync", path_); }
  Status Close() override { return file_->Close(); }

 private:
  std::shared_ptr<DiskModel> model_;
  DiskNodePtr node_;
  std::unique_ptr<WritableFile> file_;
  std::string path_;
};

class FaultyFileSystem : public FileSystem {
 public:
  explicit FaultyFileSystem(std::shared_ptr<DiskModel> model) : model_(std::move(model)) {}

  Result<std::unique_ptr<WritableFile>> Create(const std::string& path) override {
    DiskNodePtr node;
    RETURN_IF_ERROR(ErrorOr(model_->Create(path, &node), "create", path));
    ASSIGN_OR_RETURN(auto file, real_->Create(path));
    return std::make_unique<FaultyFile>(model_, std::move(node), std::move(file), path);
  }
  Result<std::shared_ptr<const FileBytes>> Read(const std::string& path, Placement placement) override {
    return real_->Read(path, placement);
  }
  Result<uint64_t> FileSize(const std::string& path) override { return real_->FileSize(path); }
  Status Rename(const std::string& from, const std::string& to) override {
    return ErrorOr(model_->Rename(from, to), "rename", from);
  }
  Status Remove(const std::string& path) override {
    const int error = model_->Remove(path);
    return error == ENOENT ? OkStatus() : ErrorOr(error, "remove", path);
  }
  Status RemoveTree(const std::string& path) override { return ErrorOr(model_->RemoveTree(path), "remove", path); }
  Status CreateDirs(const std::string& path) override {
    return ErrorOr(model_->CreateDirectories(path), "make directory", path);
  }
  Status SyncDir(const std::string& path) override {
    return ErrorOr(model_->SyncDirectory(path), "sync directory", path);
  }
  Result<std::vector<std::string>> List(const std::string& directory) override { return real_->List(directory); }
  bool Exists(const std::string& path) override { return real_->Exists(path); }

 private:
  std::shared_ptr<DiskModel> model_;
  std::unique_ptr<FileSystem> real_ = MakePosixFileSystem();
};

}  // namespace

SimulatedDisk::SimulatedDisk(const std::string& root)
    : model_(std::make_shared<DiskModel>(root)),
      file_system_(std::make_unique<FaultyFileSystem>(model_)),
      store_file_system_(MakeFaultyStoreFileSystem(model_)) {}
SimulatedDisk::~SimulatedDisk() = default;

const std::string& SimulatedDisk::root() const {
  return model_->root();
}
void SimulatedDisk::FailNth(DiskOperation operation, uint64_t n, int error) {
  model_->FailNth(operation, n, error);
}
bool SimulatedDisk::failed() const {
  return model_->failed();
}
void SimulatedDisk::SetFull(bool full) {
  model_->SetFull(full);
}
void SimulatedDisk::PowerOffAtNth(uint64_t n) {
  model_->PowerOffAtNth(n);
}
uint64_t SimulatedDisk::count(DiskOperation operation) const {
  return model_->count(operation);
}
uint64_t SimulatedDisk::count() const {
  return model_->count();
}
void SimulatedDisk::CutPower(uint64_t seed, const std::string& target) {
  model_->CutPower(seed, target);
}

}  // namespace sextant::storage
