#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "collection/collection.h"

namespace sextant::collection {

// What: the names a node knows at one moment: collections (open or set aside) and aliases.
// Threads: immutable once published.
// Ownership: keeps the collections open.
struct Registry {
  struct Entry {
    uint64_t id = 0;
    std::string name;
    std::shared_ptr<Collection> collection;  // null when set aside
    Status damage;                           // why it was set aside
  };

  std::map<std::string, std::shared_ptr<const Entry>, std::less<>> collections;  // by name
  std::map<std::string, std::string, std::less<>> aliases;                       // alias → name of its collection

  // By name or alias; null when there is none.
  const Entry* Find(std::string_view name_or_alias) const {
    auto found = collections.find(name_or_alias);
    if (found == collections.end()) {
      const auto alias = aliases.find(name_or_alias);
      if (alias == aliases.end()) return nullptr;
      found = collections.find(alias->second);
    }
    return found == collections.end() ? nullptr : found->second.get();
  }
};

}  // namespace sextant::collection
