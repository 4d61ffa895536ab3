#include "payload_index/runs/slice_bits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include "payload_index/runs/bitmap.h"

namespace sextant::payload_index {
namespace {

// `count` points, each once, of a span `spread` times as long, in random order.
std::vector<uint32_t> RandomPoints(uint32_t first, size_t count, size_t spread, std::mt19937* random) {
  std::vector<uint32_t> points(count * spread);
  std::iota(points.begin(), points.end(), first);
  std::shuffle(points.begin(), points.end(), *random);
  points.resize(count);
  return points;
}

std::vector<uint32_t> ValuesOf(const Bitmap& bitmap) {
  std::vector<uint32_t> values;
  bitmap.ForEach([&](uint32_t value) {
    values.push_back(value);
    return true;
  });
  return values;
}

// Adds disjoint slices of `points`, and compares with a set.
void ExpectSlicesOf(const std::vector<uint32_t>& points, bool is_unique, std::mt19937* random) {
  const SliceBits slices(points, is_unique);
  for (int round = 0; round < 20; ++round) {
    std::vector<size_t> ends = {0, points.size()};
    for (int i = 0; i < 5; ++i) ends.push_back((*random)() % (points.size() + 1));
    std::sort(ends.begin(), ends.end());
    std::vector<uint64_t> bits(slices.span() / 64);
    std::set<uint32_t> expected;
    for (size_t i = round % 2; i + 1 < ends.size(); i += 2) {
      slices.Add(points, {ends[i], ends[i + 1]}, bits);
      expected.insert(points.begin() + static_cast<ptrdiff_t>(ends[i]),
                      points.begin() + static_cast<ptrdiff_t>(ends[i + 1]));
    }
    const Bitmap bitmap = Bitmap::FromBits(slices.first_point(), bits);
    ASSERT_EQ(bitmap.size(), expected.size());
    ASSERT_EQ(ValuesOf(bitmap), std::vector<uint32_t>(expected.begin(), expected.end()));
  }
}

TEST(SliceBits, HoldThePointsOfDisjointSlices) {
  std::mt19937 random(5);
  for (const size_t count : {1u, 100u, 4096u, 5000u, 70000u, 150000u})
    for (const size_t spread : {1u, 3u, 9u})
      for (const uint32_t first : {0u, 77u, 65536u, 900000u}) {
        SCOPED_TRACE(testing::Message() << count << " points, spread " << spread << ", from " << first);
        ExpectSlicesOf(RandomPoints(first, count, spread, &random), true, &random);
      }
}

TEST(SliceBits, PointsMayStandInSeveralPlaces) {
  std::mt19937 random(6);
  std::vector<uint32_t> points = RandomPoints(40, 9000, 1, &random);
  const std::vector<uint32_t> more = RandomPoints(40, 9000, 2, &random);
  points.insert(points.end(), more.begin(), more.end());
  ASSERT_FALSE(SliceBits(points, false).keeps_prefixes());
  ExpectSlicesOf(points, false, &random);
}

TEST(SliceBits, KeepPrefixesOnlyWhereTheyAreWorthTheirBytes) {
  std::mt19937 random(7);
  EXPECT_TRUE(SliceBits(RandomPoints(0, 5000, 1, &random), true).keeps_prefixes());
  EXPECT_FALSE(SliceBits(RandomPoints(0, 50, 1, &random), true).keeps_prefixes());
  EXPECT_FALSE(SliceBits(RandomPoints(0, 5000, 50, &random), true).keeps_prefixes());
  EXPECT_EQ(SliceBits().span(), 0u);
}

TEST(Bitmap, OfBitsEqualsOneOfValues) {
  std::mt19937 random(8);
  for (const double share : {0.0, 0.001, 0.05, 0.07, 0.5, 1.0})
    for (const uint32_t first : {0u, 64u, 65472u, 131072u, 4294836224u}) {
      std::vector<uint64_t> bits(2000);
      std::vector<uint32_t> values;
      for (uint32_t i = 0; i < bits.size() * 64; ++i) {
        if (std::uniform_real_distribution<>()(random) >= share) continue;
        bits[i / 64] |= uint64_t{1} << (i % 64);
        values.push_back(first + i);
      }
      ASSERT_EQ(ValuesOf(Bitmap::FromBits(first, bits)), values) << share << " from " << first;
    }
}

}  // namespace
}  // namespace sextant::payload_index
