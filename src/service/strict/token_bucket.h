#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "base/status.h"

namespace sextant::service {

// What: limits the rate of something that costs tokens: full at the start, refilled evenly, a whole bucket a minute.
// Threads: any.
// Errors: kBusy, with the seconds after which there are enough tokens; without any when a bucket never holds so many.
class TokenBucket {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Precondition: tokens_a_minute >= 1.
  TokenBucket(uint64_t tokens_a_minute, Time now);

  // Takes the tokens, all or none. `what` begins the message ("Read", "Write").
  Status Take(uint64_t cost, std::string_view what, Time now);

 private:
  const double capacity_;
  std::mutex mutex_;
  double tokens_;  // guarded by mutex_
  Time filled_;    // guarded by mutex_; when tokens_ was right
};

}  // namespace sextant::service
