#include "types/values/geo_cells.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace sextant {
namespace {

std::string Geohash(uint64_t cell) {
  static constexpr char kAlphabet[] = "0123456789bcdefghjkmnpqrstuvwxyz";
  std::string out;
  for (int shift = kGeoCellBits - 5; shift >= 0; shift -= 5) out.push_back(kAlphabet[cell >> shift & 31]);
  return out;
}

TEST(GeoCells, AreGeohashes) {
  struct Row {
    GeoPoint point;
    const char* geohash;  // by a published encoder
  };
  for (const Row& row : {Row{{-5.603, 42.605}, "ezs42s000esk"}, Row{{10.40744, 57.64911}, "u4pruydqqvj8"},
                         Row{{-49.265506, -25.382708}, "6gkzwgjzn820"}, Row{{0.0, 0.0}, "s00000000000"},
                         Row{{-180.0, -90.0}, "000000000000"}, Row{{139.6917, 35.6895}, "xn774c06kt10"}})
    EXPECT_EQ(Geohash(GeoCellOf(row.point)), row.geohash);
  EXPECT_EQ(Geohash(GeoCellOf({180, 90})), "zzzzzzzzzzzz");
}

bool Covers(const std::vector<GeoCellRange>& cover, uint64_t cell) {
  return std::any_of(cover.begin(), cover.end(),
                     [&](const GeoCellRange& range) { return range.first <= cell && cell <= range.last; });
}

TEST(GeoCells, ACoverHoldsItsRectanglesAndLittleElse) {
  constexpr size_t kMost = 32;
  std::mt19937_64 random(11);
  const auto within = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  for (int i = 0; i < 300; ++i) {
    const double size = std::pow(10.0, within(-5, 2));
    std::vector<GeoRectangle> rectangles;
    for (uint64_t n = 1 + random() % 2; n > 0; --n) {
      const double west = within(-180, 180 - size);
      const double south = within(-90, std::max(-90.0, 90 - size));
      rectangles.push_back({west, south, west + size, std::min(90.0, south + size)});
    }
    const auto cover = CoverWithCells(rectangles, kMost);
    EXPECT_LE(cover.size(), 4 * kMost);
    for (size_t r = 0; r < cover.size(); ++r) {
      EXPECT_LE(cover[r].first, cover[r].last);
      EXPECT_TRUE(r == 0 || cover[r].first > cover[r - 1].last + 1);
    }
    uint64_t cells = 0;
    for (const GeoCellRange& range : cover) cells += range.last - range.first + 1;
    const double world = std::pow(2.0, kGeoCellBits);
    double wanted = 0;
    for (const GeoRectangle& r : rectangles) wanted += (r.east - r.west) * (r.north - r.south) / (360.0 * 180.0);
    EXPECT_LE(static_cast<double>(cells) / world, 4 * wanted + 1e-12);
    for (const GeoRectangle& r : rectangles) {
      for (const GeoPoint& p : {GeoPoint{r.west, r.south}, GeoPoint{r.east, r.north}, GeoPoint{r.west, r.north},
                                GeoPoint{within(r.west, r.east), within(r.south, r.north)}})
        ASSERT_TRUE(Covers(cover, GeoCellOf(p)));
    }
  }
}

TEST(GeoCells, NothingCoversNothing) {
  EXPECT_TRUE(CoverWithCells({}, 16).empty());
  const GeoRectangle world{-180, -90, 180, 90};
  const auto cover = CoverWithCells({&world, 1}, 16);
  ASSERT_EQ(cover.size(), 1u);
  EXPECT_EQ(cover[0].first, 0u);
  EXPECT_EQ(cover[0].last, (uint64_t{1} << kGeoCellBits) - 1);
}

}  // namespace
}  // namespace sextant
