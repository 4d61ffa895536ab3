#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "runtime/deadline.h"

namespace sextant {

// What: runs short tasks at given moments on one thread of its own.
// Threads: any call from any thread, also from inside a task.
// Ownership: a task is destroyed when it has run or was cancelled. The destructor drops the tasks that are not due.
// Errors: tasks do not throw, and must not block: they delay each other.
class Timer {
 public:
  using Clock = Deadline::Clock;
  using TaskId = std::pair<Clock::time_point, uint64_t>;

  Timer();
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  TaskId RunAfter(std::chrono::milliseconds delay, std::function<void()> task);
  // False if the task is running or has run. Does not wait for a running task.
  bool Cancel(const TaskId& id);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<TaskId, std::function<void()>> tasks_;  // guarded by mutex_
  uint64_t next_ = 0;                              // guarded by mutex_
  bool stopping_ = false;                          // guarded by mutex_
  std::thread thread_;
};

}  // namespace sextant
