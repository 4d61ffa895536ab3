#include "vector_index/clusters/cluster_probe.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "vector_index/graph/graph_walk.h"

namespace sextant::vector_index {
namespace {

// Rows that are scored as one batch.
constexpr size_t kProbeBatch = 64;
// Rows that are tested in one go.
constexpr uint32_t kProbeStretch = 128;
constexpr uint32_t kClustersPerDeadlineCheck = 16;
// Costs where scanning one row's code costs 1: asking the filter about a row of a cluster, and ranking a cluster.
constexpr double kProbeTestCost = 0.05;
constexpr double kClusterCost = 0.3;
// The share of all rows that a filter against the query makes a probe look at.
constexpr double kShareTestedAgainst = 0.6;

// Accepted rows that lie so many times as densely as among all rows are far from all queries that are not among them.
constexpr double kConcentrated = 4;

// What it costs to find so many rows then, which lie anywhere but near.
double CostAgainst(const RowClusters& clusters, double rows) {
  return kShareTestedAgainst * clusters.starts.back() * kProbeTestCost + rows;
}

// How many times as many accepted rows must be scored then. (Measured over a million rows of 384 dimensions for recalls
// from 0.97 to 0.99, with filters that accept what is least similar to a group of queries: half of the rows twice as
// many, a twentieth six times.)
double MoreAgainst(double pass_rate) {
  return 2 * std::sqrt(0.5 / std::clamp(pass_rate, 1e-3, 0.5));
}

// Among the rows of the clusters that hold accepted ones, the k-th of these is of a lower rank than among all rows; the
// clusters in which it would lie are as many as in a whole segment, and a larger share of those that hold any.
double RowsOfConcentrated(const ProbeCurve& curve, const RowClusters& clusters, const ProbePlan& plan,
                          double concentration) {
  const double share = curve.ShareFor(plan.recall, RankOfAccepted(plan.k, concentration));
  return std::min(share * concentration * clusters.starts.back(), plan.accepted_rows);
}

// What: one probe.
// Threads: one. Ownership: borrows all.
class Probe {
 public:
  Probe(const ProbeTask& task, WalkScratch* scratch)
      : task_(task),
        clusters_(task.clusters),
        scratch_(*scratch),
        pass_rate_(task.plan.accepted_rows / clusters_.starts.back()),
        tests_planned_(task.plan.share * clusters_.starts.back()),
        scores_planned_(task.plan.share * task.plan.accepted_rows) {
    scratch_.ReserveBatch(kProbeBatch + kProbeStretch);
  }

  Result<bool> Run(const SearchRequest& request, SearchStats* stats) {
    const std::vector<uint32_t> ranking = RankClusters(clusters_, task_.query);
    bool looked_back = false;
    for (size_t at = 0; at < ranking.size(); ++at) {
      if (HasEnough(request.k) && (!PlanForConcentration() || HasEnough(request.k))) break;
      if (!looked_back && static_cast<double>(tested_) >= tests_planned_) {
        looked_back = true;
        if (IsAgainstQuery(scored(), tested_, pass_rate_) && !PlanMore()) break;
      }
      if (at + 1 < ranking.size() && clusters_.members.empty())
        task_.filter.Prefetch(clusters_.starts[ranking[at + 1]]);
      Visit(ranking[at]);
      if (at % kClustersPerDeadlineCheck == 0) RETURN_IF_ERROR(request.deadline.Check());
    }
    Flush();
    stats->rows_scored += scored_;
    return HasEnough(0) || tested_ == clusters_.starts.back();
  }

 private:
  uint64_t scored() const { return scored_ + waiting_; }
  // Where more rows pass near the query than elsewhere, enough are scored before all that may be near were tested.
  bool HasEnough(size_t hits) const {
    return static_cast<double>(scored()) >= scores_planned_ && static_cast<double>(tested_) >= tests_planned_ &&
           scratch_.results.size() + waiting_ >= hits;
  }
  // False when a scan is cheaper than what a filter against the query takes.
  bool PlanMore() {
    const double share = std::min(1.0, task_.plan.share * MoreAgainst(pass_rate_));
    scores_planned_ = share * task_.plan.accepted_rows;
    return CostAgainst(clusters_, scores_planned_) <= task_.plan.scan_cost;
  }

  // False when a scan is cheaper than what is left to do.
  bool PlanForConcentration() {
    scores_planned_ =
        std::max(scores_planned_, RowsOfConcentrated(task_.curve, clusters_, task_.plan, Concentration()));
    return HasEnough(0) ||
           CostAgainst(clusters_, scores_planned_ - static_cast<double>(scored())) <= task_.plan.scan_cost;
  }
  // How many of the other rows of its cluster are accepted where one is, so far; at least as many as anywhere.
  double Concentration() const { return pairs_ > 0 ? std::max(pass_rate_, accepted_pairs_ / pairs_) : pass_rate_; }

  void Visit(uint32_t cluster) {
    const uint64_t scored_before = scored();
    const uint32_t begin = clusters_.starts[cluster], end = clusters_.starts[cluster + 1];
    for (uint32_t place = begin; place < end; place += kProbeStretch) {
      const uint32_t stretch = std::min(kProbeStretch, end - place);
      uint32_t* const selected = &scratch_.batch[waiting_];
      const size_t count = clusters_.members.empty()
                               ? task_.filter.Select(place, stretch, selected)
                               : task_.filter.SelectOf(clusters_.members.subspan(place, stretch), selected);
      // They are scored a batch later.
      for (size_t i = 0; i < count; ++i) PrefetchRowCode(task_.rows, selected[i]);
      waiting_ += count;
      if (waiting_ >= kProbeBatch) Flush();
    }
    tested_ += end - begin;
    const auto accepted = static_cast<double>(scored() - scored_before);
    accepted_pairs_ += accepted * (accepted - 1);
    pairs_ += accepted * (end - begin - 1);
  }

  void Flush() {
    ScoreBatchInto(task_.rows, task_.query, waiting_, &scratch_, &scratch_.results);
    scored_ += waiting_;
    waiting_ = 0;
  }

  const ProbeTask& task_;
  const RowClusters& clusters_;
  WalkScratch& scratch_;
  const double pass_rate_;
  const double tests_planned_;  // rows
  double scores_planned_;       // accepted ones
  uint64_t tested_ = 0;
  uint64_t scored_ = 0;
  double accepted_pairs_ = 0;  // of accepted rows of one cluster
  double pairs_ = 0;           // of an accepted row and another of its cluster
  size_t waiting_ = 0;         // rows in the batch
};

}  // namespace

double RankOfAccepted(uint32_t k, double pass_rate) {
  return (k + std::sqrt(k * (1 - pass_rate))) / pass_rate;
}

double ProbeCost(const ProbeCurve& curve, const RowClusters& clusters, const ProbePlan& plan, double concentration) {
  const double rows = clusters.starts.back();
  const double among_all = plan.share * (rows * kProbeTestCost + plan.accepted_rows);
  const double concentrated = CostAgainst(clusters, RowsOfConcentrated(curve, clusters, plan, concentration));
  const double pass_rate = plan.accepted_rows / rows;
  return clusters.count() * kClusterCost + std::max(among_all, ChanceOfFar(pass_rate, concentration) * concentrated);
}

double ChanceOfFar(double pass_rate, double concentration) {
  return (1 - pass_rate) * std::clamp((concentration / pass_rate - 1) / (kConcentrated - 1), 0.0, 1.0);
}

bool IsAgainstQuery(uint64_t passed, uint64_t near, double pass_rate) {
  return static_cast<double>(passed) < pass_rate * static_cast<double>(near) / 2;
}

Result<bool> ProbeClusters(const ProbeTask& task, const SearchRequest& request, WalkScratch* scratch,
                           SearchStats* stats) {
  return Probe(task, scratch).Run(request, stats);
}

}  // namespace sextant::vector_index
