#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace sextant {

// Bytes this process may use: the smallest memory limit of its control groups (versions 1 and 2, all levels up to the
// root) and of the machine's memory. Read once a call; never 0. `root` is put before the system's paths, for tests.
uint64_t DetectMemoryLimit(const std::string& root = "");

// How the allocator treats large and freed blocks in a server: few arenas, and blocks of a megabyte or more go straight
// back to the system. Call once, before threads start. No effect where the allocator has no such settings.
void TuneAllocator();
// Gives what finished large work (a seal, a merge, a drop) has freed back to the system. Takes milliseconds; for
// background threads.
void ReturnFreeMemory();

// What: counts bytes held by parts of the process against one limit, so that they share it and none starves another.
// It counts what it is told and allocates nothing.
// Threads: any; the counters are exact, a ratio read beside changes is a moment's value.
class MemoryBudget {
 public:
  // 0 means three quarters of DetectMemoryLimit(): the rest is the program, its stacks and what nobody counts.
  explicit MemoryBudget(uint64_t limit_bytes = 0);
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // Adds, even past the limit: for bytes that are there anyway.
  void Reserve(uint64_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
  // Adds and returns true if that stays within the limit; otherwise changes nothing.
  [[nodiscard]] bool TryReserve(uint64_t bytes);
  // Takes back what Reserve or TryReserve added.
  void Release(uint64_t bytes);

  uint64_t used_bytes() const { return used_.load(std::memory_order_relaxed); }
  uint64_t limit_bytes() const { return limit_; }
  double usage() const { return static_cast<double>(used_bytes()) / static_cast<double>(limit_); }  // may pass 1

 private:
  const uint64_t limit_;
  std::atomic<uint64_t> used_{0};
};

// What: a part's share of a budget, given back on destruction. Resize follows the part's size.
// Threads: one at a time. Ownership: borrows the budget, which outlives it.
class MemoryShare {
 public:
  explicit MemoryShare(MemoryBudget* budget) : budget_(budget) {}
  ~MemoryShare() { Resize(0); }
  MemoryShare(const MemoryShare&) = delete;
  MemoryShare& operator=(const MemoryShare&) = delete;

  void Resize(uint64_t bytes);
  uint64_t bytes() const { return bytes_; }

 private:
  MemoryBudget* budget_;
  uint64_t bytes_ = 0;
};

}  // namespace sextant
