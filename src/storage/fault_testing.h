#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "storage/file_system.h"
#include "storage/store.h"

namespace sextant::storage {

class DiskModel;

enum class DiskOperation { kCreate, kWrite, kSync, kRename, kRemove };
inline constexpr int kDiskOperations = 5;

// What: for tests: a directory behind which a disk with a volatile cache is simulated. It remembers which bytes and
// which directory entries were synced, under both seams: segment files (file_system) and stores (store_file_system).
// Its syncs only keep these books, so tests run fast. CreateDirs is durable at once, as the seam promises.
// Threads: any.
// Ownership: file systems and what they opened may outlive the disk object.
class SimulatedDisk {
 public:
  // What lies under `root` (made if absent) counts as synced. Keeps removed files in `<root>.removed` until destroyed.
  explicit SimulatedDisk(const std::string& root);
  ~SimulatedDisk();
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  const std::string& root() const;
  FileSystem* file_system() { return file_system_.get(); }
  std::shared_ptr<StoreFileSystem> store_file_system() { return store_file_system_; }

  // The n-th operation of this kind from now (1 = the next) fails once with this errno; a failing write writes half.
  // A failed sync is treacherous: later syncs succeed, but what it should have synced may be lost all the same.
  void FailNth(DiskOperation operation, uint64_t n, int error);
  // True once the operation that FailNth chose was reached.
  bool failed() const;
  // While full, creations and writes fail with ENOSPC.
  void SetFull(bool full);
  // The power goes off at the n-th operation of any kind from now: it and everything later fails and changes nothing.
  void PowerOffAtNth(uint64_t n);
  // Operations so far.
  uint64_t count(DiskOperation operation) const;
  uint64_t count() const;

  // Turns the power off (if it is on) and fills the new directory `target` with what a disk could hold afterwards:
  // everything synced, and of the rest a seeded choice: bytes dropped, kept up to a point, kept in some pages and lost
  // in earlier ones, or garbage; creations, renames and removals done or undone, in order or not.
  void CutPower(uint64_t seed, const std::string& target);

 private:
  std::shared_ptr<DiskModel> model_;
  std::unique_ptr<FileSystem> file_system_;
  std::shared_ptr<StoreFileSystem> store_file_system_;
};

}  // namespace sextant::storage
