#include "runtime/memory.h"

#include <malloc.h>

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace sextant {
namespace {

// The number in the file's first line; the largest number when there is no such file or it says "max".
uint64_t ReadLimit(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  uint64_t value = UINT64_MAX;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  return error == std::errc() && end != line.data() && value > 0 ? value : UINT64_MAX;
}

// The smallest limit from the group itself up to the top of the mounted hierarchy.
uint64_t SmallestLimit(const std::string& mount, std::string group, const std::string& file) {
  uint64_t limit = ReadLimit(mount + "/" + file);
  while (!group.empty() && group != "/") {
    limit = std::min(limit, ReadLimit(mount + group + "/" + file));
    group.resize(group.rfind('/'));
  }
  return limit;
}

uint64_t PhysicalMemory() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page) : UINT64_MAX;
}

}  // namespace

uint64_t DetectMemoryLimit(const std::string& root) {
  uint64_t limit = PhysicalMemory();
  std::ifstream groups(root + "/proc/self/cgroup");
  // Lines are "number:controllers:path"; version 2 has number 0 and no controllers.
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos || second + 1 >= line.size() || line[second + 1] != '/') continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string group = line.substr(second + 1);
    if (controllers == ",,") {
      for (const char* mount : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
        limit = std::min(limit, SmallestLimit(root + mount, group, "memory.max"));
        limit = std::min(limit, SmallestLimit(root + mount, group, "memory.high"));
      }
    } else if (controllers.find(",memory,") != std::string::npos) {
      limit = std::min(limit, SmallestLimit(root + "/sys/fs/cgroup/memory", group, "memory.limit_in_bytes"));
    }
  }
  return limit;
}

void TuneAllocator() {
#if defined(__GLIBC__)
  mallopt(M_ARENA_MAX, 2);
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 4 << 20);
#endif
}

void ReturnFreeMemory() {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

MemoryBudget::MemoryBudget(uint64_t limit_bytes)
    : limit_(std::max<uint64_t>(limit_bytes > 0 ? limit_bytes : DetectMemoryLimit() / 4 * 3, 1)) {}

bool MemoryBudget::TryReserve(uint64_t bytes) {
  uint64_t used = used_bytes();
  do {
    if (bytes > limit_ || used > limit_ - bytes) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return true;
}

void MemoryBudget::Release(uint64_t bytes) {
  const uint64_t before = used_.fetch_sub(bytes, std::memory_order_relaxed);
  SEXTANT_CHECK(before >= bytes);
}

void MemoryShare::Resize(uint64_t bytes) {
  if (bytes > bytes_) budget_->Reserve(bytes - bytes_);
  if (bytes < bytes_) budget_->Release(bytes_ - bytes);
  bytes_ = bytes;
}

}  // namespace sextant
