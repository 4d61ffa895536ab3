#include "vector_index/dense/filtered_plan.h"

#include <algorithm>
#include <cmath>

namespace sextant::vector_index {
namespace {

constexpr uint32_t kPassRateSample = 512;
// The other row of a cluster lies so far away in the order of clusters: mostly in the same one, and not just beside it.
constexpr uint32_t kPlacesToOther = 32;
constexpr uint32_t kMostPairs = 64;
// A few rows that pass tell little of their clusters: one pair may be chance, and so many more count as found where
// rows pass as often as anywhere.
constexpr double kPriorPairs = 4;
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
  const double pass_rate = std::max(task.passes.rate, 1.0 / task.rows);
  const double matches = pass_rate * task.rows;
  const double rank = RankOfAccepted(task.k, pass_rate);
  const double recall = task.walks.RecallOf(task.ef, task.k);
  const double scan = matches * (1 + kLookUp);
  plan.probe = {.k = task.k,
                .recall = recall,
                .share = task.probes.ShareFor(recall, rank),
                .accepted_rows = matches,
                .scan_cost = scan};
  const double concentration = std::max(pass_rate, task.passes.concentration);
  double cost = scan / kScanPreferred;
  if (const double probe = ProbeCost(task.probes, task.clusters, plan.probe, concentration); probe < cost) {
    plan.way = plan.after_walk = FilteredWay::kProbe;
    cost = probe;
  }
  const std::optional<uint32_t> measured =
      task.walks.EfFor(recall, static_cast<uint32_t>(std::ceil(rank)), kErrorsOfEstimate);
  // As many matches are candidates then as without a filter rows are; often fewer do.
  double ef = task.ef / pass_rate;
  if (measured) ef = std::min(ef, static_cast<double>(*measured));
  ef = std::max(ef, (task.k + kMatchDeviations * std::sqrt(task.k)) / pass_rate);
  const double walk = WalkCost(ef) + ChanceOfFar(pass_rate, concentration) * cost;
  if (ef <= kMostWalkedCandidates && walk < cost) {
    plan.way = FilteredWay::kWalk;
    plan.walk_ef = std::min(task.rows, static_cast<uint32_t>(std::ceil(ef)));
  }
  return plan;
}

PassSample SamplePasses(const RowFilter& filter, const RowClusters& clusters, const SearchRequest& request) {
  const uint32_t rows = clusters.starts.back();
  const uint32_t count = std::min(rows, kPassRateSample);
  uint32_t places[kPassRateSample];
  for (uint32_t i = 0; i < count; ++i) {
    places[i] = SpreadRow(i, count, rows);
    filter.Prefetch(clusters.row(places[i]));
  }
  uint32_t passed = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t place = places[i];
    places[passed] = place;
    passed += filter.Accepts(clusters.row(place)) ? 1 : 0;
  }
  PassSample sample{.rate = static_cast<double>(passed) / count};
  const double expected = request.accept_share * count;
  if (std::fabs(passed - expected) <= kDeviations * (1 + std::sqrt(expected))) sample.rate = request.accept_share;

  const uint32_t pairs = std::min(passed, kMostPairs);
  uint32_t others[kMostPairs];
  for (uint32_t i = 0; i < pairs; ++i) {
    const uint32_t place = places[uint64_t{i} * passed / pairs];
    others[i] =
        clusters.row(place + kPlacesToOther < rows ? place + kPlacesToOther : place - std::min(place, kPlacesToOther));
    filter.Prefetch(others[i]);
  }
  uint32_t found[kMostPairs];
  const auto together = static_cast<double>(filter.SelectOf(std::span(others).first(pairs), found));
  sample.concentration = std::max(sample.rate, (together - 1 + kPriorPairs * sample.rate) / (pairs + kPriorPairs));
  return sample;
}

}  // namespace sextant::vector_index
