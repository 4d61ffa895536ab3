#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "storage/store.h"

namespace sextant::storage {

inline rocksdb::Slice AsSlice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

struct WriteBatch::Impl {
  // The first error is kept and fails the commit: an entry that was not taken must not be missed silently.
  void Keep(const rocksdb::Status& status) {
    if (error.ok()) error = status;
  }

  rocksdb::WriteBatch batch;
  rocksdb::Status error;
};

}  // namespace sextant::storage
