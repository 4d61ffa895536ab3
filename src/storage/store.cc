#include "storage/store.h"

#include <rocksdb/db.h>

#include "absl/strings/str_cat.h"
#include "storage/rocks/status.h"
#include "storage/rocks/store_impl.h"
#include "storage/rocks/write_batch_impl.h"

namespace sextant::storage {
namespace {

class RocksSnapshot : public StoreSnapshot {
 public:
  explicit RocksSnapshot(std::shared_ptr<Database> database)
      : database_(std::move(database)), snapshot_(database_->rocks()->GetSnapshot()) {}
  ~RocksSnapshot() override { database_->rocks()->ReleaseSnapshot(snapshot_); }
  const std::shared_ptr<Database>& database() const { return database_; }
  const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  std::shared_ptr<Database> database_;
  const rocksdb::Snapshot* snapshot_;
};

std::string_view AsView(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

// Where and how to read the state of `snapshot`, or the newest one.
struct Source {
  Source(const Store::Impl& store, const StoreSnapshot* snapshot) {
    const auto* taken = static_cast<const RocksSnapshot*>(snapshot);
    database = taken != nullptr ? taken->database() : store.database();
    if (taken != nullptr) options.snapshot = taken->get();
  }
  std::shared_ptr<Database> database;
  rocksdb::ReadOptions options;
};

class RocksIterator : public StoreIterator {
 public:
  RocksIterator(const Source& source, Family family, std::string context)
      : database_(source.database),
        iterator_(database_->rocks()->NewIterator(source.options, database_->family(family))),
        context_(std::move(context)) {}
  void SeekToFirst() override { iterator_->SeekToFirst(); }
  void SeekToLast() override { iterator_->SeekToLast(); }
  void Seek(std::string_view key) override { iterator_->Seek(AsSlice(key)); }
  void SeekForPrev(std::string_view key) override { iterator_->SeekForPrev(AsSlice(key)); }
  void Next() override { iterator_->Next(); }
  void Prev() override { iterator_->Prev(); }
  bool Valid() const override { return iterator_->Valid(); }
  std::string_view key() const override { return AsView(iterator_->key()); }
  std::string_view value() const override { return AsView(iterator_->value()); }
  Status status() const override { return FromRocks(iterator_->status(), context_); }

 private:
  std::shared_ptr<Database> database_;  // declared before the iterator, which must go first
  std::unique_ptr<rocksdb::Iterator> iterator_;
  std::string context_;
};

}  // namespace

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::Open(StoreEnvironment* environment, const std::string& directory, bool create) {
  auto impl = std::make_unique<Impl>(environment->impl_.get(), directory);
  RETURN_IF_ERROR(impl->Open(create));
  return std::unique_ptr<Store>(new Store(std::move(impl)));  // the constructor is private
}

Status Store::Commit(WriteBatch&& batch, bool sync) {
  return impl_->Commit(batch.impl_.get(), sync);
}

std::shared_ptr<const StoreSnapshot> Store::Snapshot() {
  return std::make_shared<RocksSnapshot>(impl_->database());
}

Result<std::optional<std::string>> Store::Get(Family family, std::string_view key,
                                              const StoreSnapshot* snapshot) const {
  const Source source(*impl_, snapshot);
  std::optional<std::string> value;
  const Status status = Fenced(impl_->Doing("read"), [&]() -> Status {
    std::string found;
    const auto got =
        source.database->rocks()->Get(source.options, source.database->family(family), AsSlice(key), &found);
    if (got.ok()) value = std::move(found);
    return got.IsNotFound() ? OkStatus() : FromRocks(got, impl_->Doing("read"));
  });
  RETURN_IF_ERROR(status);
  return value;
}

Result<std::vector<std::optional<std::string>>> Store::MultiGet(Family family, const std::vector<std::string>& keys,
                                                                const StoreSnapshot* snapshot) const {
  const Source source(*impl_, snapshot);
  std::vector<std::optional<std::string>> values(keys.size());
  const Status status = Fenced(impl_->Doing("read"), [&]() -> Status {
    const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
    std::vector<rocksdb::PinnableSlice> found(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    source.database->rocks()->MultiGet(source.options, source.database->family(family), keys.size(), slices.data(),
                                       found.data(), statuses.data());
    for (size_t i = 0; i < keys.size(); ++i) {
      if (statuses[i].IsNotFound()) continue;
      RETURN_IF_ERROR(FromRocks(statuses[i], impl_->Doing("read")));
      values[i] = found[i].ToString();
    }
    return OkStatus();
  });
  RETURN_IF_ERROR(status);
  return values;
}

std::unique_ptr<StoreIterator> Store::Iterate(Family family, const StoreSnapshot* snapshot) const {
  return std::make_unique<RocksIterator>(Source(*impl_, snapshot), family, impl_->Doing("read"));
}

std::unique_ptr<StoreIterator> Store::Walk(Family family, const StoreSnapshot* snapshot) const {
  constexpr size_t kReadAhead = size_t{2} << 20;
  Source source(*impl_, snapshot);
  source.options.readahead_size = kReadAhead;
  source.options.fill_cache = false;
  return std::make_unique<RocksIterator>(source, family, impl_->Doing("read"));
}

Status Store::Compact(Family family, std::string_view begin, std::string_view end) {
  const rocksdb::Slice first = AsSlice(begin), last = AsSlice(end);
  return impl_->CompactFamily(family, &first, &last);
}

Status Store::Flush() {
  for (int family = 0; family < kFamilies; ++family) {
    RETURN_IF_ERROR(impl_->CompactFamily(static_cast<Family>(family), nullptr, nullptr));
  }
  return OkStatus();
}

uint64_t Store::disk_bytes() const {
  uint64_t total = 0;
  std::vector<rocksdb::Env::FileAttributes> files;
  const rocksdb::IOOptions io;
  if (!impl_->file_system->GetChildrenFileAttributes(impl_->directory, io, &files, nullptr).ok()) return 0;
  for (const auto& file : files) total += file.size_bytes;
  return total;
}

}  // namespace sextant::storage
