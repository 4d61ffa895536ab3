#include "vector_index/recall/recall_calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "vector_index/best_hits.h"
#include "vector_index/graph/graph_links.h"
#include "vector_index/graph/graph_walk.h"
#include "vector_index/graph/parallel_rows.h"
#include "vector_index/query_groups.h"
#include "vector_index/row_distance.h"
#include "vector_index/segment_build.h"

namespace sextant::vector_index {
namespace {

// One row of so many is a query that is compared with every row, but at least and at most so many rows: a share of the
// build's time that is small and does not grow with the segment.
constexpr uint32_t kRowsPerQuery = 256;
constexpr uint32_t kFewestQueries = 256;
constexpr uint32_t kMostQueries = 512;
// One row of so many is walked for, but at most so many for each of the queries above.
constexpr uint32_t kRowsPerWalk = 32;
constexpr uint32_t kMostWalksPerQuery = 8;
// Candidates of the walk from a row itself whose nearest stand in for its true neighbours.
constexpr uint32_t kGuessEffort = 64;
// A build that takes a graph over is two to five times as fast.
constexpr uint32_t kShareOfShortBuild = 4;
// Four efforts a decade. Walks are not measured beyond: most queries have found everything long before.
constexpr uint32_t kEfforts[] = {10, 18, 32, 56, 100, 180, 320, 560, 1000, 1800, 3200};
// Twice as much from one to the next.
constexpr uint32_t kProbeEfforts[] = {1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000, 512000, 1000000};
// Queries that have found the few nearest are not walked with more for the sake of the many.
constexpr uint32_t kMostEffortForMany = 1000;
// Rows that are compared with the queries at once; few of these blocks hold a row that is near enough to any query.
constexpr size_t kBlockRows = 8;
constexpr size_t kChunkRows = 64 * kBlockRows;

// The nearest rows of a query.
struct Neighbours {
  std::vector<RowHit> hits;  // by row of the source
  uint32_t few = 0;          // how many nearest rows count as few
  float few_floor = 0;       // the similarity that these reach
};

// The nearest rows of a row, as far as a walk that starts from itself tells.
struct Guess {
  uint32_t count = 0;  // at most kFewNearest
  float floor = 0;     // the similarity of codes that these reach
};

struct Found {
  uint32_t few = 0, many = 0;
  uint32_t guessed = 0;  // candidates as near as the guess, at most its count
};

uint32_t QueriesOf(const CalibrationTask& task) {
  const uint32_t wanted = std::min(task.codes.rows / kRowsPerQuery, kMostQueries);
  return std::min(task.codes.rows, std::max(kFewestQueries, task.short_build ? wanted / kShareOfShortBuild : wanted));
}

// How many rows are walked for with each query, itself included.
uint32_t WalksPerQuery(const CalibrationTask& task, uint32_t queries) {
  const uint32_t wanted = task.codes.rows / (task.short_build ? kShareOfShortBuild * kRowsPerWalk : kRowsPerWalk);
  return std::clamp(wanted / queries, 1U, kMostWalksPerQuery);
}

// What: the mean of a sample of numbers, and how far they are from it.
class SampledNumbers {
 public:
  void Add(double value) {
    sum_ += value;
    squares_ += value * value;
    ++count_;
  }
  double mean() const { return sum_ / count_; }
  double variance() const { return std::max(0.0, squares_ / count_ - mean() * mean()); }
  double count() const { return count_; }

 private:
  double sum_ = 0, squares_ = 0, count_ = 0;
};

double ShareOf(uint32_t found, size_t all) {
  return all == 0 ? 1 : found / static_cast<double>(all);
}

// What: one calibration.
// Ownership: borrows the task.
class RecallCalibration {
 public:
  explicit RecallCalibration(const CalibrationTask& task)
      : task_(task),
        rows_(task.codes.rows),
        dim_(task.spec.dim),
        queries_(QueriesOf(task)),
        walks_(queries_ * WalksPerQuery(task, queries_)),
        distance_(task.spec.distance) {}

  Result<MeasuredSearches> Run() {
    if (rows_ < 2) return MeasuredSearches();
    CopyQueries();
    FindNeighbours();
    RETURN_IF_ERROR(CheckNotCancelled(task_.options));
    WalkAll();
    RETURN_IF_ERROR(CheckNotCancelled(task_.options));
    MeasuredSearches measured;
    for (size_t i = 0; i < walked_.size(); ++i)
      measured.walks.push_back({kEfforts[i], MeasureWalks(walked_[i]), MeasureQueries(walked_[i], &Found::many)});
    if (task_.clusters.count() == 0) return measured;
    ProbeAll();
    RETURN_IF_ERROR(CheckNotCancelled(task_.options));
    for (size_t i = 0; i < probed_.size(); ++i)
      measured.probes.push_back(
          {kProbeEfforts[i], MeasureQueries(probed_[i], &Found::few), MeasureQueries(probed_[i], &Found::many)});
    return measured;
  }

 private:
  // What one thread of the comparison with every row keeps.
  struct Scan {
    Scan(uint32_t queries, size_t lanes, size_t dim)
        : best(queries, BestHits(kManyNearest)), floors(lanes), maxima(lanes), block(kBlockRows * dim) {
      std::fill(floors.begin(), floors.begin() + queries, -std::numeric_limits<float>::infinity());
      std::fill(floors.begin() + queries, floors.end(), std::numeric_limits<float>::infinity());
    }
    std::vector<BestHits> best;
    std::vector<float> floors;  // what a row must exceed to be among the best of a query
    std::vector<float> maxima;  // the largest similarity of a block to each query
    std::vector<float> block;   // [kBlockRows, dim]
    RowScratch scratch;
  };

  // A row of the segment in the middle of the i-th of equal ranges, one for each walk, or soon after: walks could not
  // start without entries.
  uint32_t ChooseRow(uint32_t i) const {
    const std::vector<uint32_t>& entries = task_.graph.entries;
    auto row = static_cast<uint32_t>(uint64_t{rows_} * (2 * i + 1) / (2 * walks_));
    while (std::find(entries.begin(), entries.end(), row) != entries.end()) row = (row + 1) % rows_;
    return row;
  }
  uint32_t SourceOf(uint32_t row) const { return task_.order[row]; }
  const float* query(uint32_t i) const { return values_.data() + size_t{i} * dim_; }

  void CopyQueries() {
    const uint32_t each = walks_ / queries_;
    for (uint32_t i = each / 2; i < walks_; i += each) asked_.push_back(ChooseRow(i));
    for (uint32_t i = 0; i < walks_; ++i)
      if (i % each != each / 2) asked_.push_back(ChooseRow(i));
    values_.resize(size_t{walks_} * dim_);
    RowScratch scratch;
    for (uint32_t i = 0; i < walks_; ++i)
      std::copy_n(task_.source_row(SourceOf(asked_[i]), &scratch), dim_, values_.begin() + size_t{i} * dim_);
  }

  void FindNeighbours() {
    const size_t groups = (queries_ + kernels::kQueryLanes - 1) / kernels::kQueryLanes;
    const std::vector<float> grouped = GroupRows(std::span(values_).first(size_t{queries_} * dim_), dim_, groups);
    std::vector<Scan> scans(static_cast<size_t>(std::max(1, task_.options.threads)),
                            Scan(queries_, groups * kernels::kQueryLanes, dim_));
    ParallelRows(
        task_.options.threads, rows_, kChunkRows, task_.options.cancel, [&](int thread, size_t begin, size_t end) {
          for (size_t first = begin; first < end; first += kBlockRows)
            OfferBlock({grouped.data(), groups, dim_}, static_cast<uint32_t>(first),
                       static_cast<uint32_t>(std::min(end - first, kBlockRows)), &scans[static_cast<size_t>(thread)]);
        });
    neighbours_.resize(queries_);
    for (uint32_t i = 0; i < queries_; ++i) neighbours_[i] = Merge(i, scans);
  }

  // Offers `count` rows of the source from `first` on to every query.
  void OfferBlock(const kernels::QueryGroups& groups, uint32_t first, uint32_t count, Scan* scan) const {
    for (uint32_t i = 0; i < count; ++i)
      std::copy_n(task_.source_row(first + i, &scan->scratch), dim_, scan->block.begin() + size_t{i} * dim_);
    std::fill(scan->maxima.begin(), scan->maxima.end(), -std::numeric_limits<float>::infinity());
    max_kernel_(groups, scan->block.data(), count, scan->maxima.data());
    for (uint32_t i = 0; i < queries_; ++i) {
      if (!(scan->maxima[i] > scan->floors[i])) continue;
      for (uint32_t row = 0; row < count; ++row) {
        if (first + row == SourceOf(asked_[i])) continue;
        scan->best[i].Offer(distance_.Similarity(query(i), &scan->block[size_t{row} * dim_], dim_), first + row);
      }
      scan->floors[i] = static_cast<float>(scan->best[i].floor());
    }
  }

  static Neighbours Merge(uint32_t query, std::vector<Scan>& scans) {
    BestHits best(kManyNearest);
    for (Scan& scan : scans)
      for (const RowHit& hit : scan.best[query].Take()) best.Offer(hit.similarity, hit.row);
    Neighbours neighbours{.hits = best.Take()};
    neighbours.few = std::min(kFewNearest, static_cast<uint32_t>(neighbours.hits.size()));
    if (neighbours.few > 0) neighbours.few_floor = neighbours.hits[neighbours.few - 1].similarity;
    std::sort(neighbours.hits.begin(), neighbours.hits.end(),
              [](const RowHit& a, const RowHit& b) { return a.row < b.row; });
    return neighbours;
  }

  CodeQuery Encode(uint32_t i, WalkScratch* scratch) const {
    scratch->query_code.resize(task_.codec.query_stride());
    scratch->floats.resize(dim_);
    return {scratch->query_code.data(),
            task_.codec.EncodeQuery(query(i), scratch->query_code.data(), scratch->floats.data()), 0};
  }

  void WalkAll() {
    guesses_.resize(walks_);
    for (const uint32_t ef : kEfforts) {
      walked_.emplace_back(walks_);
      if (ef >= rows_) break;
    }
    std::vector<WalkScratch> scratches(static_cast<size_t>(std::max(1, task_.options.threads)));
    ParallelRows(task_.options.threads, walks_, 1, task_.options.cancel, [&](int thread, size_t begin, size_t) {
      WalkOne(static_cast<uint32_t>(begin), &scratches[static_cast<size_t>(thread)]);
    });
  }

  void WalkOne(uint32_t i, WalkScratch* scratch) {
    static const Neighbours kUnknown;
    const Neighbours& neighbours = i < queries_ ? neighbours_[i] : kUnknown;
    const CodeQuery coded = Encode(i, scratch);
    const Guess guess = GuessNeighbours(i, coded, scratch);
    Found found;
    for (size_t effort = 0; effort < walked_.size(); ++effort) {
      const bool all_many = found.many == neighbours.hits.size() || kEfforts[effort] > kMostEffortForMany;
      if (found.few < neighbours.few || found.guessed < guess.count || !all_many) {
        Walk({.rows = task_.codes,
              .query = coded,
              .starts = task_.graph.entries,
              .ef = kEfforts[effort],
              .left_out = asked_[i]},
             scratch);
        found = Count(neighbours, scratch->pool);
        found.guessed = CountAsNear(guess, scratch->pool);
      }
      walked_[effort][i] = found;
    }
    guesses_[i] = guess;
  }

  void Walk(const WalkTask& task, WalkScratch* scratch) const {
    SearchStats stats;
    // Without a deadline a walk cannot fail.
    WalkGraph(GraphLinks(task_.graph.links.data(), task_.graph.degree), task, scratch, &stats).IgnoreError();
  }

  Guess GuessNeighbours(uint32_t i, const CodeQuery& coded, WalkScratch* scratch) const {
    Walk({.rows = task_.codes, .query = coded, .starts = {&asked_[i], 1}, .ef = kGuessEffort}, scratch);
    const CandidatePool& pool = scratch->pool;
    Guess guess;
    for (size_t at = 0; at < pool.size() && guess.count < kFewNearest; ++at) {
      if (pool.row(at) == asked_[i]) continue;
      ++guess.count;
      guess.floor = pool.similarity(at);
    }
    return guess;
  }

  static uint32_t CountAsNear(const Guess& guess, const CandidatePool& pool) {
    uint32_t count = 0;
    while (count < guess.count && count < pool.size() && pool.similarity(count) >= guess.floor) ++count;
    return count;
  }

  void ProbeAll() {
    const RowClusters& clusters = task_.clusters;
    std::vector<uint32_t> cluster_of(rows_);  // by row of the source
    for (uint32_t cluster = 0; cluster < clusters.count(); ++cluster)
      for (uint32_t place = clusters.starts[cluster]; place < clusters.starts[cluster + 1]; ++place)
        cluster_of[SourceOf(clusters.row(place))] = cluster;
    probed_.assign(std::size(kProbeEfforts), std::vector<Found>(queries_));
    std::vector<WalkScratch> scratches(static_cast<size_t>(std::max(1, task_.options.threads)));
    ParallelRows(task_.options.threads, queries_, 1, task_.options.cancel, [&](int thread, size_t begin, size_t) {
      ProbeOne(static_cast<uint32_t>(begin), cluster_of, &scratches[static_cast<size_t>(thread)]);
    });
  }

  void ProbeOne(uint32_t i, const std::vector<uint32_t>& cluster_of, WalkScratch* scratch) {
    // The rows looked at before each cluster.
    std::vector<uint64_t> rows_before(task_.clusters.count());
    uint64_t seen = 0;
    for (const uint32_t cluster : RankClusters(task_.clusters, Encode(i, scratch))) {
      rows_before[cluster] = seen;
      seen += task_.clusters.size(cluster);
    }
    for (size_t effort = 0; effort < probed_.size(); ++effort) {
      const double enough = kProbeEfforts[effort] / kWholeEffort * rows_;
      Found& found = probed_[effort][i];
      for (const RowHit& hit : neighbours_[i].hits) {
        if (static_cast<double>(rows_before[cluster_of[hit.row]]) >= enough) continue;
        ++found.many;
        found.few += hit.similarity >= neighbours_[i].few_floor ? 1 : 0;
      }
      found.few = std::min(found.few, neighbours_[i].few);
    }
  }

  // Rows of the pool among the neighbours: its best ones are compared exactly in the end, so their order in it is not
  // what counts.
  Found Count(const Neighbours& neighbours, const CandidatePool& pool) const {
    Found found;
    for (size_t i = 0; i < pool.size(); ++i) {
      const uint32_t row = SourceOf(pool.row(i));
      const auto hit = std::lower_bound(neighbours.hits.begin(), neighbours.hits.end(), row,
                                        [](const RowHit& a, uint32_t b) { return a.row < b; });
      if (hit == neighbours.hits.end() || hit->row != row) continue;
      ++found.many;
      found.few += hit->similarity >= neighbours.few_floor ? 1 : 0;
    }
    found.few = std::min(found.few, neighbours.few);
    return found;
  }

  MeasuredRecall MeasureWalks(const std::vector<Found>& found) const {
    SampledNumbers guessed, errors, products;
    for (uint32_t i = 0; i < walks_; ++i) guessed.Add(ShareOf(found[i].guessed, guesses_[i].count));
    for (uint32_t i = 0; i < queries_; ++i) {
      const double guess = ShareOf(found[i].guessed, guesses_[i].count);
      const double error = ShareOf(found[i].few, neighbours_[i].few) - guess;
      errors.Add(error);
      products.Add((guess - guessed.mean()) * error);
    }
    const double variance =
        (guessed.variance() + 2 * products.mean()) / guessed.count() + errors.variance() / errors.count();
    return {static_cast<float>(std::clamp(guessed.mean() + errors.mean(), 0.0, 1.0)),
            static_cast<float>(std::sqrt(std::max(0.0, variance)))};
  }

  MeasuredRecall MeasureQueries(const std::vector<Found>& found, uint32_t Found::* count) const {
    SampledNumbers recalls;
    for (uint32_t i = 0; i < queries_; ++i)
      recalls.Add(ShareOf(found[i].*count, count == &Found::few ? neighbours_[i].few : neighbours_[i].hits.size()));
    return {static_cast<float>(recalls.mean()), static_cast<float>(std::sqrt(recalls.variance() / recalls.count()))};
  }

  const CalibrationTask& task_;
  const uint32_t rows_;
  const uint32_t dim_;
  const uint32_t queries_;  // whose true neighbours are found
  const uint32_t walks_;    // rows that are walked for: first the queries, then others
  const RowDistance distance_;
  const MaxKernel max_kernel_ = MaxKernelOf(task_.spec.distance);
  std::vector<uint32_t> asked_;  // the row of the segment that each walk is for
  std::vector<float> values_;    // of these rows, [walks_, dim_]
  std::vector<Guess> guesses_;   // [walks_]
  std::vector<Neighbours> neighbours_;
  std::vector<std::vector<Found>> walked_;  // [efforts][walks_]
  std::vector<std::vector<Found>> probed_;  // [probe efforts][queries_]
};

}  // namespace

Result<MeasuredSearches> CalibrateRecall(const CalibrationTask& task) {
  return RecallCalibration(task).Run();
}

}  // namespace sextant::vector_index
