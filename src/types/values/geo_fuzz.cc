#include <algorithm>
#include <cmath>
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

// Every four bytes are a number from -1 to 1, every two numbers a point.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using sextant::GeoPoint;
  std::vector<int32_t> raw(size / sizeof(int32_t));
  if (!raw.empty()) std::memcpy(raw.data(), data, raw.size() * sizeof(int32_t));
  const auto number = [&](size_t i) { return std::max(-1.0, raw[i] / 2147483647.0); };
  std::vector<GeoPoint> points;
  for (size_t i = 0; i + 1 < raw.size(); i += 2) points.push_back({number(i) * 180, number(i + 1) * 90});
  if (points.size() < 4) return 0;
  const GeoPoint probe = points.back();
  points.pop_back();
  SEXTANT_CHECK(sextant::IsValid(probe));
  sextant::CheckArea(sextant::GeoBoundingBox{points[0], points[1]}, probe);
  sextant::CheckArea(sextant::GeoRadius{points[0], std::pow(10.0, 4 + 4 * number(2))}, probe);
  points.push_back(points.front());
  if (sextant::IsRing(points)) sextant::CheckArea(sextant::GeoPolygon{points, {}}, probe);
  return 0;
}
