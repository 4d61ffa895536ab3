#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

namespace sextant {

// What: a fixed pool of threads that runs tasks in order of arrival.
// Threads: Post from any thread. The destructor (or Stop) runs what was posted, then joins.
// Errors: tasks do not throw.
class Executor {
 public:
  // Low threads get a small share of a busy machine, background ones next to nothing (SCHED_BATCH, nice), also of
  // its disk.
  enum class Priority { kNormal, kLow, kBackground };
  // `name` is the threads' name (at most 12 characters).
  Executor(std::string_view name, int threads, Priority priority = Priority::kNormal);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  void Post(std::function<void()> task);
  // No task is accepted afterwards (they are dropped); waits for the running and queued ones.
  void Stop();
  int threads() const { return static_cast<int>(threads_.size()); }

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace sextant
