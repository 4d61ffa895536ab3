#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

#include "storage/anonymous_memory.h"
#include "storage/file_system.h"
#include "storage/posix_error.h"

namespace sextant::storage {
namespace {

class MemoryBytes : public FileBytes {
 public:
  MemoryBytes() = default;
  MemoryBytes(AnonymousMemory memory, size_t size) : memory_(std::move(memory)), size_(size) {}
  std::span<const uint8_t> bytes() const override { return {memory_.data(), size_}; }
  bool pinned() const override { return true; }
  void AdviseRandom() const override {}
  void Release(size_t, size_t) const override {}
  void ReadAhead(size_t, size_t) const override {}
  Status Populate(size_t, size_t) const override { return OkStatus(); }

 private:
  AnonymousMemory memory_;
  size_t size_ = 0;
};

// The tree of names. Paths are compared as text after a trailing slash is cut.
struct Tree {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<const MemoryBytes>> files;  // guarded by mutex
  std::set<std::string> directories;                                // guarded by mutex
};

std::string Normal(const std::string& path) {
  const size_t end = path.find_last_not_of('/');
  return end == std::string::npos ? std::string() : path.substr(0, end + 1);
}

std::string Parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : Normal(path.substr(0, slash));
}

// The first key of `entries` under `directory`, with all of them behind it.
template <typename Entries>
auto FirstUnder(Entries& entries, const std::string& directory) {
  return entries.lower_bound(directory + "/");
}

bool IsUnder(const std::string& path, const std::string& directory) {
  return path.size() > directory.size() && path[directory.size()] == '/' && path.starts_with(directory);
}

// Gathers privately and publishes the whole file when closed: what is lent never moves.
class MemoryWritableFile : public WritableFile {
 public:
  MemoryWritableFile(std::shared_ptr<Tree> tree, std::string path) : tree_(std::move(tree)), path_(std::move(path)) {}
  ~MemoryWritableFile() override { Publish(); }

  Status Append(std::string_view bytes) override {
    if (size_ + bytes.size() > memory_.capacity()) {
      RETURN_IF_ERROR(Annotate(memory_.Reserve(std::max(size_ + bytes.size(), size_ + size_ / 2)),
                               absl::StrCat("cannot write to '", path_, "'")));
    }
    if (!bytes.empty()) std::memcpy(memory_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return OkStatus();
  }
  Status Sync() override { return OkStatus(); }
  Status Close() override {
    Publish();
    return OkStatus();
  }

 private:
  void Publish() {
    if (tree_ == nullptr) return;
    memory_.Trim(size_);
    auto bytes = std::make_shared<const MemoryBytes>(std::move(memory_), size_);
    const std::lock_guard lock(tree_->mutex);
    // A file removed or renamed while it was being written must not come back under its old name.
    if (auto file = tree_->files.find(path_); file != tree_->files.end()) file->second = std::move(bytes);
    tree_ = nullptr;
  }

  std::shared_ptr<Tree> tree_;  // null once closed
  std::string path_;
  AnonymousMemory memory_;
  size_t size_ = 0;
};

class MemoryFileSystem : public FileSystem {
 public:
  Result<std::unique_ptr<WritableFile>> Create(const std::string& raw) override {
    const std::string path = Normal(raw);
    const std::lock_guard lock(tree_->mutex);
    if (!IsDirectory(Parent(path))) return PosixError(ENOENT, "create", path);
    if (tree_->directories.contains(path)) return PosixError(EISDIR, "create", path);
    tree_->files[path] = std::make_shared<const MemoryBytes>();
    return std::make_unique<MemoryWritableFile>(tree_, path);
  }

  Result<std::shared_ptr<const FileBytes>> Read(const std::string& path, Placement) override {
    const std::lock_guard lock(tree_->mutex);
    const auto file = tree_->files.find(Normal(path));
    if (file == tree_->files.end()) return PosixError(ENOENT, "open", path);
    return file->second;
  }

  Result<uint64_t> FileSize(const std::string& path) override {
    const std::lock_guard lock(tree_->mutex);
    const auto file = tree_->files.find(Normal(path));
    if (file == tree_->files.end()) return PosixError(ENOENT, "stat", path);
    return file->second->bytes().size();
  }

  Status Rename(const std::string& raw_from, const std::string& raw_to) override {
    const std::string from = Normal(raw_from), to = Normal(raw_to);
    const std::lock_guard lock(tree_->mutex);
    if (!IsDirectory(Parent(to))) return PosixError(ENOENT, "rename", from);
    if (const auto file = tree_->files.find(from); file != tree_->files.end()) {
      if (tree_->directories.contains(to)) return PosixError(EISDIR, "rename", from);
      auto bytes = file->second;
      tree_->files.erase(file);
      tree_->files[to] = std::move(bytes);
      return OkStatus();
    }
    if (!tree_->directories.contains(from)) return PosixError(ENOENT, "rename", from);
    if (tree_->files.contains(to)) return PosixError(ENOTDIR, "rename", from);
    if (HasEntries(to)) return PosixError(ENOTEMPTY, "rename", from);
    MoveDirectory(from, to);
    return OkStatus();
  }

  Status Remove(const std::string& path) override {
    const std::lock_guard lock(tree_->mutex);
    tree_->files.erase(Normal(path));
    return OkStatus();
  }

  Status RemoveTree(const std::string& raw) override {
    const std::string path = Normal(raw);
    const std::lock_guard lock(tree_->mutex);
    tree_->files.erase(path);
    tree_->directories.erase(path);
    for (auto it = FirstUnder(tree_->files, path); it != tree_->files.end() && IsUnder(it->first, path);) {
      it = tree_->files.erase(it);
    }
    for (auto it = FirstUnder(tree_->directories, path); it != tree_->directories.end() && IsUnder(*it, path);) {
      it = tree_->directories.erase(it);
    }
    return OkStatus();
  }

  Status CreateDirs(const std::string& raw) override {
    const std::lock_guard lock(tree_->mutex);
    for (std::string path = Normal(raw); !path.empty(); path = Parent(path)) {
      if (tree_->files.contains(path)) return PosixError(ENOTDIR, "make directory", path);
      tree_->directories.insert(path);
    }
    return OkStatus();
  }

  Status SyncDir(const std::string& path) override {
    const std::lock_guard lock(tree_->mutex);
    if (!IsDirectory(Normal(path))) return PosixError(ENOENT, "sync directory", path);
    return OkStatus();
  }

  Result<std::vector<std::string>> List(const std::string& raw) override {
    const std::string directory = Normal(raw);
    const std::lock_guard lock(tree_->mutex);
    if (!IsDirectory(directory)) return PosixError(ENOENT, "list", directory);
    std::vector<std::string> names;
    const auto add = [&](const std::string& path) {
      if (Parent(path) == directory) names.push_back(path.substr(directory.size() + 1));
    };
    for (auto it = FirstUnder(tree_->files, directory); it != tree_->files.end() && IsUnder(it->first, directory); ++it)
      add(it->first);
    for (auto it = FirstUnder(tree_->directories, directory); it != tree_->directories.end() && IsUnder(*it, directory);
         ++it)
      add(*it);
    return names;
  }

  bool Exists(const std::string& raw) override {
    const std::string path = Normal(raw);
    const std::lock_guard lock(tree_->mutex);
    return tree_->files.contains(path) || IsDirectory(path);
  }

 private:
  // The caller holds the mutex for all of these.
  bool IsDirectory(const std::string& path) const { return path.empty() || tree_->directories.contains(path); }

  bool HasEntries(const std::string& directory) const {
    const auto file = FirstUnder(tree_->files, directory);
    const auto child = FirstUnder(tree_->directories, directory);
    return (file != tree_->files.end() && IsUnder(file->first, directory)) ||
           (child != tree_->directories.end() && IsUnder(*child, directory));
  }

  void MoveDirectory(const std::string& from, const std::string& to) {
    std::vector<std::pair<std::string, std::shared_ptr<const MemoryBytes>>> files;
    for (auto it = FirstUnder(tree_->files, from); it != tree_->files.end() && IsUnder(it->first, from);) {
      files.emplace_back(to + it->first.substr(from.size()), it->second);
      it = tree_->files.erase(it);
    }
    std::vector<std::string> directories = {to};
    for (auto it = FirstUnder(tree_->directories, from); it != tree_->directories.end() && IsUnder(*it, from);) {
      directories.push_back(to + it->substr(from.size()));
      it = tree_->directories.erase(it);
    }
    tree_->directories.erase(from);
    tree_->directories.insert(directories.begin(), directories.end());
    for (auto& [path, bytes] : files) tree_->files[path] = std::move(bytes);
  }

  std::shared_ptr<Tree> tree_ = std::make_shared<Tree>();  // shared with open writers, which may outlive this object
};

}  // namespace

std::unique_ptr<FileSystem> MakeMemoryFileSystem() {
  return std::make_unique<MemoryFileSystem>();
}

}  // namespace sextant::storage
