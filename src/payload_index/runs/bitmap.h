#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "roaring.h"
#include "types/ordinal_set.h"

namespace sextant::payload_index {

// What: a set of ordinals in compressed form (Roaring, Lemire et al. 2018), the working form of filters. Hides the
// library's C interface.
// Threads: as a container: const calls may overlap.
class Bitmap {
 public:
  Bitmap() : raw_(roaring_bitmap_create()) {}
  // `sorted` is ascending without duplicates.
  static Bitmap FromSorted(std::span<const uint32_t> sorted) {
    return Bitmap(roaring_bitmap_of_ptr(sorted.size(), sorted.data()));
  }
  // Any order, duplicates allowed. Reorders `values`.
  static Bitmap FromUnsorted(std::vector<uint32_t>* values);
  // Bit i of `bits` says whether first + i is in. Precondition: `first` is a multiple of 64.
  static Bitmap FromBits(uint32_t first, std::span<const uint64_t> bits);
  static Bitmap UnionOf(std::span<const Bitmap* const> sets);

  Bitmap Clone() const { return Bitmap(roaring_bitmap_copy(raw())); }

  bool empty() const { return roaring_bitmap_is_empty(raw()); }
  size_t size() const { return roaring_bitmap_get_cardinality(raw()); }
  bool Contains(uint32_t value) const { return roaring_bitmap_contains(raw(), value); }
  // Precondition of both: not empty.
  uint32_t Min() const { return roaring_bitmap_minimum(raw()); }
  uint32_t Max() const { return roaring_bitmap_maximum(raw()); }

  bool Intersects(const Bitmap& other) const { return roaring_bitmap_intersect(raw(), other.raw()); }
  size_t IntersectionSize(const Bitmap& other) const { return roaring_bitmap_and_cardinality(raw(), other.raw()); }
  Bitmap operator&(const Bitmap& other) const { return Bitmap(roaring_bitmap_and(raw(), other.raw())); }
  Bitmap operator|(const Bitmap& other) const { return Bitmap(roaring_bitmap_or(raw(), other.raw())); }
  Bitmap operator-(const Bitmap& other) const { return Bitmap(roaring_bitmap_andnot(raw(), other.raw())); }
  void operator|=(const Bitmap& other) { roaring_bitmap_or_inplace(raw_.get(), other.raw()); }

  // Calls `visit(uint32_t)` in ascending order; stops early when it returns false.
  template <typename Visitor>
  void ForEach(Visitor&& visit) const {
    std::array<uint32_t, 256> values;
    roaring_uint32_iterator_t at;
    roaring_iterator_init(raw(), &at);
    while (const uint32_t count = roaring_uint32_iterator_read(&at, values.data(), values.size()))
      for (uint32_t i = 0; i < count; ++i)
        if (!visit(values[i])) return;
  }

  OrdinalSet ToOrdinalSet() const;
  // Packs runs of consecutive values; worth its time only for sets that live long.
  void Optimize() { roaring_bitmap_run_optimize(raw_.get()); }
  size_t memory_bytes() const { return roaring_bitmap_frozen_size_in_bytes(raw()) + sizeof(roaring_bitmap_t); }

  const roaring_bitmap_t* raw() const { return raw_.get(); }

 private:
  struct Free {
    void operator()(roaring_bitmap_t* raw) const { roaring_bitmap_free(raw); }
  };
  explicit Bitmap(roaring_bitmap_t* raw) : raw_(raw) {}

  std::unique_ptr<roaring_bitmap_t, Free> raw_;
};

// Sorts the values from position `from` on and drops duplicates among them: linear where they lie close together.
void SortUnique(std::vector<uint32_t>* values, size_t from);

// Membership tests of ascending values, faster than Bitmap::Contains. Borrows the bitmap.
class AscendingProbe {
 public:
  explicit AscendingProbe(const Bitmap& bitmap) : raw_(bitmap.raw()) {}
  bool Contains(uint32_t value) { return roaring_bitmap_contains_bulk(raw_, &context_, value); }

 private:
  const roaring_bitmap_t* raw_;
  roaring_bulk_context_t context_{};
};

}  // namespace sextant::payload_index
