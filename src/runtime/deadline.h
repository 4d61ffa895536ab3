#pragma once

#include <atomic>
#include <chrono>

#include "base/status.h"

namespace sextant {

// What: the moment after which the work of a request is worthless; long loops poll Expired() every ~1000 steps.
// Threads: a value.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  Deadline() = default;  // never
  static Deadline After(std::chrono::milliseconds duration) {
    Deadline d;
    d.at_ = Clock::now() + duration;
    return d;
  }
  bool Expired() const { return at_ != Clock::time_point::max() && Clock::now() >= at_; }
  Status Check() const { return Expired() ? TimeoutError("the request ran out of time") : OkStatus(); }

 private:
  Clock::time_point at_ = Clock::time_point::max();
};

// What: asks background work to stop. The owner calls Cancel(); the work polls cancelled().
// Threads: any.
class CancelToken {
 public:
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};  // a flag alone: nothing else is published through it
};

}  // namespace sextant
