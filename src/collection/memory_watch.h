#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "base/status.h"
#include "runtime/memory.h"

namespace sextant::collection {

// What: measures now and then how much memory a node's data takes and says whether there is room for more. Measuring
// instead of counting keeps every part of the engine free of bookkeeping; what arrives between two measurements is the
// price, which the share that the budget leaves to the rest of the process covers.
// Threads: Admit from any thread; it never waits. Measures on a thread of its own.
// Ownership: borrows the budget, and what `measure` uses, until destroyed.
// Errors: kBusy from Admit while the last measurement is past the limit.
class MemoryWatch {
 public:
  MemoryWatch(MemoryBudget* budget, std::function<uint64_t()> measure);
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  // For updates that add data; reads and deletions need no leave.
  Status Admit() const;
  // How long the answer to such an update should be held back, so that those who wait for answers write more slowly
  // while seals free memory: nothing below four fifths of the limit, then in proportion, up to a second at the limit.
  std::chrono::milliseconds Delay() const;
  // Measures at once.
  void Sample();

 private:
  void Run();

  MemoryBudget* const budget_;
  const std::function<uint64_t()> measure_;

  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;  // guarded by mutex_
  std::mutex sample_mutex_;
  MemoryShare share_{budget_};  // guarded by sample_mutex_
  std::thread thread_;          // last: it uses all of the above
};

}  // namespace sextant::collection
