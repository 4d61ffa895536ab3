#pragma once

#include <string>

namespace sextant::storage {

// What: a fresh directory for one test, removed with everything in it on destruction.
// Threads: immutable. Errors: ends the process when the directory cannot be made.
class TemporaryDirectory {
 public:
  // kMemory is for tests whose syncs need not be real: a file system in memory where the machine has one.
  enum Kind { kDisk, kMemory };
  explicit TemporaryDirectory(Kind kind = kDisk);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace sextant::storage
