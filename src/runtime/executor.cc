#include "runtime/executor.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

namespace sextant {
namespace {

constexpr size_t kNameBytes = 12;  // Linux cuts names at 15 bytes; the rest is the thread's number
constexpr int kLowSteps = 5;       // of niceness
constexpr int kBackgroundSteps = 15;

// Not SCHED_IDLE: a busy machine would then never run a background thread that holds a lock someone waits for.
// Best effort: where the policy is forbidden the thread stays like the others.
void YieldToOthers(int steps) {
  const sched_param parameter = {};
  if (pthread_setschedparam(pthread_self(), SCHED_BATCH, &parameter) != 0) return;
  // On Linux: this thread alone. Counted from where the process stands, so that none is raised above the others.
  setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + steps);
}

// Of the disk too. A scheduler that sorts requests by place would otherwise let a random read wait half a second for a
// stream of sequential ones.
void YieldDisk() {
  constexpr int kThread = 1, kIdleClass = 3 << 13;  // the C library has neither the call nor its constants
  syscall(SYS_ioprio_set, kThread, 0, kIdleClass);
}

}  // namespace

Executor::Executor(std::string_view name, int threads, Priority priority) {
  threads_.reserve(static_cast<size_t>(threads));
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this, priority, label = std::string(name.substr(0, kNameBytes)) + "-" + std::to_string(i)] {
      pthread_setname_np(pthread_self(), label.substr(0, 15).c_str());
      if (priority != Priority::kNormal) YieldToOthers(priority == Priority::kLow ? kLowSteps : kBackgroundSteps);
      if (priority == Priority::kBackground) YieldDisk();
      Run();
    });
  }
}

Executor::~Executor() {
  Stop();
}

void Executor::Post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    queue_.push_back(std::move(task));
  }
  ready_.notify_one();
}

void Executor::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Executor::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;  // stopping, and everything posted has run
    std::function<void()> task = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what the task captured goes before the lock is taken again
    lock.lock();
  }
}

}  // namespace sextant
