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

// The effort after which at most the share `missed` is missed, among points from the effort `least` on.
std::optional<double> Solve(const std::vector<RecallPoint>& points, MeasuredRecall RecallPoint::* measured,
                            uint32_t least, double missed) {
  const RecallPoint* before = nullptr;
  for (const RecallPoint& point : points) {
    if (point.effort < least) continue;
    const double here = Missed(point.*measured);
    if (here > missed) {
      before = &point;
      continue;
    }
    if (before == nullptr) return point.effort;
    const double there = Missed(before->*measured);
    const double share = std::log(there / missed) / std::log(there / std::min(missed, std::max(here, kLeastMissed)));
    return Between(before->effort, point.effort, std::clamp(share, 0.0, 1.0));
  }
  return std::nullopt;
}

// The share that is missed after an effort.
double MissedAfter(const std::vector<RecallPoint>& points, MeasuredRecall RecallPoint::* measured, double effort) {
  const auto missed = [&](const RecallPoint& point) {
    return std::max(1 - static_cast<double>((point.*measured).mean), kLeastMissed);
  };
  const auto after =
      std::find_if(points.begin(), points.end(), [&](const RecallPoint& p) { return p.effort >= effort; });
  if (after == points.end()) return missed(points.back());
  if (after == points.begin()) return missed(*after);
  const RecallPoint& before = *(after - 1);
  return Between(missed(before), missed(*after),
                 std::log(effort / before.effort) / std::log(static_cast<double>(after->effort) / before.effort));
}

// Where `k` lies between the two measured numbers of nearest rows.
double PlaceOf(double k) {
  return std::log(k / kFewNearest) / std::log(static_cast<double>(kManyNearest) / kFewNearest);
}

}  // namespace

double RecallCurve::RecallOf(uint32_t ef, uint32_t k) const {
  const double few = MissedAfter(points_, &RecallPoint::few, ef);
  if (k <= kFewNearest) return 1 - few;
  const double many = MissedAfter(points_, &RecallPoint::many, ef);
  return 1 - Between(few, many, std::min(1.0, PlaceOf(k)));
}

double ProbeCurve::ShareFor(double recall, double rank) const {
  const double missed = std::max(1 - recall, kLeastMissed);
  const double few = Solve(points_, &RecallPoint::few, 0, missed).value_or(kWholeEffort);
  if (rank <= kFewNearest) return few / kWholeEffort;
  const double many = std::max(few, Solve(points_, &RecallPoint::many, 0, missed).value_or(kWholeEffort));
  return std::min(1.0, Between(few, many, PlaceOf(rank)) / kWholeEffort);
}

std::optional<uint32_t> RecallCurve::EfFor(double recall, uint32_t k) const {
  const double missed = 1 - recall;
  if (!(missed > 0)) return std::nullopt;
  const std::optional<double> few = Solve(points_, &RecallPoint::few, kFewNearest, missed);
  std::optional<double> ef = few;
  if (k > kFewNearest) {
    const std::optional<double> many = Solve(points_, &RecallPoint::many, kManyNearest, missed);
    if (!few || !many) return std::nullopt;
    ef = k > kManyNearest ? *many * k / kManyNearest : Between(*few, *many, PlaceOf(k));
  }
  if (!ef) return std::nullopt;
  return std::max(k, static_cast<uint32_t>(std::min(std::round(*ef), static_cast<double>(UINT32_MAX))));
}

}  // namespace sextant::vector_index
