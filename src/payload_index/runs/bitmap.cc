#include "payload_index/runs/bitmap.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

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

// The library's portable format (RoaringFormatSpec), which it reads much faster than it takes values one by one: a
// cookie and the number of containers, each container's high 16 bits and its size less one, the places of the
// containers, and these: up to kMostInArray low halves in order, or a bit for each.
constexpr uint32_t kCookie = 12346;
constexpr uint32_t kMostInArray = 4096;
constexpr uint32_t kWordsOfContainer = 1024;

// What: writes that format into a buffer of its size.
// Threads: one.
class FormatWriter {
 public:
  explicit FormatWriter(size_t bytes) : buffer_(bytes) {}
  template <typename T>
  void Append(T value) {
    AppendBytes(&value, sizeof(value));
  }
  void AppendBytes(const void* bytes, size_t count) {
    std::memcpy(buffer_.data() + end_, bytes, count);
    end_ += count;
  }
  void AppendZeros(size_t count) { end_ += count; }
  const std::vector<char>& buffer() const { return buffer_; }

 private:
  std::vector<char> buffer_;
  size_t end_ = 0;
};

// A container's part of the bits.
struct ContainerBits {
  uint32_t first_word;  // of all words of all containers
  std::span<const uint64_t> words;
  uint32_t count;

  uint32_t key() const { return first_word / kWordsOfContainer; }
  bool is_array() const { return count <= kMostInArray; }
  size_t bytes() const { return is_array() ? count * sizeof(uint16_t) : kWordsOfContainer * sizeof(uint64_t); }
};

std::vector<ContainerBits> SplitIntoContainers(uint32_t first_word, std::span<const uint64_t> words) {
  std::vector<ContainerBits> containers;
  while (!words.empty()) {
    const size_t size = std::min<size_t>(kWordsOfContainer - first_word % kWordsOfContainer, words.size());
    const std::span<const uint64_t> own = words.first(size);
    uint32_t count = 0;
    for (const uint64_t word : own) count += static_cast<uint32_t>(std::popcount(word));
    if (count > 0) containers.push_back({first_word, own, count});
    first_word += static_cast<uint32_t>(size);
    words = words.subspan(size);
  }
  return containers;
}

void AppendContainer(const ContainerBits& container, FormatWriter* out) {
  const uint32_t first = container.first_word % kWordsOfContainer;
  if (container.is_array()) {
    std::array<uint16_t, kMostInArray> values;
    size_t count = 0;
    for (size_t w = 0; w < container.words.size(); ++w)
      for (uint64_t word = container.words[w]; word != 0; word &= word - 1)
        values[count++] = static_cast<uint16_t>((first + w) * 64 + static_cast<size_t>(std::countr_zero(word)));
    out->AppendBytes(values.data(), count * sizeof(uint16_t));
    return;
  }
  out->AppendZeros(first * sizeof(uint64_t));
  out->AppendBytes(container.words.data(), container.words.size_bytes());
  out->AppendZeros((kWordsOfContainer - first - container.words.size()) * sizeof(uint64_t));
}

}  // namespace

Bitmap Bitmap::FromBits(uint32_t first, std::span<const uint64_t> bits) {
  const std::vector<ContainerBits> containers = SplitIntoContainers(first / 64, bits);
  size_t end = 2 * sizeof(uint32_t) + containers.size() * (2 * sizeof(uint16_t) + sizeof(uint32_t));
  size_t bytes = end;
  for (const ContainerBits& container : containers) bytes += container.bytes();
  FormatWriter out(bytes);
  out.Append(kCookie);
  out.Append(static_cast<uint32_t>(containers.size()));
  for (const ContainerBits& container : containers) {
    out.Append(static_cast<uint16_t>(container.key()));
    out.Append(static_cast<uint16_t>(container.count - 1));
  }
  for (const ContainerBits& container : containers) {
    out.Append(static_cast<uint32_t>(end));
    end += container.bytes();
  }
  for (const ContainerBits& container : containers) AppendContainer(container, &out);
  return Bitmap(roaring_bitmap_portable_deserialize_safe(out.buffer().data(), out.buffer().size()));
}

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
  if (!OrdinalSet::IsDense(count, Max())) {
    std::vector<uint32_t> sorted(count);
    roaring_bitmap_to_uint32_array(raw(), sorted.data());
    return OrdinalSet::FromSorted(std::move(sorted));
  }
  std::unique_ptr<bitset_t, decltype(&bitset_free)> bits(bitset_create(), &bitset_free);
  roaring_bitmap_to_bitset(raw(), bits.get());
  return OrdinalSet::FromWords(std::vector<uint64_t>(bits->array, bits->array + bits->arraysize));
}

}  // namespace sextant::payload_index
