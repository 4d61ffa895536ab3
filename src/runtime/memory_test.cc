#include "runtime/memory.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace sextant {
namespace {

// A made-up system root with control group files.
class FakeRoot {
 public:
  FakeRoot() {
    path_ = (std::filesystem::temp_directory_path() / "sextant-root-XXXXXX").string();
    EXPECT_NE(mkdtemp(path_.data()), nullptr);
  }
  ~FakeRoot() { std::filesystem::remove_all(path_); }
  void Write(const std::string& name, const std::string& content) {
    const std::filesystem::path file = path_ + name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << content;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(DetectMemoryLimit, WithoutControlGroupsIsTheMachine) {
  const FakeRoot root;
  const uint64_t machine = DetectMemoryLimit(root.path());
  EXPECT_GT(machine, 1u << 20);
  EXPECT_LT(machine, UINT64_MAX);
  EXPECT_LE(DetectMemoryLimit(), machine);
}

TEST(DetectMemoryLimit, TakesTheSmallestLimitOfVersion2UpToTheRoot) {
  FakeRoot root;
  root.Write("/proc/self/cgroup", "0::/outer/inner\n");
  root.Write("/sys/fs/cgroup/outer/inner/memory.max", "max\n");
  EXPECT_EQ(DetectMemoryLimit(root.path()), DetectMemoryLimit("/nonexistent"));
  root.Write("/sys/fs/cgroup/outer/memory.max", "3000000\n");
  EXPECT_EQ(DetectMemoryLimit(root.path()), 3000000u);
  root.Write("/sys/fs/cgroup/outer/inner/memory.high", "2000000\n");
  EXPECT_EQ(DetectMemoryLimit(root.path()), 2000000u);
}

TEST(DetectMemoryLimit, InAContainerTheMountIsTheGroupItself) {
  FakeRoot root;
  root.Write("/proc/self/cgroup", "0::/\n");
  root.Write("/sys/fs/cgroup/memory.max", "5000000\n");
  EXPECT_EQ(DetectMemoryLimit(root.path()), 5000000u);
}

TEST(DetectMemoryLimit, UnderstandsVersion1) {
  FakeRoot root;
  root.Write("/proc/self/cgroup", "12:cpu,cpuacct:/x\n9:memory:/docker/abc\n");
  root.Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(DetectMemoryLimit(root.path()), DetectMemoryLimit("/nonexistent"));
  root.Write("/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "4000000\n");
  EXPECT_EQ(DetectMemoryLimit(root.path()), 4000000u);
}

TEST(MemoryBudget, CountsAndRefusesPastTheLimit) {
  MemoryBudget budget(1000);
  EXPECT_TRUE(budget.TryReserve(600));
  EXPECT_FALSE(budget.TryReserve(401));
  EXPECT_TRUE(budget.TryReserve(400));
  EXPECT_DOUBLE_EQ(budget.usage(), 1.0);
  budget.Reserve(500);
  EXPECT_DOUBLE_EQ(budget.usage(), 1.5);
  EXPECT_FALSE(budget.TryReserve(1));
  EXPECT_FALSE(budget.TryReserve(UINT64_MAX));
  budget.Release(1500);
  EXPECT_EQ(budget.used_bytes(), 0u);
}

TEST(MemoryBudget, DefaultLeavesRoomBelowTheMachine) {
  const MemoryBudget budget;
  EXPECT_GT(budget.limit_bytes(), 0u);
  EXPECT_LT(budget.limit_bytes(), DetectMemoryLimit());
}

TEST(MemoryBudget, ThreadsNeverPassTheLimitTogether) {
  MemoryBudget budget(1000);
  std::atomic<uint64_t> granted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) granted += budget.TryReserve(3) ? 3 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(granted.load(), 999u);
  EXPECT_EQ(budget.used_bytes(), 999u);
}

TEST(MemoryShare, FollowsItsSizeAndGivesItBack) {
  MemoryBudget budget(1000);
  {
    MemoryShare share(&budget);
    share.Resize(700);
    share.Resize(300);
    EXPECT_EQ(share.bytes(), 300u);
    EXPECT_EQ(budget.used_bytes(), 300u);
  }
  EXPECT_EQ(budget.used_bytes(), 0u);
}

}  // namespace
}  // namespace sextant
