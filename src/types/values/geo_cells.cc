#include "types/values/geo_cells.h"

#include <algorithm>

namespace sextant {
namespace {

constexpr int kLevels = kGeoCellBits / 2;
constexpr uint32_t kLast = (uint32_t{1} << kLevels) - 1;

// Monotonic, so that comparing columns never contradicts comparing degrees.
uint32_t Column(double lon) {
  return static_cast<uint32_t>(std::clamp((lon + 180) / 360 * (kLast + 1.0), 0.0, double{kLast}));
}
uint32_t Row(double lat) {
  return static_cast<uint32_t>(std::clamp((lat + 90) / 180 * (kLast + 1.0), 0.0, double{kLast}));
}

// Moves bit i of `value` to bit 2i.
uint64_t Spread(uint32_t value) {
  uint64_t x = value;
  x = (x | x << 16) & 0x0000FFFF0000FFFFull;
  x = (x | x << 8) & 0x00FF00FF00FF00FFull;
  x = (x | x << 4) & 0x0F0F0F0F0F0F0F0Full;
  x = (x | x << 2) & 0x3333333333333333ull;
  x = (x | x << 1) & 0x5555555555555555ull;
  return x;
}

// Inclusive on all sides.
struct Block {
  uint32_t west, south, east, north;

  bool Intersects(const Block& other) const {
    return west <= other.east && other.west <= east && south <= other.north && other.south <= north;
  }
  bool Holds(const Block& other) const {
    return west <= other.west && other.east <= east && south <= other.south && other.north <= north;
  }
};

// A square of the quadtree: 2^size grid cells wide.
struct Square {
  uint32_t column, row;
  int size;

  Block block() const {
    const uint32_t reach = (uint32_t{1} << size) - 1;
    return {column, row, column + reach, row + reach};
  }
  GeoCellRange range() const {
    const uint64_t first = Spread(column) << 1 | Spread(row);
    return {first, first + (uint64_t{1} << (2 * size)) - 1};
  }
};

std::vector<GeoCellRange> Joined(std::vector<GeoCellRange> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<GeoCellRange> out;
  for (const GeoCellRange& range : ranges) {
    if (!out.empty() && range.first <= out.back().last + 1)
      out.back().last = std::max(out.back().last, range.last);
    else
      out.push_back(range);
  }
  return out;
}

}  // namespace

uint64_t GeoCellOf(const GeoPoint& point) {
  return Spread(Column(point.lon)) << 1 | Spread(Row(point.lat));
}

std::vector<GeoCellRange> CoverWithCells(std::span<const GeoRectangle> rectangles, size_t most) {
  std::vector<Block> wanted;
  for (const GeoRectangle& r : rectangles)
    wanted.push_back({Column(r.west), Row(r.south), Column(r.east), Row(r.north)});
  std::vector<GeoCellRange> ranges;
  std::vector<Square> partial = {{0, 0, kLevels}};  // all of one size, on the edge of what is wanted
  while (!partial.empty() && ranges.size() + partial.size() <= most) {
    std::vector<Square> next;
    for (const Square& square : partial) {
      const Block block = square.block();
      if (std::none_of(wanted.begin(), wanted.end(), [&](const Block& w) { return w.Intersects(block); })) continue;
      if (square.size == 0 ||
          std::any_of(wanted.begin(), wanted.end(), [&](const Block& w) { return w.Holds(block); })) {
        ranges.push_back(square.range());
        continue;
      }
      const int size = square.size - 1;
      const uint32_t half = uint32_t{1} << size;
      for (const uint32_t east : {0u, half})
        for (const uint32_t north : {0u, half}) next.push_back({square.column + east, square.row + north, size});
    }
    partial = std::move(next);
  }
  for (const Square& square : partial) {
    const Block block = square.block();
    if (std::any_of(wanted.begin(), wanted.end(), [&](const Block& w) { return w.Intersects(block); }))
      ranges.push_back(square.range());
  }
  return Joined(std::move(ranges));
}

}  // namespace sextant
