#include "types/values/geo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>

namespace sextant {
namespace {

TEST(Geo, PointsHaveBounds) {
  EXPECT_TRUE(IsValid({-180, 90}));
  EXPECT_TRUE(IsValid({180, -90}));
  EXPECT_FALSE(IsValid({180.001, 0}));
  EXPECT_FALSE(IsValid({0, -90.001}));
  EXPECT_FALSE(IsValid({std::numeric_limits<double>::quiet_NaN(), 0}));
}

TEST(Geo, DistancesAgreeWithAGeodesyLibrary) {
  struct Row {
    GeoPoint a, b;
    double metres;  // of the geodesic on a sphere
  };
  for (const Row& row :
       {Row{{37.6173, 55.7558}, {-0.1278, 51.5074}, 2500539.4749084758}, Row{{13.405, 52.52}, {13.405, 52.52}, 0.0},
        Row{{179.9, 0.1}, {-179.9, -0.1}, 31450.71012338302}, Row{{0, 90}, {77, -90}, 20015114.442035925},
        Row{{-70.5, -33.4}, {151.2, -33.9}, 11357738.519729175},
        Row{{10, 45}, {10.00001, 45.00001}, 1.3618560036855125},
        Row{{-50.3118, 50.3542}, {117.6738, -42.8905}, 18780685.400737807},
        Row{{159.4654, -85.3849}, {50.6479, -43.1543}, 5391306.730648728},
        Row{{-82.1708, -60.3327}, {-75.7294, 66.1179}, 14070710.116720228},
        Row{{165.9323, 62.7353}, {-45.9385, 62.0621}, 5883614.768127796},
        Row{{-58.5351, -20.1723}, {-90.4055, -45.482}, 4048570.4156931434},
        Row{{-79.2009, 80.024}, {114.4378, 79.5973}, 2249818.0874945214}}) {
    EXPECT_NEAR(HaversineMetres(row.a, row.b), row.metres, 1e-6 + 1e-9 * row.metres);
    EXPECT_EQ(Contains(GeoRadius{row.a, row.metres * 1.0001 + 1e-3}, row.b), true);
    EXPECT_EQ(Contains(GeoRadius{row.a, row.metres * 0.9999}, row.b), false);
  }
  EXPECT_FALSE(Contains(GeoRadius{{1, 2}, 0}, {1, 2}));
}

TEST(Geo, BoxesExcludeTheirEdgesAndCrossTheAntimeridian) {
  const GeoBoundingBox box{{-10, 20}, {30, -5}};
  EXPECT_TRUE(Contains(box, {0, 0}));
  EXPECT_FALSE(Contains(box, {-10, 0}));
  EXPECT_FALSE(Contains(box, {30, 0}));
  EXPECT_FALSE(Contains(box, {0, 20}));
  EXPECT_FALSE(Contains(box, {0, -5}));
  EXPECT_FALSE(Contains(box, {170, 0}));
  const GeoBoundingBox pacific{{170, 20}, {-160, -5}};
  EXPECT_TRUE(Contains(pacific, {175, 0}));
  EXPECT_TRUE(Contains(pacific, {180, 0}));
  EXPECT_TRUE(Contains(pacific, {-180, 0}));
  EXPECT_TRUE(Contains(pacific, {-170, 0}));
  EXPECT_FALSE(Contains(pacific, {0, 0}));
  EXPECT_FALSE(Contains(pacific, {170, 0}));
  EXPECT_FALSE(Contains(pacific, {-160, 0}));
  EXPECT_FALSE(Contains(GeoBoundingBox{{0, 0}, {10, 5}}, {5, 3}));  // upside down
}

TEST(Geo, PolygonsAgreeWithAGeometryLibrary) {
  const GeoPolygon polygon{{{0, 0}, {10, 1}, {12, 9}, {5, 4}, {1, 11}, {0, 0}}, {{{2, 2}, {4, 2.5}, {3, 4}, {2, 2}}}};
  struct Row {
    GeoPoint point;
    bool inside;
  };
  for (const Row& row : {Row{{5, 2}, true},   Row{{0, 0}, false},     Row{{5, 0.5}, false},  Row{{6, 5}, false},
                         Row{{3, 3}, false},  Row{{2, 2}, false},     Row{{3, 2.25}, false}, Row{{4.5, 2.5}, true},
                         Row{{1, 5}, true},   Row{{8.5, 6.5}, false}, Row{{8, 7}, false},    Row{{11, 5}, false},
                         Row{{10, 1}, false}, Row{{0.5, 5.5}, false}, Row{{2.5, 3}, false},  Row{{1, 10.9}, true},
                         Row{{12, 9}, false}, Row{{11.9, 8.7}, true}, Row{{-1, 4}, false},   Row{{5, 4}, false}})
    EXPECT_EQ(Contains(polygon, row.point), row.inside) << row.point.lon << " " << row.point.lat;

  const GeoPolygon star{{{54.416, -10.0},
                         {24.549, -7.374},
                         {27.609, 3.179},
                         {20.0, 19.672},
                         {12.044, 3.78},
                         {-7.524, 5.891},
                         {8.171, -10.0},
                         {2.826, -19.915},
                         {12.456, -23.066},
                         {20.0, -30.798},
                         {26.581, -21.399},
                         {32.201, -17.044},
                         {54.416, -10.0}},
                        {}};
  std::string inside;
  for (int i = 0; i < 64; ++i)
    inside += Contains(star, {-20.0 + i % 8 * 11, -50.0 + std::floor(i / 8) * 11}) ? '1' : '0';
  EXPECT_EQ(inside, "0000000000000000000000000001100000011000000110000000000000000000");
}

TEST(Geo, PolygonsDoNotDependOnTheDirectionOfTheirRings) {
  const GeoRing square = {{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}};
  const GeoRing reversed(square.rbegin(), square.rend());
  for (const GeoRing& ring : {square, reversed}) {
    EXPECT_TRUE(Contains(GeoPolygon{ring, {}}, {1, 4 - 1e-15}));
    EXPECT_FALSE(Contains(GeoPolygon{ring, {}}, {1, 4}));
    EXPECT_FALSE(Contains(GeoPolygon{ring, {}}, {5, 4}));
    EXPECT_FALSE(Contains(GeoPolygon{{{-9, -9}, {9, -9}, {9, 9}, {-9, 9}, {-9, -9}}, {ring}}, {1, 1}));
    EXPECT_TRUE(Contains(GeoPolygon{{{-9, -9}, {9, -9}, {9, 9}, {-9, 9}, {-9, -9}}, {ring}}, {-1, 1}));
  }
}

TEST(Geo, SlopingEdgesAreExact) {
  // 0.1, 0.2 and 0.3 are not on one line as doubles: the sum 0.1 + 0.2 is not 0.3.
  const GeoPolygon polygon{{{0, 0}, {0.3, 0.3}, {0, 0.3}, {0, 0}}, {}};
  EXPECT_FALSE(Contains(polygon, {0.1, 0.1}));
  EXPECT_TRUE(Contains(polygon, {0.1, 0.1 + 1e-17 + std::numeric_limits<double>::epsilon() / 8}));
  EXPECT_FALSE(Contains(polygon, {0.1, 0.1 - std::numeric_limits<double>::epsilon() / 8}));
}

TEST(Geo, RingsAreClosed) {
  EXPECT_TRUE(IsRing(GeoRing{{0, 0}, {1, 0}, {1, 1}, {0, 0}}));
  EXPECT_FALSE(IsRing(GeoRing{{0, 0}, {1, 0}, {0, 0}}));
  EXPECT_FALSE(IsRing(GeoRing{{0, 0}, {1, 0}, {1, 1}, {0, 1}}));
  EXPECT_FALSE(IsRing(GeoRing{}));
}

bool AnyHolds(const std::vector<GeoRectangle>& bounds, const GeoPoint& p) {
  return std::any_of(bounds.begin(), bounds.end(), [&](const GeoRectangle& r) {
    return p.lon >= r.west && p.lon <= r.east && p.lat >= r.south && p.lat <= r.north;
  });
}

TEST(Geo, BoundsHoldWhatTheAreasHold) {
  std::mt19937_64 random(3);
  const auto point = [&]() -> GeoPoint {
    const auto within = [&](double most) { return std::uniform_real_distribution<double>(-most, most)(random); };
    switch (random() % 4) {
      case 0: return {random() % 2 == 0 ? 180.0 - static_cast<double>(random() % 3) : -180.0, within(90)};
      case 1: return {within(180), random() % 2 == 0 ? 89.99 : -90.0};
      default: return {within(180), within(90)};
    }
  };
  int held = 0;
  for (int i = 0; i < 3000; ++i) {
    const double radius = std::pow(10.0, static_cast<double>(random() % 800) / 100.0);
    const GeoRadius circle{point(), radius};
    const GeoBoundingBox box{point(), point()};
    const auto circle_bounds = BoundsOf(circle);
    const auto box_bounds = BoundsOf(box);
    for (const GeoRectangle& r : circle_bounds) {
      EXPECT_TRUE(IsValid({r.west, r.south}) && IsValid({r.east, r.north}));
      EXPECT_TRUE(r.west <= r.east && r.south <= r.north);
    }
    for (int j = 0; j < 30; ++j) {
      GeoPoint p = point();
      if (j % 2 == 0) {  // near the edge of the circle
        p = {circle.center.lon + (p.lon / 180) * radius / 111000, circle.center.lat + (p.lat / 90) * radius / 111000};
        if (!IsValid(p)) continue;
      }
      if (Contains(circle, p)) {
        ++held;
        ASSERT_TRUE(AnyHolds(circle_bounds, p))
            << radius << " around " << circle.center.lon << " " << circle.center.lat << ": " << p.lon << " " << p.lat;
      }
      ASSERT_TRUE(!Contains(box, p) || AnyHolds(box_bounds, p));
    }
  }
  EXPECT_GT(held, 5000);
  EXPECT_TRUE(BoundsOf(GeoRadius{{0, 0}, -1}).empty());
}

}  // namespace
}  // namespace sextant
