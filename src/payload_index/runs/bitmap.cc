#include "payload_index/runs/bitmap.h"

#include <algorithm>

namespace sextant::payload_index {
namespace {

// Sorts by setting bits: linear, good as long as the span of the values is not much larger than their number.
void SortByBits(uint32_t min, uint32_t max, std::vector<uint32_t>* values, size_t from) {
  const uint32_t base = min / 64;
  std::vector<uint64_t> words(max / 64 - base + 1);
  for (size_t i = from; i < values->size(); ++i) {
    const uint32_t value = (*values)[i];
    words[value / 64 - base] |= uint64_t{1} << (value % 64);
  }
  size_t end = from;
  for (size_t w = 0; w < words.size(); ++w)
    for (uint64_t word = words[w]; word != 0; word &= word - 1)
      (*values)[end++] = static_cast<uint32_t>((base + w) * 64 + static_cast<size_t>(__builtin_ctzll(word)));
  values->resize(end);
}

}  // namespace

void SortUnique(std::vector<uint32_t>* values, size_t from) {
  const auto first = values->begin() + static_cast<ptrdiff_t>(from);
  if (first == values->end()) return;
  const auto [min, max] = std::minmax_element(first, values->end());
  if ((*max - *min) / 64 <= values->size() - from) {
    SortByBits(*min, *max, values, from);
  } else {
    std::sort(first, values->end());
    values->erase(std::unique(first, values->end()), values->end());
  }
}

Bitmap Bitmap::FromUnsorted(std::vector<uint32_t>* values) {
  SortUnique(values, 0);
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
