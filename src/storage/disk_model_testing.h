#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "storage/fault_testing.h"

namespace sextant::storage {

// A file or directory of the simulated disk, whatever its name. Guarded by the model's mutex.
struct DiskNode {
  bool directory = false;
  std::string real_path;
  uint64_t size = 0;
  uint64_t synced = 0;  // bytes from the start that survive a cut
  // What the disk held before the first rewrite (not append) since the last sync; the cut leaves this or the new state.
  std::optional<std::string> before_rewrite;
  std::vector<std::pair<uint64_t, uint64_t>> doubtful;  // [begin, end) hit by a failed sync: may be lost for ever
  bool sync_failed = false;
};
using DiskNodePtr = std::shared_ptr<DiskNode>;

// What: the books of a SimulatedDisk, and the real operations that need them. All functions return an errno or 0.
// Threads: any; one mutex is held across the real operations, which keeps books and files in step.
class DiskModel {
 public:
  explicit DiskModel(std::string root);
  ~DiskModel();

  const std::string& root() const { return root_; }
  void FailNth(DiskOperation operation, uint64_t n, int error);
  bool failed() const;
  void SetFull(bool full);
  void PowerOffAtNth(uint64_t n);
  uint64_t count(DiskOperation operation) const;
  uint64_t count() const;
  void CutPower(uint64_t seed, const std::string& target);

  int Create(const std::string& path, DiskNodePtr* node);  // the caller makes the real file
  DiskNodePtr Find(const std::string& path) const;         // null if unknown
  // Writes through `write` (bytes → errno); on an injected fault, only the first half of them.
  template <typename Write>
  int Append(const DiskNodePtr& node, uint64_t bytes, Write&& write) {
    const std::lock_guard lock(mutex_);
    const int error = Begin(DiskOperation::kWrite);
    if (powered_off_) return error;
    const uint64_t part = error == 0 ? bytes : bytes / 2;
    const int real = part > 0 ? write(part) : 0;
    if (real == 0) node->size += part;
    return error != 0 ? error : real;
  }
  template <typename Write>
  int Rewrite(const DiskNodePtr& node, uint64_t end, Write&& write) {
    const std::lock_guard lock(mutex_);
    if (const int error = Begin(DiskOperation::kWrite); error != 0) return error;
    KeepBeforeRewrite(node);
    const int real = write();
    if (real == 0) node->size = std::max(node->size, end);
    return real;
  }
  template <typename Write>
  int Truncate(const DiskNodePtr& node, uint64_t size, Write&& write) {
    const std::lock_guard lock(mutex_);
    if (const int error = Begin(DiskOperation::kWrite); error != 0) return error;
    if (size < node->synced) KeepBeforeRewrite(node);
    const int real = write();
    if (real != 0) return real;
    node->size = size;
    node->synced = std::min(node->synced, size);
    return 0;
  }
  int Sync(const DiskNodePtr& node);
  int SyncDirectory(const std::string& path);
  int Rename(const std::string& from, const std::string& to);
  int Remove(const std::string& path);
  int RemoveTree(const std::string& path);
  int CreateDirectories(const std::string& path);

 private:
  using Names = std::map<std::string, DiskNodePtr>;
  // A change of names that is not synced yet.
  struct Change {
    enum Kind { kLink, kUnlink, kMove, kUnlinkTree } kind;
    std::string path;
    std::string to;  // kMove
    DiskNodePtr node;
  };

  int Begin(DiskOperation operation);  // counts; the errno to fail with, or 0
  void KeepBeforeRewrite(const DiskNodePtr& node);
  void PutAside(const std::string& path);  // out of the way, its content kept
  void Record(Change change);
  static void Apply(const Change& change, Names* names);
  static void MoveTree(const std::string& from, const std::string& to, Names* names);
  static bool Touches(const Change& change, const std::string& directory);
  Names NamesAfterCut(std::mt19937_64* random) const;
  std::string ContentAfterCut(const DiskNode& node, std::mt19937_64* random) const;

  const std::string root_;
  const std::string removed_;  // the folder of removed files
  mutable std::mutex mutex_;   // guards everything below
  Names now_;                  // what the process sees
  Names durable_;              // what a cut leaves at least
  std::vector<Change> pending_;
  uint64_t put_aside_ = 0;
  std::array<uint64_t, kDiskOperations> counts_ = {};
  DiskOperation failing_ = DiskOperation::kCreate;
  uint64_t fail_at_ = 0;  // of counts_[failing_]; 0 = never
  int fail_error_ = 0;
  bool failed_ = false;
  bool full_ = false;
  uint64_t power_off_at_ = 0;  // of all counts; 0 = never
  bool powered_off_ = false;
};

}  // namespace sextant::storage
