#include "collection/memory_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace sextant::collection {
namespace {

TEST(MemoryWatch, RefusesPastTheLimitAndAdmitsAgainBelowIt) {
  std::atomic<uint64_t> bytes{100};
  MemoryBudget budget(100);
  MemoryWatch watch(&budget, [&] { return bytes.load(); });
  watch.Sample();
  EXPECT_TRUE(watch.Admit().ok());
  bytes = 101;
  watch.Sample();
  EXPECT_EQ(ErrorClassOf(watch.Admit()), ErrorClass::kBusy);
  bytes = 7;
  watch.Sample();
  EXPECT_TRUE(watch.Admit().ok());
}

TEST(MemoryWatch, DelaysInProportionFromFourFifthsOn) {
  std::atomic<uint64_t> bytes{0};
  MemoryBudget budget(1000);
  MemoryWatch watch(&budget, [&] { return bytes.load(); });
  const auto delay_at = [&](uint64_t used) {
    bytes = used;
    watch.Sample();
    return watch.Delay().count();
  };
  EXPECT_EQ(delay_at(0), 0);
  EXPECT_EQ(delay_at(800), 0);
  EXPECT_EQ(delay_at(850), 250);
  EXPECT_EQ(delay_at(900), 500);
  EXPECT_EQ(delay_at(1000), 1000);
  EXPECT_EQ(delay_at(5000), 1000);
}

TEST(MemoryWatch, MeasuresByItself) {
  std::promise<void> measured;
  std::atomic<bool> first{true};
  MemoryBudget budget(100);
  MemoryWatch watch(&budget, [&] {
    if (first.exchange(false)) measured.set_value();
    return uint64_t{1};
  });
  measured.get_future().wait();
}

}  // namespace
}  // namespace sextant::collection
