#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace sextant::payload_index {

// What: a map from a byte string to an immutable value that forgets the least recently used entries beyond a budget
// of bytes.
// Threads: any; a mutex guards everything and is held for map operations only.
template <typename T>
class ByteCache {
 public:
  explicit ByteCache(size_t budget) : budget_(budget) {}

  std::shared_ptr<const T> Find(std::string_view key) {
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->value;
  }

  // Keeps `value` unless it alone is over the budget.
  void Put(std::string key, std::shared_ptr<const T> value) {
    const size_t cost = key.size() + value->memory_bytes() + sizeof(Entry);
    if (cost > budget_) return;
    const std::lock_guard lock(mutex_);
    if (by_key_.contains(key)) return;  // another thread was faster
    entries_.push_front({std::move(key), std::move(value), cost});
    by_key_.emplace(entries_.front().key, entries_.begin());
    used_ += cost;
    while (used_ > budget_) {
      used_ -= entries_.back().cost;
      by_key_.erase(entries_.back().key);
      entries_.pop_back();
    }
  }

  size_t memory_bytes() const {
    const std::lock_guard lock(mutex_);
    return used_;
  }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const T> value;
    size_t cost;
  };

  const size_t budget_;
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::list<Entry> entries_;                                                          // most recently used first
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> by_key_;  // views into entries_
  size_t used_ = 0;
};

}  // namespace sextant::payload_index
