#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "types/values/geo.h"

namespace sextant {

// What: geohash cells as numbers. The world is a grid of 2^30 columns by 2^30 rows; the number of a grid cell is its
// 60-bit geohash of 12 characters, each 5 bits: column and row bits in turn, the column's first. All cells of a
// coarser geohash are one range of numbers, so that a sorted list of cells serves every precision.

inline constexpr int kGeoCellBits = 60;

// Precondition: a valid point.
uint64_t GeoCellOf(const GeoPoint& point);

struct GeoCellRange {
  uint64_t first, last;  // inclusive
};
// Disjoint ranges, ascending, that together hold the cell of every point of the rectangles. At most four times `most`
// of them; more of them fit better.
std::vector<GeoCellRange> CoverWithCells(std::span<const GeoRectangle> rectangles, size_t most);

}  // namespace sextant
