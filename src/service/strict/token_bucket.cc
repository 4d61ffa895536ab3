#include "service/strict/token_bucket.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/retry_after.h"

namespace sextant::service {

TokenBucket::TokenBucket(uint64_t tokens_a_minute, Time now)
    : capacity_(static_cast<double>(tokens_a_minute)), tokens_(capacity_), filled_(now) {}

Status TokenBucket::Take(uint64_t cost, std::string_view what, Time now) {
  const auto wanted = static_cast<double>(cost);
  if (wanted > capacity_) {
    return Busy(fmt::format(
        "{} rate limit exceeded: Operation requires {} tokens, which exceeds the rate limiter's capacity of {:.0f}; "
        "split it into smaller operations",
        what, cost, capacity_));
  }
  const double tokens_a_second = capacity_ / 60;
  const std::lock_guard lock(mutex_);
  if (now > filled_) {
    tokens_ = std::min(capacity_, tokens_ + std::chrono::duration<double>(now - filled_).count() * tokens_a_second);
    filled_ = now;
  }
  if (tokens_ >= wanted) {
    tokens_ -= wanted;
    return OkStatus();
  }
  const auto seconds = static_cast<uint64_t>(std::ceil((wanted - tokens_) / tokens_a_second));
  return WithRetryAfter(
      Busy(fmt::format("{} rate limit exceeded: Operation requires {} tokens but only {:.0f} were available. "
                       "Retry after {}s",
                       what, cost, std::floor(tokens_), seconds)),
      seconds);
}

}  // namespace sextant::service
