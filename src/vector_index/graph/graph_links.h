#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <thread>

#include "base/status.h"
#include "storage/anonymous_memory.h"

namespace sextant::vector_index {

// Fills the unused end of a row's links.
inline constexpr uint32_t kNoRow = UINT32_MAX;

// What: a finished graph: `degree` link slots a row, used ones first. A view; owns nothing.
class GraphLinks {
 public:
  GraphLinks() = default;
  GraphLinks(const uint32_t* links, uint32_t degree) : links_(links), degree_(degree) {}

  uint32_t slots() const { return degree_; }
  template <typename Visitor>
  void ForEach(uint32_t row, Visitor&& visit) const {
    const uint32_t* const links = links_ + static_cast<size_t>(row) * degree_;
    for (uint32_t i = 0; i < degree_ && links[i] != kNoRow; ++i) visit(links[i]);
  }
  void Prefetch(uint32_t row) const {
    const char* const links = reinterpret_cast<const char*>(links_ + static_cast<size_t>(row) * degree_);
    for (size_t byte = 0; byte < degree_ * sizeof(uint32_t); byte += 64) __builtin_prefetch(links + byte);
  }

 private:
  const uint32_t* links_ = nullptr;
  uint32_t degree_ = 0;
};

// What: a graph under construction. Readers take no lock: a link list that is being rewritten reads as a mix of old
// and new links, all of which are rows, and links lead only to codes that never change.
// Threads: reads from any thread; writes to a row under its Lock.
class GrowingLinks {
 public:
  GrowingLinks(uint32_t rows, uint32_t slots) : slots_(slots), locks_(new std::atomic<bool>[rows]()) {
    const size_t count = static_cast<size_t>(rows) * slots;
    status_ = memory_.Reserve(count * sizeof(std::atomic<uint32_t>));
    if (!status_.ok()) return;
    links_ = reinterpret_cast<std::atomic<uint32_t>*>(memory_.data());
    for (size_t i = 0; i < count; ++i) new (links_ + i) std::atomic<uint32_t>(kNoRow);
  }
  // kBusy when the memory could not be had; nothing else may be called then.
  const Status& status() const { return status_; }

  // What: sole right to write one row's links. Held for microseconds, hence a spin lock.
  class Lock {
   public:
    Lock(GrowingLinks* links, uint32_t row) : lock_(links->locks_[row]) {
      // Acquire pairs with the release below: the holder sees the links of the holders before it.
      while (lock_.exchange(true, std::memory_order_acquire)) std::this_thread::yield();
    }
    ~Lock() { lock_.store(false, std::memory_order_release); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    std::atomic<bool>& lock_;
  };

  uint32_t slots() const { return slots_; }
  template <typename Visitor>
  void ForEach(uint32_t row, Visitor&& visit) const {
    const std::atomic<uint32_t>* const links = At(row);
    for (uint32_t i = 0; i < slots_; ++i) {
      const uint32_t link = links[i].load(std::memory_order_relaxed);
      if (link == kNoRow) return;
      visit(link);
    }
  }
  // Whether the row was given any links yet.
  bool HasLinks(uint32_t row) const { return At(row)[0].load(std::memory_order_relaxed) != kNoRow; }
  void Prefetch(uint32_t row) const {
    const char* const links = reinterpret_cast<const char*>(At(row));
    for (size_t byte = 0; byte < slots_ * sizeof(uint32_t); byte += 64) __builtin_prefetch(links + byte);
  }

  // Writers, under the row's lock.
  void Set(uint32_t row, std::span<const uint32_t> links) {
    for (uint32_t i = 0; i < slots_; ++i)
      At(row)[i].store(i < links.size() ? links[i] : kNoRow, std::memory_order_relaxed);
  }
  void SetSlot(uint32_t row, uint32_t slot, uint32_t link) { At(row)[slot].store(link, std::memory_order_relaxed); }

 private:
  std::atomic<uint32_t>* At(uint32_t row) const { return links_ + static_cast<size_t>(row) * slots_; }

  uint32_t slots_;
  Status status_;
  storage::AnonymousMemory memory_;         // huge pages: insertions jump about in it
  std::atomic<uint32_t>* links_ = nullptr;  // in memory_; relaxed: see the class comment
  std::unique_ptr<std::atomic<bool>[]> locks_;
};

}  // namespace sextant::vector_index
