#include "collection/memory_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/retry_after.h"

namespace sextant::collection {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Clock::duration kInterval = std::chrono::milliseconds(500);
// A measurement over very many collections may take at most this share of one core.
constexpr int kIdleShare = 50;

// From this share of the limit on, answers are held back.
constexpr double kSlowFrom = 0.8;
constexpr std::chrono::milliseconds kLongestDelay{1000};

}  // namespace

MemoryWatch::MemoryWatch(MemoryBudget* budget, std::function<uint64_t()> measure)
    : budget_(budget), measure_(std::move(measure)), thread_([this] { Run(); }) {}

MemoryWatch::~MemoryWatch() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  thread_.join();
}

Status MemoryWatch::Admit() const {
  const uint64_t used = budget_->used_bytes();
  if (used <= budget_->limit_bytes()) return OkStatus();
  // It frees up as soon as rows are sealed.
  return WithRetryAfter(
      Busy(fmt::format("memory is used up: the data takes {} MiB of {} MiB; delete points, place vectors on disk or "
                       "give the server more memory",
                       used >> 20, budget_->limit_bytes() >> 20)),
      1);
}

std::chrono::milliseconds MemoryWatch::Delay() const {
  const double above = std::clamp((budget_->usage() - kSlowFrom) / (1.0 - kSlowFrom), 0.0, 1.0);
  return std::chrono::milliseconds(std::llround(above * kLongestDelay.count()));
}

void MemoryWatch::Sample() {
  const uint64_t bytes = measure_();
  std::lock_guard lock(sample_mutex_);
  share_.Resize(bytes);
}

void MemoryWatch::Run() {
  std::unique_lock lock(mutex_);
  Clock::duration pause = kInterval;
  while (!stop_.wait_for(lock, pause, [this] { return stopping_; })) {
    lock.unlock();
    const Clock::time_point start = Clock::now();
    Sample();
    pause = std::max(kInterval, (Clock::now() - start) * kIdleShare);
    lock.lock();
  }
}

}  // namespace sextant::collection
