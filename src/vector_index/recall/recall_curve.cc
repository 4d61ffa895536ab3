#include "vector_index/recall/recall_curve.h"

#include <algorithm>
#include <cmath>

namespace sextant::vector_index {
namespace {

// A sample cannot tell smaller shares of missed rows apart.
constexpr double kLeastMissed = 1e-3;

// The share of the nearest rows that walks may miss, by what was measured.
double Missed(const MeasuredRecall& recall) {
  return 1 - (static_cast<double>(recall.mean) - static_cast<double>(recall.error));
}

// a · (b / a)^share
double Between(double a, double b, double share) {
  return a * std::pow(b / a, share);
}

// Candidates after which at most the share `missed` is missed, among points from `least` candidates on.
std::optional<double> Solve(const std::vector<RecallPoint>& points, MeasuredRecall RecallPoint::* measured,
                            uint32_t least, double missed) {
  const RecallPoint* before = nullptr;
  for (const RecallPoint& point : points) {
    if (point.ef < least) continue;
    const double here = Missed(point.*measured);
    if (here > missed) {
      before = &point;
      continue;
    }
    if (before == nullptr) return point.ef;
    const double there = Missed(before->*measured);
    const double share = std::log(there / missed) / std::log(there / std::min(missed, std::max(here, kLeastMissed)));
    return Between(before->ef, point.ef, std::clamp(share, 0.0, 1.0));
  }
  return std::nullopt;
}

}  // namespace

std::optional<uint32_t> RecallCurve::EfFor(double recall, uint32_t k) const {
  const double missed = 1 - recall;
  if (!(missed > 0)) return std::nullopt;
  const std::optional<double> few = Solve(points_, &RecallPoint::few, kFewNearest, missed);
  std::optional<double> ef = few;
  if (k > kFewNearest) {
    const std::optional<double> many = Solve(points_, &RecallPoint::many, kManyNearest, missed);
    if (!few || !many) return std::nullopt;
    const double share =
        std::log(static_cast<double>(k) / kFewNearest) / std::log(static_cast<double>(kManyNearest) / kFewNearest);
    ef = k > kManyNearest ? *many * k / kManyNearest : Between(*few, *many, share);
  }
  if (!ef) return std::nullopt;
  return std::max(k, static_cast<uint32_t>(std::min(std::round(*ef), static_cast<double>(UINT32_MAX))));
}

}  // namespace sextant::vector_index
