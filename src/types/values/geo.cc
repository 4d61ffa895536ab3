#include "types/values/geo.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace sextant {
namespace {

constexpr double kMeanEarthRadius = 6371008.8;  // metres, as the IUGG recommends
constexpr double kPi = std::numbers::pi;

double Radians(double degrees) {
  return degrees * (kPi / 180);
}
double Degrees(double radians) {
  return radians * (180 / kPi);
}

// The sum of doubles without rounding, as a list of doubles whose bits do not overlap, smallest first (Shewchuk,
// Adaptive Precision Floating-Point Arithmetic, 1997: Grow-Expansion).
class ExactSum {
 public:
  void AddProduct(double a, double b) {
    const double product = a * b;
    Add(std::fma(a, b, -product));
    Add(product);
  }
  int Sign() const {
    for (size_t i = size_; i-- > 0;)
      if (parts_[i] != 0) return parts_[i] > 0 ? 1 : -1;
    return 0;
  }

 private:
  void Add(double value) {
    for (size_t i = 0; i < size_; ++i) {
      const double sum = value + parts_[i];
      const double other = sum - value;
      parts_[i] = (value - (sum - other)) + (parts_[i] - other);
      value = sum;
    }
    parts_[size_++] = value;
  }

  std::array<double, 12> parts_{};
  size_t size_ = 0;
};

// On which side of the line from `a` to `b` the point lies: 1 left, -1 right, 0 on it. Exact.
int SideOf(const GeoPoint& a, const GeoPoint& b, const GeoPoint& p) {
  const double left = (a.lon - p.lon) * (b.lat - p.lat);
  const double right = (a.lat - p.lat) * (b.lon - p.lon);
  const double difference = left - right;
  constexpr double kErrorBound = 3.4e-16;  // (3 + 16 epsilon) epsilon, epsilon = 2^-53
  if (std::abs(difference) > kErrorBound * (std::abs(left) + std::abs(right))) return difference > 0 ? 1 : -1;
  ExactSum sum;
  sum.AddProduct(a.lon, b.lat);
  sum.AddProduct(-a.lat, b.lon);
  sum.AddProduct(b.lon, p.lat);
  sum.AddProduct(-b.lat, p.lon);
  sum.AddProduct(p.lon, a.lat);
  sum.AddProduct(-p.lat, a.lon);
  return sum.Sign();
}

enum class Position { kOutside, kBoundary, kInside };

// By the winding number, so that a ring that crosses itself holds everything it goes around.
Position PositionIn(const GeoRing& ring, const GeoPoint& p) {
  int winding = 0;
  for (size_t i = 0; i + 1 < ring.size(); ++i) {
    const GeoPoint& a = ring[i];
    const GeoPoint& b = ring[i + 1];
    if (p.lat < std::min(a.lat, b.lat) || p.lat > std::max(a.lat, b.lat)) continue;
    const int side = SideOf(a, b, p);
    if (side == 0 && p.lon >= std::min(a.lon, b.lon) && p.lon <= std::max(a.lon, b.lon)) return Position::kBoundary;
    if (a.lat <= p.lat && b.lat > p.lat && side > 0) ++winding;
    if (a.lat > p.lat && b.lat <= p.lat && side < 0) --winding;
  }
  return winding == 0 ? Position::kOutside : Position::kInside;
}

}  // namespace

bool IsValid(const GeoPoint& point) {
  return point.lon >= -180 && point.lon <= 180 && point.lat >= -90 && point.lat <= 90;
}

double HaversineMetres(const GeoPoint& a, const GeoPoint& b) {
  const double lat = std::sin(Radians(b.lat - a.lat) / 2);
  const double lon = std::sin(Radians(b.lon - a.lon) / 2);
  const double h = lat * lat + std::cos(Radians(a.lat)) * std::cos(Radians(b.lat)) * lon * lon;
  return 2 * kMeanEarthRadius * std::asin(std::sqrt(std::min(h, 1.0)));
}

bool IsRing(std::span<const GeoPoint> points) {
  return points.size() >= 4 && points.front() == points.back();
}

bool Contains(const GeoBoundingBox& box, const GeoPoint& point) {
  const bool east_of_left = point.lon > box.top_left.lon;
  const bool west_of_right = point.lon < box.bottom_right.lon;
  const bool within =
      box.top_left.lon > box.bottom_right.lon ? east_of_left || west_of_right : east_of_left && west_of_right;
  return within && point.lat > box.bottom_right.lat && point.lat < box.top_left.lat;
}

bool Contains(const GeoRadius& circle, const GeoPoint& point) {
  return HaversineMetres(circle.center, point) < circle.radius;
}

bool Contains(const GeoPolygon& polygon, const GeoPoint& point) {
  if (PositionIn(polygon.exterior, point) != Position::kInside) return false;
  return std::all_of(polygon.interiors.begin(), polygon.interiors.end(),
                     [&](const GeoRing& hole) { return PositionIn(hole, point) == Position::kOutside; });
}

std::vector<GeoRectangle> BoundsOf(const GeoBoundingBox& box) {
  const double west = box.top_left.lon;
  const double east = box.bottom_right.lon;
  const double south = box.bottom_right.lat;
  const double north = box.top_left.lat;
  if (!(south <= north)) return {};
  if (west <= east) return {{west, south, east, north}};
  return {{west, south, 180, north}, {-180, south, east, north}};
}

std::vector<GeoRectangle> BoundsOf(const GeoRadius& circle) {
  if (circle.radius <= 0) return {};
  // Slack for rounding: a millimetre here, and whole bands where the formulas lose digits (near the poles, and near
  // the point opposite to the centre).
  constexpr double kSlackDegrees = 1e-8;
  constexpr double kPolarSlack = 1e-4;   // radians
  constexpr double kNearlyHalfTurn = 3;  // radians
  const double angle = circle.radius / kMeanEarthRadius;
  if (!(angle < kNearlyHalfTurn)) return {{-180, -90, 180, 90}};
  const double reach = Degrees(angle) + kSlackDegrees;
  const double south = std::max(-90.0, circle.center.lat - reach);
  const double north = std::min(90.0, circle.center.lat + reach);
  const double lat = Radians(circle.center.lat);
  if (std::abs(lat) + angle > kPi / 2 - kPolarSlack) return {{-180, south, 180, north}};
  const double width = Degrees(std::asin(std::min(1.0, std::sin(angle) / std::cos(lat)))) + kSlackDegrees;
  const double west = circle.center.lon - width;
  const double east = circle.center.lon + width;
  if (west < -180) return {{west + 360, south, 180, north}, {-180, south, std::min(east, 180.0), north}};
  if (east > 180) return {{west, south, 180, north}, {-180, south, east - 360, north}};
  return {{west, south, east, north}};
}

std::vector<GeoRectangle> BoundsOf(const GeoPolygon& polygon) {
  if (polygon.exterior.empty()) return {};
  const GeoPoint& first = polygon.exterior.front();
  GeoRectangle bounds{first.lon, first.lat, first.lon, first.lat};
  for (const GeoPoint& point : polygon.exterior) {
    bounds.west = std::min(bounds.west, point.lon);
    bounds.east = std::max(bounds.east, point.lon);
    bounds.south = std::min(bounds.south, point.lat);
    bounds.north = std::max(bounds.north, point.lat);
  }
  return {bounds};
}

}  // namespace sextant
