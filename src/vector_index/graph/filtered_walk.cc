#include "vector_index/graph/filtered_walk.h"

#include <algorithm>

#include "vector_index/graph/graph_walk.h"

namespace sextant::vector_index {
namespace {

constexpr uint32_t kSampledRows = 512;
constexpr size_t kSampledStarts = 32;
// From this pass rate on, rejected rows are walked like others: the detour over them is short.
constexpr double kWalkRejectedRate = 0.5;
// Costs where scanning one row's code costs 1: asking the filter about a row met on a walk, or met in order; and what
// a hop costs besides.
constexpr double kWalkTestCost = 0.8;
constexpr double kScanTestCost = 0.1;
constexpr double kHopCost = 40;

bool IsWorse(const Candidate& a, const Candidate& b) {
  return a.similarity < b.similarity;
}

}  // namespace

FilterSample SampleFilter(const RowFilter& filter, const CodeRows& rows, const CodeQuery& query, WalkScratch* scratch) {
  const uint32_t count = std::min(rows.rows, kSampledRows);
  scratch->ReserveBatch(count);
  for (uint32_t i = 0; i < count; ++i) {
    scratch->batch[i] = SpreadRow(i, count, rows.rows);
    filter.Prefetch(scratch->batch[i]);
  }
  scratch->pool.Reset(count);
  ScoreBatchInto(rows, query, count, scratch, &scratch->pool);

  FilterSample sample;
  const size_t scored = scratch->pool.size(), near = (scored + 7) / 8;
  size_t passed = 0, near_passed = 0;
  for (size_t i = 0; i < scored; ++i) {
    const uint32_t row = scratch->pool.row(i);
    if (!filter.Accepts(row)) continue;
    ++passed;
    near_passed += i < near ? 1 : 0;
    if (sample.accepted.size() < kSampledStarts) sample.accepted.push_back(row);
  }
  sample.pass_rate = scored == 0 ? 0 : static_cast<double>(passed) / static_cast<double>(scored);
  sample.near_pass_rate = near == 0 ? 0 : static_cast<double>(near_passed) / static_cast<double>(near);
  return sample;
}

double FilteredWalkCost(double pass_rate, size_t ef, uint32_t slots) {
  double tested = slots;
  if (pass_rate < kWalkRejectedRate)
    tested = std::min(static_cast<double>(slots) * slots, slots / (2 * std::max(pass_rate, 1e-9)));
  return static_cast<double>(ef) * (kHopCost + kWalkTestCost * tested);
}

void FilteredWalk::Start(const FilterSample& sample) {
  scratch_.visited.Begin(graph_.rows.rows);
  scratch_.frontier.clear();
  scratch_.ReserveBatch(std::max(graph_.entries.size() + sample.accepted.size(), size_t{2} * graph_.links.slots()));
  to_score_ = 0;
  for (std::span<const uint32_t> starts : {graph_.entries, std::span<const uint32_t>(sample.accepted)})
    for (uint32_t start : starts)
      if (scratch_.visited.Insert(start)) scratch_.batch[to_score_++] = start;
}

void FilteredWalk::CollectAll(uint32_t row) {
  to_score_ = 0;
  graph_.links.ForEach(row, [&](uint32_t link) {
    if (!scratch_.visited.Insert(link)) return;
    filter_.Prefetch(link);
    __builtin_prefetch(graph_.rows.terms + link);
    scratch_.batch[to_score_++] = link;
  });
}

void FilteredWalk::CollectAccepted(uint32_t row) {
  to_score_ = 0;
  rejected_.clear();
  graph_.links.ForEach(row, [&](uint32_t link) { filter_.Prefetch(link); });
  size_t accepted = 0;  // visited before or not
  graph_.links.ForEach(row, [&](uint32_t link) {
    ++tested_;
    if (!filter_.Accepts(link)) {
      if (!scratch_.visited.Contains(link)) rejected_.push_back(link);
      return;
    }
    ++accepted;
    if (scratch_.visited.Insert(link)) scratch_.batch[to_score_++] = link;
  });
  const size_t enough = graph_.links.slots() / 2;
  if (accepted >= enough) return;
  for (uint32_t bridge : rejected_) graph_.links.Prefetch(bridge);
  for (uint32_t bridge : rejected_) {
    if (to_score_ >= enough) return;
    scratch_.visited.Insert(bridge);
    graph_.links.ForEach(bridge, [&](uint32_t link) {
      if (scratch_.visited.Contains(link)) return;
      ++tested_;
      if (!filter_.Accepts(link)) return;
      scratch_.visited.Insert(link);
      scratch_.batch[to_score_++] = link;
    });
  }
}

void FilteredWalk::Push(float similarity, uint32_t row) {
  if (scratch_.results.full() && !(similarity > scratch_.results.worst())) return;
  scratch_.frontier.push_back({similarity, row});
  std::push_heap(scratch_.frontier.begin(), scratch_.frontier.end(), IsWorse);
}

void FilteredWalk::ScoreCollected(const CodeQuery& query) {
  ScoreRows(graph_.rows, query, std::span(scratch_.batch).first(to_score_), scratch_.distances.data(),
            scratch_.similarities.data());
  for (size_t i = 0; i < to_score_; ++i) {
    const float similarity = scratch_.similarities[i];
    if (similarity != similarity) continue;
    Push(similarity, scratch_.batch[i]);
    const bool may_enter = !scratch_.results.full() || similarity > scratch_.results.worst();
    if (may_enter && filter_.Accepts(scratch_.batch[i])) scratch_.results.Insert(similarity, scratch_.batch[i]);
  }
  scored_ += to_score_;
}

Status FilteredWalk::Run(const CodeQuery& query, const FilterSample& sample, const SearchRequest& request,
                         SearchStats* stats, bool* gave_up) {
  walk_rejected_ = sample.pass_rate >= kWalkRejectedRate;
  const double scan_cost = (kScanTestCost + sample.pass_rate) * graph_.rows.rows;
  *gave_up = false;
  Start(sample);
  ScoreCollected(query);
  uint32_t hops = 0;
  while (!scratch_.frontier.empty()) {
    std::pop_heap(scratch_.frontier.begin(), scratch_.frontier.end(), IsWorse);
    const Candidate next = scratch_.frontier.back();
    scratch_.frontier.pop_back();
    if (scratch_.results.full() && next.similarity < scratch_.results.worst()) break;
    if (!scratch_.frontier.empty()) graph_.links.Prefetch(scratch_.frontier.front().row);
    walk_rejected_ ? CollectAll(next.row) : CollectAccepted(next.row);
    ScoreCollected(query);
    ++hops;
    if (static_cast<double>(scored_) + kWalkTestCost * static_cast<double>(tested_) > scan_cost) {
      *gave_up = true;
      break;
    }
    if (hops % kHopsPerDeadlineCheck == 0) RETURN_IF_ERROR(request.deadline.Check());
  }
  stats->rows_scored += scored_;
  stats->hops += hops;
  return OkStatus();
}

}  // namespace sextant::vector_index
