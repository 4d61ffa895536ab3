#include "vector_index/recall/recall_curve.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace sextant::vector_index {
namespace {

// A sample cannot tell smaller shares of missed rows apart.
constexpr double kLeastMissed = 1e-3;

// The share of the nearest rows that searches may miss, by what was measured.
double Missed(const MeasuredRecall& recall, double errors) {
  return 1 - (static_cast<double>(recall.mean) - errors * static_cast<double>(recall.error));
}

// a · (b / a)^share
double Between(double a, double b, double share) {
  return a * std::pow(b / a, share);
}

// The effort after which at most the share `missed` is missed, by what was measured less `errors` standard errors.
std::optional<double> Solve(std::span<const RecallPoint> points, MeasuredRecall RecallPoint::* measured, double missed,
                            double errors) {
  const RecallPoint* before = nullptr;
  for (const RecallPoint& point : points) {
    const double here = Missed(point.*measured, errors);
    if (here > missed) {
      before = &point;
      continue;
    }
    if (before == nullptr) return point.effort;
    const double there = Missed(before->*measured, errors);
    const double share = std::log(there / missed) / std::log(there / std::min(missed, std::max(here, kLeastMissed)));
    return Between(before->effort, point.effort, std::clamp(share, 0.0, 1.0));
  }
  return std::nullopt;
}

// The points from the effort `least` on.
std::span<const RecallPoint> From(const std::vector<RecallPoint>& points, uint32_t least) {
  const auto first =
      std::find_if(points.begin(), points.end(), [&](const RecallPoint& p) { return p.effort >= least; });
  return {first, points.end()};
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
  const double few = Solve(points_, &RecallPoint::few, missed, kErrorsOfEstimate).value_or(kWholeEffort);
  if (rank <= kFewNearest) return few / kWholeEffort;
  const double many =
      std::max(few, Solve(points_, &RecallPoint::many, missed, kErrorsOfEstimate).value_or(kWholeEffort));
  return std::min(1.0, Between(few, many, PlaceOf(rank)) / kWholeEffort);
}

std::optional<uint32_t> RecallCurve::EfFor(double recall, uint32_t k, double errors) const {
  const double missed = 1 - recall;
  if (!(missed > 0)) return std::nullopt;
  const std::optional<double> few = Solve(From(points_, kFewNearest), &RecallPoint::few, missed, errors);
  std::optional<double> ef = few;
  if (k > kFewNearest) {
    const std::optional<double> many = Solve(From(points_, kManyNearest), &RecallPoint::many, missed, errors);
    if (!few || !many) return std::nullopt;
    ef = k > kManyNearest ? *many * k / kManyNearest : Between(*few, *many, PlaceOf(k));
  }
  if (!ef) return std::nullopt;
  return std::max(k, static_cast<uint32_t>(std::min(std::round(*ef), static_cast<double>(UINT32_MAX))));
}

}  // namespace sextant::vector_index
