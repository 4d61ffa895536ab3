#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "storage/anonymous_memory.h"
#include "storage/file_system.h"
#include "storage/posix_error.h"

namespace sextant::storage {
namespace {

constexpr mode_t kFileMode = 0600;  // data is the owner's alone, whatever the umask allows
constexpr mode_t kDirectoryMode = 0700;
constexpr size_t kWriteBackBytes = size_t{8} << 20;
constexpr size_t kReadBytes = size_t{8} << 20;
constexpr off_t kReadAheadBytes = 8 << 20;  // asked of the disk beyond what is being read

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int Close() {
    const int result = fd_ >= 0 ? close(fd_) : 0;
    fd_ = -1;
    return result;
  }

 private:
  int fd_;
};

int OpenRetrying(const std::string& path, int flags, mode_t mode = 0) {
  int fd;
  do {
    fd = open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

class PosixWritableFile : public WritableFile {
 public:
  PosixWritableFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  Status Append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t n = write(fd_.get(), bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return PosixError(errno, "write to", path_);
      bytes.remove_prefix(static_cast<size_t>(n));
      written_ += static_cast<uint64_t>(n);
    }
    // Starts the write-back of a large file early, so that its Sync does not stall every other sync of the disk.
    if (written_ - write_back_ >= kWriteBackBytes) {
      sync_file_range(fd_.get(), static_cast<off64_t>(write_back_), static_cast<off64_t>(written_ - write_back_),
                      SYNC_FILE_RANGE_WRITE);
      write_back_ = written_;
    }
    return OkStatus();
  }

  Status Sync() override {
    if (fdatasync(fd_.get()) != 0) return PosixError(errno, "sync", path_);
    return OkStatus();
  }

  Status Close() override {
    if (fd_.Close() != 0) return PosixError(errno, "close", path_);
    return OkStatus();
  }

 private:
  Descriptor fd_;
  std::string path_;
  uint64_t written_ = 0;
  uint64_t write_back_ = 0;  // bytes whose write-back has been started
};

class MappedBytes : public FileBytes {
 public:
  MappedBytes(void* data, size_t size, std::string path)
      : data_(static_cast<uint8_t*>(data)), size_(size), path_(std::move(path)) {}
  ~MappedBytes() override {
    if (size_ > 0) munmap(data_, size_);
  }
  std::span<const uint8_t> bytes() const override { return {data_, size_}; }
  bool pinned() const override { return false; }
  void AdviseRandom() const override { Advise(MADV_RANDOM); }
  void Release(size_t offset, size_t size) const override {
    const auto [begin, end] = Pages(offset, size);
    if (begin < end) madvise(data_ + begin, end - begin, MADV_DONTNEED);
  }

  void ReadAhead(size_t offset, size_t size) const override {
    const auto [begin, end] = Pages(offset, size);
    if (begin < end) madvise(data_ + begin, end - begin, MADV_WILLNEED);
  }

  Status Populate(size_t offset, size_t size) const override {
    const auto [begin, end] = Pages(offset, size);
    if (begin >= end) return OkStatus();
#ifdef MADV_POPULATE_READ
    if (madvise(data_ + begin, end - begin, MADV_POPULATE_READ) == 0) return OkStatus();
    if (errno == EFAULT || errno == EHWPOISON || errno == EIO) return PosixError(EIO, "read", path_);
#endif
    madvise(data_ + begin, end - begin, MADV_WILLNEED);  // an older kernel
    return OkStatus();
  }

 private:
  // From where the first page of a range begins to its end within the file.
  std::pair<size_t, size_t> Pages(size_t offset, size_t size) const {
    return {offset / 4096 * 4096, std::min(offset + size, size_)};
  }
  void Advise(int advice) const {
    if (size_ > 0) madvise(data_, size_, advice);
  }

  uint8_t* data_;
  size_t size_;
  std::string path_;
};

class PinnedBytes : public FileBytes {
 public:
  PinnedBytes(AnonymousMemory memory, size_t size) : memory_(std::move(memory)), size_(size) {}
  std::span<const uint8_t> bytes() const override { return {memory_.data(), size_}; }
  bool pinned() const override { return true; }
  void AdviseRandom() const override {}
  void Release(size_t, size_t) const override {}
  void ReadAhead(size_t, size_t) const override {}
  Status Populate(size_t, size_t) const override { return OkStatus(); }

 private:
  AnonymousMemory memory_;
  size_t size_;
};

Result<std::shared_ptr<const FileBytes>> ReadPinned(int fd, size_t size, const std::string& path) {
  AnonymousMemory memory;
  RETURN_IF_ERROR(memory.Reserve(std::max<size_t>(size, 1)));
  size_t done = 0;
  while (done < size) {
    posix_fadvise(fd, static_cast<off_t>(done + kReadBytes), kReadAheadBytes, POSIX_FADV_WILLNEED);
    const ssize_t n = pread(fd, memory.data() + done, std::min(kReadBytes, size - done), static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return PosixError(errno, "read", path);
    if (n == 0) return Internal(absl::StrCat("cannot read '", path, "': it became shorter while it was read"));
    // Otherwise every byte would be held twice, here and in the page cache.
    posix_fadvise(fd, static_cast<off_t>(done), n, POSIX_FADV_DONTNEED);
    done += static_cast<size_t>(n);
  }
  return std::make_shared<PinnedBytes>(std::move(memory), size);
}

Status SyncDirectory(const std::string& path) {
  const Descriptor fd(OpenRetrying(path, O_RDONLY | O_DIRECTORY));
  if (fd.get() < 0) return PosixError(errno, "open directory", path);
  if (fsync(fd.get()) != 0) return PosixError(errno, "sync directory", path);
  return OkStatus();
}

class PosixFileSystem : public FileSystem {
 public:
  Result<std::unique_ptr<WritableFile>> Create(const std::string& path) override {
    const int fd = OpenRetrying(path, O_WRONLY | O_CREAT | O_TRUNC, kFileMode);
    if (fd < 0) return PosixError(errno, "create", path);
    return std::make_unique<PosixWritableFile>(fd, path);
  }

  Result<std::shared_ptr<const FileBytes>> Read(const std::string& path, Placement placement) override {
    const Descriptor fd(OpenRetrying(path, O_RDONLY));
    if (fd.get() < 0) return PosixError(errno, "open", path);
    struct stat info;
    if (fstat(fd.get(), &info) != 0) return PosixError(errno, "stat", path);
    if (!S_ISREG(info.st_mode)) return Internal(absl::StrCat("cannot read '", path, "': not a regular file"));
    const size_t size = static_cast<size_t>(info.st_size);
    if (placement == Placement::kPinned) return ReadPinned(fd.get(), size, path);
    void* data = nullptr;
    if (size > 0) data = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
    if (data == MAP_FAILED) return PosixError(errno, "map", path);
    auto bytes = std::make_shared<MappedBytes>(data, size, path);
    // The rest as it is verified.
    if (placement == Placement::kCached) bytes->ReadAhead(0, kReadBytes);
    return bytes;
  }

  Result<uint64_t> FileSize(const std::string& path) override {
    struct stat info;
    if (stat(path.c_str(), &info) != 0) return PosixError(errno, "stat", path);
    return static_cast<uint64_t>(info.st_size);
  }

  Status Rename(const std::string& from, const std::string& to) override {
    if (rename(from.c_str(), to.c_str()) != 0) return PosixError(errno, "rename", from);
    return OkStatus();
  }

  Status Remove(const std::string& path) override {
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return PosixError(errno, "remove", path);
    return OkStatus();
  }

  Status RemoveTree(const std::string& path) override {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return PosixError(error.value(), "remove", path);
    return OkStatus();
  }

  Status CreateDirs(const std::string& path) override {
    if (path.empty() || path == "/" || IsDirectory(path)) return OkStatus();
    const std::string parent = Parent(path);
    RETURN_IF_ERROR(CreateDirs(parent));
    if (mkdir(path.c_str(), kDirectoryMode) != 0 && errno != EEXIST) return PosixError(errno, "make directory", path);
    if (!IsDirectory(path)) return PosixError(ENOTDIR, "make directory", path);
    return SyncDirectory(parent);
  }

  Status SyncDir(const std::string& path) override { return SyncDirectory(path); }

  Result<std::vector<std::string>> List(const std::string& directory) override {
    DIR* stream = opendir(directory.c_str());
    if (stream == nullptr) return PosixError(errno, "list", directory);
    const std::unique_ptr<DIR, int (*)(DIR*)> closer(stream, &closedir);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = readdir(stream)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
      errno = 0;
    }
    if (errno != 0) return PosixError(errno, "list", directory);
    return names;
  }

  bool Exists(const std::string& path) override {
    struct stat info;
    return stat(path.c_str(), &info) == 0;
  }

 private:
  static bool IsDirectory(const std::string& path) {
    struct stat info;
    return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  }

  static std::string Parent(const std::string& path) {
    const size_t end = path.find_last_not_of('/');
    const size_t slash = end == std::string::npos ? end : path.rfind('/', end);
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
  }
};

}  // namespace

std::unique_ptr<FileSystem> MakePosixFileSystem() {
  return std::make_unique<PosixFileSystem>();
}

}  // namespace sextant::storage
