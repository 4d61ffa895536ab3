#include "vector_index/dense/filtered_plan.h"

#include <algorithm>
#include <cmath>

namespace sextant::vector_index {
namespace {

constexpr uint32_t kPassRateSample = 512;
// Deviations of a binomial count beyond which a guess at the pass rate is wrong.
constexpr double kDeviations = 3;
// Costs where scoring a row's code in a scan costs 1: a walk, each row it scores, and how many these are for each
// candidate; looking up the row of a match.
constexpr double kWalkRow = 2.4;
constexpr double kRowsOfWalk = 500;
constexpr double kRowsOfCandidate = 9;
constexpr double kLookUp = 0.6;
// A scan finds every match, the others most of them, so a scan may cost this much more.
constexpr double kScanPreferred = 1.3;
// Deviations of the number of matches among the candidates of a walk for which it keeps more of them.
constexpr double kMatchDeviations = 3;
// Walks keep their candidates in a sorted array, whose upkeep grows with it: by half for so many.
constexpr double kCandidatesOfHalf = 4000;
constexpr double kMostWalkedCandidates = 16384;

double WalkCost(double ef) {
  return kWalkRow * (1 + ef / (2 * kCandidatesOfHalf)) * (kRowsOfWalk + kRowsOfCandidate * ef);
}

}  // namespace

FilteredPlan PlanFilteredSearch(const FilteredTask& task) {
  FilteredPlan plan;
  const double pass_rate = std::max(task.pass_rate, 1.0 / task.rows);
  const double matches = pass_rate * task.rows;
  // Of the k-th match, and one deviation of it.
  const double rank = (task.k + std::sqrt(task.k * (1 - pass_rate))) / pass_rate;
  const double recall = task.walks.RecallOf(task.ef, task.k);
  const double scan = matches * (1 + kLookUp);
  plan.probe = {.share = task.probes.ShareFor(recall, rank), .accepted_rows = matches, .scan_cost = scan};
  double cost = scan / kScanPreferred;
  if (const double probe = ProbeCost(task.clusters, plan.probe); probe < cost) {
    plan.way = FilteredWay::kProbe;
    cost = probe;
  }
  const std::optional<uint32_t> measured = task.walks.EfFor(recall, static_cast<uint32_t>(std::ceil(rank)));
  // As many matches are candidates then as without a filter rows are; often fewer do.
  double ef = task.ef / pass_rate;
  if (measured) ef = std::min(ef, static_cast<double>(*measured));
  ef = std::max(ef, (task.k + kMatchDeviations * std::sqrt(task.k)) / pass_rate);
  if (ef <= kMostWalkedCandidates && WalkCost(ef) < cost) {
    plan.way = FilteredWay::kWalk;
    plan.walk_ef = std::min(task.rows, static_cast<uint32_t>(std::ceil(ef)));
  }
  return plan;
}

double SamplePassRate(const RowFilter& filter, uint32_t rows, const SearchRequest& request) {
  const uint32_t count = std::min(rows, kPassRateSample);
  uint32_t sample[kPassRateSample];
  for (uint32_t i = 0; i < count; ++i) {
    sample[i] = SpreadRow(i, count, rows);
    filter.Prefetch(sample[i]);
  }
  uint32_t passed[kPassRateSample];
  const auto found = static_cast<double>(filter.SelectOf(std::span(sample).first(count), passed));
  const double expected = request.accept_share * count;
  if (std::fabs(found - expected) <= kDeviations * (1 + std::sqrt(expected))) return request.accept_share;
  return found / count;
}

}  // namespace sextant::vector_index
