#pragma once

#include <memory>
#include <string>

#include "base/status.h"

namespace sextant::collection {

// What: keeps other processes away from a storage path while it lives: an advisory lock on `<path>/.lock`, which the
// kernel releases when the process ends, however it ends.
// Errors: kUnavailable when somebody else holds it, kInternal when the file cannot be opened.
class StorageLock {
 public:
  static Result<std::unique_ptr<StorageLock>> Acquire(const std::string& storage_path);
  ~StorageLock();
  StorageLock(const StorageLock&) = delete;
  StorageLock& operator=(const StorageLock&) = delete;

 private:
  explicit StorageLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace sextant::collection
