#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/status.h"

namespace sextant::storage {

// What: a growable run of bytes outside any file, aligned to 64 bytes. Large runs are mapped, lie on huge pages where
// the kernel has them, and grow without being copied; small ones come from the heap, because a process may hold only
// some tens of thousands of mappings.
// Threads: a plain value: one writer or many readers.
// Errors: kBusy when the memory cannot be had; the old bytes stay.
class AnonymousMemory {
 public:
  AnonymousMemory() = default;
  ~AnonymousMemory();
  AnonymousMemory(AnonymousMemory&& other) noexcept { *this = std::move(other); }
  AnonymousMemory& operator=(AnonymousMemory&& other) noexcept;

  // Makes room for at least `capacity` bytes; data() may move.
  Status Reserve(size_t capacity);
  // Gives back what lies beyond `size` bytes; data() may move.
  void Trim(size_t size);

  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t capacity() const { return capacity_; }

 private:
  void Free();

  uint8_t* data_ = nullptr;
  size_t capacity_ = 0;
  bool mapped_ = false;
};

}  // namespace sextant::storage
