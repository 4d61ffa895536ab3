#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sextant::payload_index {

// The places [from, to) of a list.
struct Slice {
  size_t from = 0, to = 0;
};
inline size_t CountOf(std::span<const Slice> slices) {
  size_t count = 0;
  for (const Slice& slice : slices) count += slice.to - slice.from;
  return count;
}

// What: turns slices of a list of points into bits, bit i for point first_point() + i. Where every point stands in the
// list once, the bits of some of its prefixes are kept: a slice is then the difference of two of these and of the few
// points between their ends and its own, whatever its length (prefix sums, with "exclusive or" for "plus").
// Threads: immutable; any thread. Ownership: borrows the list for the call.
class SliceBits {
 public:
  SliceBits() = default;
  // `is_unique`: no point stands in the list twice.
  SliceBits(std::span<const uint32_t> points, bool is_unique);

  uint32_t first_point() const { return first_word_ * 64; }
  // How many points from first_point() on the bits are for; 0 for an empty list.
  size_t span() const { return words_ * 64; }
  bool keeps_prefixes() const { return !prefixes_.empty(); }

  // Adds the points of a slice of the list, no place of which was added to these bits before. Where prefixes are kept,
  // none of the points may come from elsewhere either. `bits` has span() bits.
  void Add(std::span<const uint32_t> points, Slice slice, std::span<uint64_t> bits) const;
  size_t memory_bytes() const { return prefixes_.capacity() * sizeof(uint64_t); }

 private:
  static constexpr size_t kPrefixes = 16;  // each costs a bit a point

  size_t EndOf(size_t prefix, size_t size) const { return size * prefix / kPrefixes; }
  void FlipPrefix(std::span<const uint32_t> points, size_t end, std::span<uint64_t> bits) const;

  uint32_t first_word_ = 0;
  size_t words_ = 0;
  std::vector<uint64_t> prefixes_;  // of 1, 2, ... sixteenths of the list
};

}  // namespace sextant::payload_index
