#include "payload_index/runs/bitmap.h"

#include <algorithm>

namespace sextant::payload_index {
namespace {

// Sorts by setting bits: linear, good as long as the span of the values is not much larger than their number.
void SortByBits(uint32_t min, uint32_t max, std::vector<uint32_t>* values) {
  const uint32_t base = min / 64;
  std::vector<uint64_t> words(max / 64 - base + 1);
  for (uint32_t value : *values) words[value / 64 - base] |= uint64_t{1} << (value % 64);
  size_t count = 0;
  for (size_t w = 0; w < words.size(); ++w)
    for (uint64_t word = words[w]; word != 0; word &= word - 1)
      (*values)[count++] = static_cast<uint32_t>((base + w) * 64 + static_cast<size_t>(__builtin_ctzll(word)));
  values->resize(count);
}

}  // namespace

Bitmap Bitmap::FromUnsorted(std::vector<uint32_t>* values) {
  if (values->empty()) return {};
  const auto [min, max] = std::minmax_element(values->begin(), values->end());
  if ((*max - *min) / 64 <= values->size()) {
    SortByBits(*min, *max, values);
  } else {
    std::sort(values->begin(), values->end());
    values->erase(std::unique(values->begin(), values->end()), values->end());
  }
  return FromSorted(*values);
}

Bitmap Bitmap::UnionOf(std::span<const Bitmap* const> sets) {
  if (sets.empty()) return {};
  if (sets.size() == 1) return sets.front()->Clone();
  std::vector<const roaring_bitmap_t*> raws;
  raws.reserve(sets.size());
  for (const Bitmap* set : sets) raws.push_back(set->raw());
  return Bitmap(roaring_bitmap_or_many(raws.size(), raws.data()));
}

OrdinalSet Bitmap::ToOrdinalSet() const {
  const size_t count = size();
  if (count == 0) return {};
  if (count * 32 <= static_cast<size_t>(Max()) + 1) {
    std::vector<uint32_t> sorted(count);
    roaring_bitmap_to_uint32_array(raw(), sorted.data());
    return OrdinalSet::FromSorted(std::move(sorted));
  }
  std::unique_ptr<bitset_t, decltype(&bitset_free)> bits(bitset_create(), &bitset_free);
  roaring_bitmap_to_bitset(raw(), bits.get());
  return OrdinalSet::FromWords(std::vector<uint64_t>(bits->array, bits->array + bits->arraysize));
}

}  // namespace sextant::payload_index
