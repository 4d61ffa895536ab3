#pragma once

#include <rocksdb/status.h>

#include <exception>
#include <string>
#include <string_view>

#include "base/status.h"

namespace sextant::storage {

// RocksDB's status in our classes; `context` says what was tried and on which store.
Status FromRocks(const rocksdb::Status& status, std::string_view context);

// Runs `call` (which returns our Status) and turns an exception of RocksDB or the standard library into an error.
template <typename Call>
Status Fenced(std::string_view context, Call&& call) {
  try {
    return call();
  } catch (const std::exception& e) {
    return Internal(std::string(context) + ": " + e.what());
  }
}

}  // namespace sextant::storage
