#include "payload_index/runs/slice_bits.h"

#include <algorithm>

namespace sextant::payload_index {
namespace {

// Shorter lists are walked as fast.
constexpr size_t kFewestPoints = size_t{1} << 12;
// Prefixes of points that are so far apart would be larger than the list itself.
constexpr size_t kSpanOfPoint = 4;

}  // namespace

SliceBits::SliceBits(std::span<const uint32_t> points, bool is_unique) {
  if (points.empty()) return;
  const auto [min, max] = std::minmax_element(points.begin(), points.end());
  first_word_ = *min / 64;
  words_ = *max / 64 - first_word_ + 1;
  if (!is_unique || points.size() < kFewestPoints || span() > kSpanOfPoint * points.size()) return;
  std::vector<uint64_t> bits(words_);
  prefixes_.reserve(kPrefixes * words_);
  size_t at = 0;
  for (size_t prefix = 1; prefix <= kPrefixes; ++prefix) {
    for (const size_t end = EndOf(prefix, points.size()); at < end; ++at) {
      const uint32_t place = points[at] - first_point();
      bits[place / 64] |= uint64_t{1} << (place % 64);
    }
    prefixes_.insert(prefixes_.end(), bits.begin(), bits.end());
  }
}

void SliceBits::Add(std::span<const uint32_t> points, Slice slice, std::span<uint64_t> bits) const {
  const uint32_t first = first_point();
  const size_t count = slice.to - slice.from;
  if (prefixes_.empty() || count < points.size() / kPrefixes) {
    for (const uint32_t point : points.subspan(slice.from, count)) {
      const uint32_t place = point - first;
      bits[place / 64] |= uint64_t{1} << (place % 64);
    }
    return;
  }
  FlipPrefix(points, slice.from, bits);
  FlipPrefix(points, slice.to, bits);
}

void SliceBits::FlipPrefix(std::span<const uint32_t> points, size_t end, std::span<uint64_t> bits) const {
  const size_t prefix = (end * kPrefixes + points.size() / 2) / points.size();  // the nearest
  if (prefix > 0) {
    const uint64_t* kept = prefixes_.data() + (prefix - 1) * words_;
    for (size_t i = 0; i < words_; ++i) bits[i] ^= kept[i];
  }
  const size_t prefix_end = EndOf(prefix, points.size());
  const auto [low, high] = std::minmax(end, prefix_end);
  const uint32_t first = first_point();
  for (const uint32_t point : points.subspan(low, high - low)) {
    const uint32_t place = point - first;
    bits[place / 64] ^= uint64_t{1} << (place % 64);
  }
}

}  // namespace sextant::payload_index
