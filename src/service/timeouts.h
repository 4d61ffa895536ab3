#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace sextant::service {

// How long a request may take: what it says, or 60 s. The bound of a day keeps later sums from overflowing.
inline std::chrono::milliseconds TimeoutOf(std::optional<uint64_t> timeout_ms) {
  constexpr uint64_t kDefaultMs = 60'000;
  constexpr uint64_t kLongestMs = 24ull * 60 * 60 * 1000;
  return std::chrono::milliseconds(std::min(timeout_ms.value_or(kDefaultMs), kLongestMs));
}

// The same, but no longer than the client waits.
template <typename Options>
  requires requires(const Options& options) { options.patience_ms; }
std::chrono::milliseconds TimeoutOf(const Options& options) {
  const std::chrono::milliseconds timeout = TimeoutOf(options.timeout_ms);
  return options.patience_ms ? std::min(timeout, TimeoutOf(options.patience_ms)) : timeout;
}

}  // namespace sextant::service
