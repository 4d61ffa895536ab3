#include "collection/storage_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sextant::collection {
namespace {

std::string ErrnoText(int error) {
  return std::error_code(error, std::generic_category()).message();
}

}  // namespace

Result<std::unique_ptr<StorageLock>> StorageLock::Acquire(const std::string& storage_path) {
  const std::string file = storage_path + "/.lock";
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return Internal(fmt::format("cannot open '{}': {}", file, ErrnoText(errno)));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    ::close(descriptor);
    if (error == EWOULDBLOCK) {
      return Unavailable(
          fmt::format("the storage path '{}' is in use by another running server or client; stop it or choose "
                      "another storage path",
                      storage_path));
    }
    return Internal(fmt::format("cannot lock '{}': {}", file, ErrnoText(error)));
  }
  return std::unique_ptr<StorageLock>(new StorageLock(descriptor));
}

// A child made by fork has a copy of the descriptor, which would keep the lock.
StorageLock::~StorageLock() {
  ::flock(descriptor_, LOCK_UN);
  ::close(descriptor_);
}

}  // namespace sextant::collection
