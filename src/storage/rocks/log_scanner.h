#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace sextant::storage {

// One whole record of a log file, its checksums verified.
struct LogRecord {
  std::string_view payload;  // lives during the callback
  uint64_t end = 0;          // offset of the byte behind it
  bool after_damage = false;
};

struct LogExtent {
  uint64_t good_bytes = 0;  // the file up to the end of the last record before any damage
  bool damaged = false;     // something follows that is not a record: torn, zeroed, flipped, or cut off
};

// Reads a file in RocksDB's log format (write-ahead logs and manifests), passing every record that is whole, also
// behind damage. Format: https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format – blocks of 32 KiB of
// fragments [masked CRC-32C u32, length u16, type u8, bytes]; recycled and compressed logs are not written by us.
LogExtent ScanLog(std::string_view bytes, const std::function<void(const LogRecord&)>& on_record);

}  // namespace sextant::storage
