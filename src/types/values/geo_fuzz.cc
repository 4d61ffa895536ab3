#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "types/values/geo.h"
#include "types/values/geo_cells.h"

// Any areas of valid points: what an area holds is within its bounds and its cells.
namespace sextant {
namespace {

template <typename Area>
void CheckArea(const Area& area, const GeoPoint& point) {
  const auto bounds = BoundsOf(area);
  const auto cover = CoverWithCells(bounds, 16);
  SEXTANT_CHECK(cover.size() <= 64);
  if (!Contains(area, point)) return;
  const uint64_t cell = GeoCellOf(point);
  SEXTANT_CHECK(std::any_of(cover.begin(), cover.end(),
                            [&](const GeoCellRange& range) { return range.first <= cell && cell <= range.last; }));
}

}  // namespace
}  // namespace sextant

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using sextant::GeoPoint;
  std::vector<double> numbers(size / sizeof(double));
  if (!numbers.empty()) std::memcpy(numbers.data(), data, numbers.size() * sizeof(double));
  std::vector<GeoPoint> points;
  for (size_t i = 0; i + 1 < numbers.size(); i += 2)
    if (const GeoPoint point{numbers[i], numbers[i + 1]}; sextant::IsValid(point)) points.push_back(point);
  if (points.size() < 4) return 0;
  const GeoPoint probe = points.back();
  points.pop_back();
  sextant::CheckArea(sextant::GeoBoundingBox{points[0], points[1]}, probe);
  sextant::CheckArea(sextant::GeoRadius{points[0], numbers[0] * 1e5}, probe);
  points.push_back(points.front());
  if (sextant::IsRing(points)) sextant::CheckArea(sextant::GeoPolygon{points, {}}, probe);
  return 0;
}
