#include "storage/rocks/status.h"

#include "absl/strings/str_cat.h"

namespace sextant::storage {

Status FromRocks(const rocksdb::Status& status, std::string_view context) {
  if (status.ok()) return OkStatus();
  const std::string text = status.ToString();
  const std::string message = absl::StrCat(std::string(context), ": ", text);
  // Most errors of a full disk arrive as text (StoreFiles), and RocksDB has no code for a used-up quota.
  const auto says = [&](const char* words) { return text.find(words) != std::string::npos; };
  if (status.IsIOError() && (status.IsNoSpace() || says("No space left") || says("Disk quota exceeded"))) {
    return StorageFull(message);
  }
  if (status.IsCorruption()) return Corruption(message);
  return Internal(message);
}

}  // namespace sextant::storage
