#include "runtime/executor.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

namespace sextant {
namespace {

TEST(Executor, OneThreadRunsTasksInOrderOfArrival) {
  Executor executor("order", 1);
  std::vector<int> seen;
  for (int i = 0; i < 1000; ++i) executor.Post([&seen, i] { seen.push_back(i); });
  executor.Stop();
  ASSERT_EQ(seen.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(seen[static_cast<size_t>(i)], i);
}

TEST(Executor, StopRunsEverythingPostedFromManyThreadsAndDropsTheRest) {
  std::atomic<int> ran{0};
  Executor executor("many", 3);
  EXPECT_EQ(executor.threads(), 3);
  std::vector<std::thread> posters;
  for (int t = 0; t < 4; ++t) {
    posters.emplace_back([&] {
      for (int i = 0; i < 500; ++i) executor.Post([&ran] { ++ran; });
    });
  }
  for (std::thread& poster : posters) poster.join();
  executor.Stop();
  EXPECT_EQ(ran.load(), 2000);
  executor.Post([&ran] { ++ran; });
  executor.Stop();
  EXPECT_EQ(ran.load(), 2000);
}

TEST(Executor, TasksOfAPoolRunAtTheSameTime) {
  Executor executor("pool", 2);
  std::promise<void> first, second;
  // Each waits for the other: with one thread this would never end.
  executor.Post([&] {
    first.set_value();
    second.get_future().wait();
  });
  executor.Post([&] {
    second.set_value();
    first.get_future().wait();
  });
  executor.Stop();
}

TEST(Executor, ThreadsCarryTheirNameAndBackgroundOnesYield) {
  char name[16] = {};
  int policy = -1, nice_value = 0, low_nice = 0, normal_nice = 0;
  {
    Executor executor("averylongnameindeed", 1, Executor::Priority::kBackground);
    Executor low("low", 1, Executor::Priority::kLow);
    Executor normal("normal", 1);
    executor.Post([&] {
      pthread_getname_np(pthread_self(), name, sizeof(name));
      policy = sched_getscheduler(0);
      nice_value = getpriority(PRIO_PROCESS, 0);
    });
    low.Post([&] { low_nice = getpriority(PRIO_PROCESS, 0); });
    normal.Post([&] { normal_nice = getpriority(PRIO_PROCESS, 0); });
  }
  EXPECT_EQ(std::string(name), "averylongnam-0");
  EXPECT_EQ(policy, SCHED_BATCH);
  EXPECT_GT(nice_value, low_nice);
  EXPECT_GT(low_nice, normal_nice);
}

}  // namespace
}  // namespace sextant
