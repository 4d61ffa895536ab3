#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace sextant::vector_index {

// The numbers of nearest rows for which recall is measured.
inline constexpr uint32_t kFewNearest = 10;
inline constexpr uint32_t kManyNearest = 100;

// A recall, as the mean over a sample of queries, and the standard error of that mean.
struct MeasuredRecall {
  float mean = 0;
  float error = 0;
};

// Standard errors that are taken off what was measured: of what is promised, so that the luck of a sample rarely
// promises too much, and of what only one way among others is expected to find.
inline constexpr double kErrorsOfPromise = 2;
inline constexpr double kErrorsOfEstimate = 1;

// What searches of one effort find; written to segment files as it lies in memory.
struct RecallPoint {
  uint32_t effort = 0;  // of walks the candidates that they keep, of probes the millionths of the rows they look at
  MeasuredRecall few;   // of the nearest kFewNearest
  MeasuredRecall many;  // of the nearest kManyNearest; of walks it means nothing below that many candidates
};
static_assert(sizeof(RecallPoint) == 20);

// What: how the recall of a segment's walks grows with their candidates, as it was measured on the segment's own rows.
// Threads: immutable.
class RecallCurve {
 public:
  // `points`: ascending by effort; at least one.
  explicit RecallCurve(std::vector<RecallPoint> points) : points_(std::move(points)) {}

  const std::vector<RecallPoint>& points() const { return points_; }

  // The fewest candidates with which walks find, on average over queries that resemble the rows, the share `recall` of
  // the `k` nearest rows; at least k. So many standard errors are taken off what was measured. Between points, and
  // between the measured numbers of nearest rows, both sides are interpolated as powers of each other; below
  // kFewNearest rows count as many, above kManyNearest candidates grow in proportion. nullopt when no measured walk
  // found as much; always for a recall of 1.
  std::optional<uint32_t> EfFor(double recall, uint32_t k, double errors = kErrorsOfPromise) const;

  // The share of the `k` nearest rows that walks with `ef` candidates found on average, interpolated likewise. Never 1:
  // no sample shows that.
  double RecallOf(uint32_t ef, uint32_t k) const;

 private:
  std::vector<RecallPoint> points_;
};

// What: the same for probes of the clusters nearest to a query, by the share of the rows that lie in them.
// Threads: immutable.
class ProbeCurve {
 public:
  // `points`: ascending by effort; at least one.
  explicit ProbeCurve(std::vector<RecallPoint> points) : points_(std::move(points)) {}

  const std::vector<RecallPoint>& points() const { return points_; }

  // The least share of the rows, in (0, 1], with which probes find the share `recall` of the `rank` nearest rows. It
  // grows as a power of the rank, which the two measured numbers of nearest rows tell, also beyond them.
  double ShareFor(double recall, double rank) const;

 private:
  std::vector<RecallPoint> points_;
};
inline constexpr double kWholeEffort = 1e6;  // of a probe that looks at all rows

}  // namespace sextant::vector_index
