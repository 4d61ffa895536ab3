#include "runtime/timer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <vector>

namespace sextant {
namespace {

using std::chrono::milliseconds;

TEST(Timer, RunsTasksInOrderOfTheirMoments) {
  Timer timer;
  std::vector<int> order;  // written by the timer's thread alone until the future is set
  std::promise<void> done;
  timer.RunAfter(milliseconds(30), [&] { done.set_value(); });
  timer.RunAfter(milliseconds(20), [&] { order.push_back(2); });
  timer.RunAfter(milliseconds(10), [&] { order.push_back(1); });
  done.get_future().wait();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(Timer, NeverRunsACancelledTask) {
  Timer timer;
  std::atomic<bool> ran{false};
  const Timer::TaskId id = timer.RunAfter(milliseconds(20), [&] { ran = true; });
  EXPECT_TRUE(timer.Cancel(id));
  EXPECT_FALSE(timer.Cancel(id));
  std::promise<void> later;
  timer.RunAfter(milliseconds(40), [&] { later.set_value(); });
  later.get_future().wait();
  EXPECT_FALSE(ran);
}

TEST(Timer, TaskMayScheduleAnother) {
  Timer timer;
  std::promise<void> done;
  timer.RunAfter(milliseconds(0), [&] { timer.RunAfter(milliseconds(0), [&] { done.set_value(); }); });
  done.get_future().wait();
}

TEST(Timer, DropsWhatIsNotDueOnDestruction) {
  std::atomic<bool> ran{false};
  auto held = std::make_shared<int>(0);
  {
    Timer timer;
    timer.RunAfter(std::chrono::hours(1), [&ran, held] { ran = true; });
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace sextant
