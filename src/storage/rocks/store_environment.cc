#include "storage/rocks/store_environment.h"

#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

namespace sextant::storage {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr const char* kFamilyNames[kFamilies] = {"default", "ids", "points", "payloads", "vectors"};

// Idle stores must cost little: a memtable takes memory in blocks of this size, and only once it is written to.
constexpr size_t kArenaBlockBytes = 64 * 1024;
// Values from this size go to blob files, so that compaction moves keys and not raw vectors.
constexpr uint64_t kMinBlobBytes = 256;

rocksdb::ColumnFamilyOptions FamilyOptions(Family family, bool in_memory,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;  // otherwise they would be outside every budget
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  if (family == Family::kIds || family == Family::kPoints) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));  // most upserts ask for ids that do not exist
  }
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.arena_block_size = kArenaBlockBytes;
  options.max_write_buffer_number = 2;  // more is hit by a flush-retry bug before RocksDB 7.9
  options.level_compaction_dynamic_level_bytes = true;
  options.target_file_size_base = 16 * kMiB;
  options.max_bytes_for_level_base = 64 * kMiB;
  options.num_levels = 5;  // 64 GiB before the last level grows beyond ten times the one above
  options.compression = rocksdb::kNoCompression;
  options.write_buffer_size = 8 * kMiB;
  if (family == Family::kPayloads || family == Family::kVectors) options.write_buffer_size = 32 * kMiB;
  if (in_memory) return options;
  if (family == Family::kPayloads) options.compression = rocksdb::kLZ4Compression;
  if (family == Family::kVectors) {
    options.enable_blob_files = true;
    options.min_blob_size = kMinBlobBytes;
    options.blob_file_size = 64 * kMiB;
    options.enable_blob_garbage_collection = true;
    options.blob_garbage_collection_age_cutoff = 1.0;  // sealing deletes the newest as soon as the oldest
    options.blob_garbage_collection_force_threshold = 0.5;
  }
  return options;
}

}  // namespace

StoreEnvironment::Impl::Impl(const Options& options)
    : in_memory(options.in_memory),
      block_cache(rocksdb::NewLRUCache(options.block_cache_bytes, /*num_shard_bits=*/4)),
      write_buffers(std::make_shared<rocksdb::WriteBufferManager>(options.write_buffer_bytes)) {
  rocksdb::Env* real = rocksdb::Env::Default();
  if (in_memory) {
    memory_env.reset(rocksdb::NewMemEnv(real));
    file_system = memory_env->GetFileSystem();
  } else {
    file_system = options.file_system != nullptr ? options.file_system->get() : real->GetFileSystem();
  }
  // The pools belong to the process. Flushes (HIGH) make room for writes; compactions (LOW) can wait.
  real->IncBackgroundThreadsIfNeeded(1, rocksdb::Env::HIGH);
  real->IncBackgroundThreadsIfNeeded(1, rocksdb::Env::LOW);
  if (options.compactions_yield) real->LowerThreadPoolCPUPriority(rocksdb::Env::LOW);
}

rocksdb::DBOptions StoreEnvironment::Impl::DatabaseOptions() const {
  rocksdb::DBOptions options;
  options.write_buffer_manager = write_buffers;
  options.atomic_flush = true;
  options.max_background_jobs = 2;

  // Recovery: see docs/decisions/0001-store-recovery.md.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.recycle_log_file_num = 0;
  options.track_and_verify_wals_in_manifest = false;  // with synced writes, cannot reopen before RocksDB 7.10
  options.max_total_wal_size = 64 * kMiB;             // bounds the replay at start
  options.avoid_flush_during_shutdown = true;         // the log has it
  options.max_bgerror_resume_count = 0;               // the store resumes, on its next commit

  // Thousands of stores in one process.
  options.max_open_files = 256;
  options.max_file_opening_threads = 1;
  options.table_cache_numshardbits = 1;
  options.writable_file_max_buffer_size = 16 * 1024;  // a log and a manifest each keep one
  options.skip_stats_update_on_db_open = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.max_manifest_file_size = 16 * kMiB;
  options.allow_fallocate = false;  // a log would take its write buffers' size on disk from the first byte

  // One writer a store.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  options.avoid_unnecessary_blocking_io = true;  // readers do not delete files
  options.bytes_per_sync = kMiB;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> StoreEnvironment::Impl::FamilyDescriptors() const {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (int i = 0; i < kFamilies; ++i) {
    descriptors.emplace_back(kFamilyNames[i], FamilyOptions(static_cast<Family>(i), in_memory, block_cache));
  }
  return descriptors;
}

StoreEnvironment::StoreEnvironment(const Options& options) : impl_(std::make_unique<Impl>(options)) {}
StoreEnvironment::~StoreEnvironment() = default;
bool StoreEnvironment::in_memory() const {
  return impl_->in_memory;
}
uint64_t StoreEnvironment::memory_bytes() const {
  return impl_->write_buffers->memory_usage() + impl_->block_cache->GetUsage();
}

}  // namespace sextant::storage
