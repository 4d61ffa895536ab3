#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/write_buffer_manager.h>

#include <memory>
#include <vector>

#include "storage/store.h"

namespace sextant::storage {

// A file system that tests put under the stores.
class StoreFileSystem {
 public:
  explicit StoreFileSystem(std::shared_ptr<rocksdb::FileSystem> below) : below_(std::move(below)) {}
  const std::shared_ptr<rocksdb::FileSystem>& get() const { return below_; }

 private:
  std::shared_ptr<rocksdb::FileSystem> below_;
};

struct StoreEnvironment::Impl {
  explicit Impl(const Options& options);

  // Options of the whole store; the caller adds env, listeners and logger.
  rocksdb::DBOptions DatabaseOptions() const;
  // One for each Family, in order; kMeta is RocksDB's default family, which always exists.
  std::vector<rocksdb::ColumnFamilyDescriptor> FamilyDescriptors() const;

  bool in_memory;
  std::unique_ptr<rocksdb::Env> memory_env;  // only in memory
  std::shared_ptr<rocksdb::FileSystem> file_system;
  std::shared_ptr<rocksdb::Cache> block_cache;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers;
};

}  // namespace sextant::storage
