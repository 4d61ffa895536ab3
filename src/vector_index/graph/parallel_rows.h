#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "runtime/deadline.h"

namespace sextant::vector_index {

// Calls `work(thread, begin, end)` for consecutive chunks of [0, count) from `threads` threads (the caller is one).
// Threads take chunks in ascending order. False when `cancel` stopped it early (null: never).
inline bool ParallelRows(int threads, size_t count, size_t chunk, const CancelToken* cancel,
                         const std::function<void(int, size_t, size_t)>& work) {
  std::atomic<size_t> next{0};
  const auto run = [&](int thread) {
    while (cancel == nullptr || !cancel->cancelled()) {
      const size_t begin = next.fetch_add(chunk, std::memory_order_relaxed);
      if (begin >= count) return;
      work(thread, begin, std::min(count, begin + chunk));
    }
  };
  const size_t useful = std::min<size_t>(static_cast<size_t>(std::max(threads, 1)), (count + chunk - 1) / chunk);
  std::vector<std::thread> others;
  for (size_t t = 1; t < useful; ++t) others.emplace_back(run, static_cast<int>(t));
  run(0);
  for (std::thread& other : others) other.join();
  return cancel == nullptr || !cancel->cancelled();
}

}  // namespace sextant::vector_index
