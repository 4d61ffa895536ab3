#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace sextant::storage {

// The column families of a shard's store. Key and value layouts live beside the code that writes them (`points/`,
// `shard/manifest.h`).
enum class Family : uint8_t { kMeta, kIds, kPoints, kPayloads, kVectors };
inline constexpr int kFamilies = 5;

enum class SyncPolicy { kAlways, kInterval, kNever };

// What: changes that are applied together or not at all. Later entries win over earlier ones.
// Threads: one at a time.
class WriteBatch {
 public:
  WriteBatch();
  ~WriteBatch();
  WriteBatch(WriteBatch&&) noexcept;
  WriteBatch& operator=(WriteBatch&&) noexcept;

  void Put(Family family, std::string_view key, std::string_view value);
  void Delete(Family family, std::string_view key);
  void DeleteRange(Family family, std::string_view begin, std::string_view end);  // [begin, end)
  bool empty() const;
  size_t bytes() const;

 private:
  friend class Store;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What: a state of the store that stays readable while it is held. Must not outlive its Store.
// Threads: immutable; any thread.
class StoreSnapshot {
 public:
  virtual ~StoreSnapshot() = default;
};

// What: an ordered cursor over one family. Keys and values it lends live until the next move.
// Threads: one at a time.
class StoreIterator {
 public:
  virtual ~StoreIterator() = default;
  virtual void SeekToFirst() = 0;
  virtual void SeekToLast() = 0;
  virtual void Seek(std::string_view key) = 0;         // first key >= `key`
  virtual void SeekForPrev(std::string_view key) = 0;  // last key <= `key`
  virtual void Next() = 0;
  virtual void Prev() = 0;
  virtual bool Valid() const = 0;
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  virtual Status status() const = 0;  // not OK when the cursor stopped because of an error
};

// The file system under every store; made by tests (fault_testing.h). What is in it stays behind this fence.
class StoreFileSystem;

// What: what all stores of the process share: block cache, write-buffer budget, background threads, environment.
// Threads: any. Outlives every Store.
class StoreEnvironment {
 public:
  struct Options {
    uint64_t block_cache_bytes = 64ull << 20;
    uint64_t write_buffer_bytes = 64ull << 20;
    bool in_memory = false;  // ephemeral stores: nothing touches a disk, no log
    // Compactions get the CPU time that nobody else wants: for a server, whose searches come first. The threads belong
    // to the process, so this holds for all its stores from then on.
    bool compactions_yield = false;
    // Tests only: put under every store in place of the real one. Ignored in memory.
    std::shared_ptr<StoreFileSystem> file_system = nullptr;
  };
  explicit StoreEnvironment(const Options& options);
  ~StoreEnvironment();
  bool in_memory() const;
  // Current sum of memtables and block cache of all stores, bytes.
  uint64_t memory_bytes() const;

  struct Impl;  // behind the fence

 private:
  friend class Store;
  std::unique_ptr<Impl> impl_;
};

// What: one transactional key-value store (RocksDB): a shard's source of truth, or the node catalog.
// Threads: any call from any thread; commits are serialised by the caller (one writer a shard).
// Ownership: the directory is this object's alone while open (locked); borrows the environment. In memory the content
// dies with the object.
// Errors: kStorageFull on ENOSPC, kCorruption on damage (names the file), kInternal on other I/O. A failed Commit
// leaves the previous state, in memory and on disk; the next one recovers by itself, as soon as the disk allows.
// (docs/decisions/0001-store-recovery.md has the exact guarantee.)
class Store {
 public:
  // Creates the directory and the store if `create` and absent. Refuses (kCorruption) a store whose log has a hole;
  // opens when only bytes after the last synced one are damaged.
  static Result<std::unique_ptr<Store>> Open(StoreEnvironment* environment, const std::string& directory, bool create);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Applies the batch atomically; with `sync` it is on disk when this returns (ignored in memory), and so is every
  // earlier one. An empty batch with `sync` does only the latter.
  Status Commit(WriteBatch&& batch, bool sync);

  std::shared_ptr<const StoreSnapshot> Snapshot();

  // nullopt when the key is absent. `snapshot` may be null: the newest state.
  Result<std::optional<std::string>> Get(Family family, std::string_view key,
                                         const StoreSnapshot* snapshot = nullptr) const;
  // One entry per key, in order.
  Result<std::vector<std::optional<std::string>>> MultiGet(Family family, const std::vector<std::string>& keys,
                                                           const StoreSnapshot* snapshot = nullptr) const;
  std::unique_ptr<StoreIterator> Iterate(Family family, const StoreSnapshot* snapshot = nullptr) const;
  // The same to go through most of a family: reads far ahead of itself and leaves the cache to others.
  std::unique_ptr<StoreIterator> Walk(Family family, const StoreSnapshot* snapshot = nullptr) const;

  // Rewrites the key range so that deleted entries free their disk space. Blocking; background threads only.
  Status Compact(Family family, std::string_view begin, std::string_view end);
  // Rewrites everything that holds deleted entries and drops obsolete logs and files. Blocking.
  Status Flush();
  // Bytes of all files (in memory: of what would be files).
  uint64_t disk_bytes() const;

  struct Impl;  // behind the fence

 private:
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::storage
