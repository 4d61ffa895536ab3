#include "storage/rocks/status.h"

#include "absl/strings/str_cat.h"

namespace sextant::storage {

Status FromRocks(const rocksdb::Status& status, std::string_view context) {
  if (status.ok()) return OkStatus();
  const std::string text = status.ToString();
  const std::string message = absl::StrCat(std::string(context), ": ", text);
  // RocksDB has no code for a used-up quota; its text is the system's.
  if (status.IsNoSpace() || text.find("Disk quota exceeded") != std::string::npos) return StorageFull(message);
  if (status.IsCorruption()) return Corruption(message);
  return Internal(message);
}

}  // namespace sextant::storage
