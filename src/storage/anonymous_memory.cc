#include "storage/anonymous_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace sextant::storage {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kSmallestMapping = size_t{1} << 20;

constexpr size_t RoundUp(size_t n, size_t unit) {
  return (n + unit - 1) / unit * unit;
}

// A mapping that starts on a huge-page boundary, or null. `size` is a multiple of a huge page.
uint8_t* MapAligned(size_t size) {
  void* raw = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  const uintptr_t begin = reinterpret_cast<uintptr_t>(raw);
  const uintptr_t aligned = RoundUp(begin, kHugePage);
  if (aligned > begin) munmap(raw, aligned - begin);
  const size_t behind = begin + kHugePage - aligned;
  if (behind > 0) munmap(reinterpret_cast<void*>(aligned + size), behind);
  madvise(reinterpret_cast<void*>(aligned), size, MADV_HUGEPAGE);
  return reinterpret_cast<uint8_t*>(aligned);
}

}  // namespace

AnonymousMemory::~AnonymousMemory() {
  Free();
}

AnonymousMemory& AnonymousMemory::operator=(AnonymousMemory&& other) noexcept {
  if (this == &other) return *this;
  Free();
  data_ = std::exchange(other.data_, nullptr);
  capacity_ = std::exchange(other.capacity_, 0);
  mapped_ = std::exchange(other.mapped_, false);
  return *this;
}

void AnonymousMemory::Free() {
  if (mapped_) {
    munmap(data_, capacity_);
  } else {
    std::free(data_);
  }
}

Status AnonymousMemory::Reserve(size_t capacity) {
  if (capacity <= capacity_) return OkStatus();
  const bool map = capacity >= kSmallestMapping;
  const size_t size = RoundUp(capacity, map ? kHugePage : kAlignment);
  uint8_t* fresh = nullptr;
  if (mapped_) {
    void* moved = mremap(data_, capacity_, size, MREMAP_MAYMOVE);
    if (moved != MAP_FAILED) {
      fresh = static_cast<uint8_t*>(moved);
      madvise(fresh, size, MADV_HUGEPAGE);
    }
  } else {
    fresh = map ? MapAligned(size) : static_cast<uint8_t*>(std::aligned_alloc(kAlignment, size));
    if (fresh != nullptr && capacity_ > 0) std::memcpy(fresh, data_, capacity_);
    if (fresh != nullptr) Free();
  }
  if (fresh == nullptr) return Busy(absl::StrCat("cannot get ", size, " bytes of memory"));
  data_ = fresh;
  capacity_ = size;
  mapped_ = map;
  return OkStatus();
}

void AnonymousMemory::Trim(size_t size) {
  const size_t wanted = RoundUp(std::max<size_t>(size, 1), mapped_ ? 4096 : kAlignment);
  if (wanted >= capacity_) return;
  if (mapped_) {
    munmap(data_ + wanted, capacity_ - wanted);
    capacity_ = wanted;
    return;
  }
  auto* fresh = static_cast<uint8_t*>(std::aligned_alloc(kAlignment, wanted));
  if (fresh == nullptr) return;  // keeping more than asked is harmless
  std::memcpy(fresh, data_, std::min(size, wanted));
  std::free(data_);
  data_ = fresh;
  capacity_ = wanted;
}

}  // namespace sextant::storage
