#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "storage/store.h"
#include "types/config.h"

namespace sextant::collection {

// What: the durable list of a node's collections and aliases: a small store of its own. Every change is one synced
// batch.
// Layout (family meta): `format` → u32 1; `next_id` → u64, above every id ever given; `c/` + id (big-endian u64) →
// JSON {"name", "config"}; `a/` + alias → u64 id of its collection.
// Threads: one at a time.
// Errors: kCorruption from Open and Load when an entry cannot be read (names the catalog); the store's errors
// otherwise. After a failed change the catalog is as before.
class Catalog {
 public:
  struct Entry {
    uint64_t id = 0;
    std::string name;
    Result<CollectionConfig> config;  // an error when only the configuration cannot be read
  };
  struct Contents {
    std::vector<Entry> collections;           // by id
    std::map<std::string, uint64_t> aliases;  // alias → id
    uint64_t next_id = 1;
  };

  static Result<std::unique_ptr<Catalog>> Open(storage::StoreEnvironment* environment, const std::string& directory);

  // Once, before any change.
  Result<Contents> Load();
  // Adds or replaces the entry of `id`.
  Status PutCollection(uint64_t id, const std::string& name, const CollectionConfig& config);
  Status RemoveCollection(uint64_t id, const std::vector<std::string>& aliases);
  // Alias → id to set, or nullopt to remove.
  Status ChangeAliases(const std::map<std::string, std::optional<uint64_t>>& changes);

 private:
  Catalog(std::string directory, std::unique_ptr<storage::Store> store);
  Status CheckFormat();
  Status Damaged(const std::string& what) const;
  Status LoadCollections(Contents* contents) const;
  Status LoadAliases(Contents* contents) const;

  const std::string directory_;
  std::unique_ptr<storage::Store> store_;
  uint64_t next_id_ = 1;
};

}  // namespace sextant::collection
