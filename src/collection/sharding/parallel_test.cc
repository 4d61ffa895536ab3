#include "collection/sharding/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

namespace sextant::collection {
namespace {

TEST(ForEachParallel, CallsEveryIndexOnce) {
  Executor executor("test", 3);
  for (const size_t count : {0, 1, 2, 100}) {
    std::vector<std::atomic<int>> calls(count);
    EXPECT_TRUE(ForEachParallel(&executor, count, [&](size_t i) {
                  ++calls[i];
                  return OkStatus();
                }).ok());
    for (const auto& call : calls) EXPECT_EQ(call, 1);
  }
}

TEST(ForEachParallel, ReturnsTheErrorOfTheSmallestIndex) {
  Executor executor("test", 3);
  const Status status =
      ForEachParallel(&executor, 20, [&](size_t i) { return i % 7 == 3 ? WrongInput(std::to_string(i)) : OkStatus(); });
  EXPECT_EQ(status.message(), "3");
}

TEST(ForEachParallel, TasksOfTheExecutorMayNestIt) {
  Executor executor("test", 2);
  std::atomic<int> calls{0};
  const Status status = ForEachParallel(&executor, 8, [&](size_t) {
    return ForEachParallel(&executor, 8, [&](size_t) {
      return ForEachParallel(&executor, 4, [&](size_t) {
        ++calls;
        return OkStatus();
      });
    });
  });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(calls, 8 * 8 * 4);
}

}  // namespace
}  // namespace sextant::collection
