#pragma once

#include <compare>
#include <span>
#include <vector>

namespace sextant {

// Degrees. Valid: -180 <= lon <= 180, -90 <= lat <= 90.
struct GeoPoint {
  double lon = 0;
  double lat = 0;
  friend auto operator<=>(const GeoPoint&, const GeoPoint&) = default;
};
bool IsValid(const GeoPoint& point);

// The length of the great circle between two points on a sphere of the mean earth radius, in metres (haversine).
double HaversineMetres(const GeoPoint& a, const GeoPoint& b);

// A closed line: at least 4 points, the first and the last equal.
using GeoRing = std::vector<GeoPoint>;
bool IsRing(std::span<const GeoPoint> points);

// Areas. A point on the boundary of an area is not in it.
struct GeoBoundingBox {  // crosses the antimeridian when top_left.lon > bottom_right.lon
  GeoPoint top_left, bottom_right;
};
struct GeoRadius {
  GeoPoint center;
  double radius = 0;  // metres
};
struct GeoPolygon {  // on the plane of degrees; `interiors` are holes, their boundaries belong to them
  GeoRing exterior;
  std::vector<GeoRing> interiors;
};
bool Contains(const GeoBoundingBox& box, const GeoPoint& point);
bool Contains(const GeoRadius& circle, const GeoPoint& point);
bool Contains(const GeoPolygon& polygon, const GeoPoint& point);

// Closed rectangles that together hold every point of an area and little more: what an index looks through.
struct GeoRectangle {
  double west, south, east, north;  // west <= east, south <= north
};
std::vector<GeoRectangle> BoundsOf(const GeoBoundingBox& box);
std::vector<GeoRectangle> BoundsOf(const GeoRadius& circle);
std::vector<GeoRectangle> BoundsOf(const GeoPolygon& polygon);

}  // namespace sextant
