#include <rocksdb/write_batch.h>

#include "storage/rocks/write_batch_impl.h"
#include "storage/store.h"

namespace sextant::storage {
namespace {

// RocksDB asks a handle only for the family's number and for its comparator (the default one here), so that a batch can
// be filled before any store is open. Family numbers are given in the order of creation: kMeta, the default, is 0.
class NumberedFamily : public rocksdb::ColumnFamilyHandle {
 public:
  explicit NumberedFamily(uint32_t id) : id_(id) {}
  const std::string& GetName() const override { return name_; }
  uint32_t GetID() const override { return id_; }
  rocksdb::Status GetDescriptor(rocksdb::ColumnFamilyDescriptor*) override { return rocksdb::Status::NotSupported(); }
  const rocksdb::Comparator* GetComparator() const override { return rocksdb::BytewiseComparator(); }

 private:
  uint32_t id_;
  std::string name_;
};

rocksdb::ColumnFamilyHandle* Handle(Family family) {
  static NumberedFamily handles[kFamilies] = {NumberedFamily(0), NumberedFamily(1), NumberedFamily(2),
                                              NumberedFamily(3), NumberedFamily(4)};
  return &handles[static_cast<int>(family)];
}

}  // namespace

WriteBatch::WriteBatch() : impl_(std::make_unique<Impl>()) {}
WriteBatch::~WriteBatch() = default;
WriteBatch::WriteBatch(WriteBatch&&) noexcept = default;
WriteBatch& WriteBatch::operator=(WriteBatch&&) noexcept = default;

void WriteBatch::Put(Family family, std::string_view key, std::string_view value) {
  impl_->Keep(impl_->batch.Put(Handle(family), AsSlice(key), AsSlice(value)));
}
void WriteBatch::Delete(Family family, std::string_view key) {
  impl_->Keep(impl_->batch.Delete(Handle(family), AsSlice(key)));
}
void WriteBatch::DeleteRange(Family family, std::string_view begin, std::string_view end) {
  if (begin >= end) return;  // RocksDB would refuse the whole batch
  impl_->Keep(impl_->batch.DeleteRange(Handle(family), AsSlice(begin), AsSlice(end)));
}
bool WriteBatch::empty() const {
  return impl_->batch.Count() == 0;
}
size_t WriteBatch::bytes() const {
  return impl_->batch.GetDataSize();
}

}  // namespace sextant::storage
