#include "runtime/timer.h"

#include <algorithm>

namespace sextant {

Timer::Timer() : thread_([this] { Run(); }) {}

Timer::~Timer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

Timer::TaskId Timer::RunAfter(std::chrono::milliseconds delay, std::function<void()> task) {
  // Beyond a year a task never runs; the bound keeps the addition from overflowing.
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 365);
  std::lock_guard lock(mutex_);
  const TaskId id{Clock::now() + std::min(delay, kLongest), next_++};
  const bool first = tasks_.empty() || id < tasks_.begin()->first;
  tasks_.emplace(id, std::move(task));
  if (first) changed_.notify_one();
  return id;
}

bool Timer::Cancel(const TaskId& id) {
  std::function<void()> task;  // destroyed outside the lock: its destructor may call back
  std::lock_guard lock(mutex_);
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return false;
  task = std::move(found->second);
  tasks_.erase(found);
  return true;
}

void Timer::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (tasks_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = tasks_.begin();
    if (Clock::now() < first->first.first) {
      changed_.wait_until(lock, Clock::time_point(first->first.first));
      continue;
    }
    std::function<void()> task = std::move(first->second);
    tasks_.erase(first);
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
  }
}

}  // namespace sextant
