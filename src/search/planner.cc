#include "search/planner.h"

#include <algorithm>
#include <cmath>

namespace sextant::search {
namespace {

constexpr double kRowsPerCandidate = 14;
constexpr double kWalkPenalty = 1.5;
// Up to this many rows the codes gain nothing over the rows themselves.
constexpr double kFewRows = 2000;
// Up to this many matches in a segment that weighs filters: their rows are read one by one, from anywhere.
constexpr double kFewMatches = 50;
// Segments of this size and more are walked with ef_construct candidates unless the client says otherwise.
constexpr double kFullEffortRows = 1e6;
constexpr double kLeastEffort = 0.25;
// More dimensions than this ask for more candidates.
constexpr double kPlainDimensions = 384;
// Who wants no quantization gets so many times the candidates, all compared by their exact similarities: coarse codes
// then miss no more than walks on full rows would.
constexpr uint64_t kCandidatesWithoutCodes = 2;
// Who says nothing is to miss no more than this where the segment's own measurement tells what that takes, but pays for
// it at most so many times ef_construct (or the limit, which is the least that a walk keeps).
constexpr double kRecallByDefault = 0.98;
constexpr uint64_t kMostByDefault = 4;
// Of segments whose recall was not measured: what the default effort is taken to miss. Three real sets, of 384 and 768
// dimensions, missed less. The share that is missed falls about as fast as candidates grow.
constexpr double kMissedByUnmeasured = 0.04;
// Recall is measured without filters. On real sets, with filters that accept a tenth to nine tenths of the rows, walks
// of equal effort missed up to about so many times as much.
constexpr double kMoreMissedUnderFilters = 1.6;

// By the size of the segment and its rows alone.
uint64_t UnmeasuredEf(const VectorView& vectors, uint64_t rows) {
  const double share = std::pow(static_cast<double>(rows) / kFullEffortRows, 0.25) *
                       std::max(1.0, static_cast<double>(vectors.params.size) / kPlainDimensions);
  return static_cast<uint64_t>(
      std::ceil(static_cast<double>(vectors.hnsw.ef_construct) * std::clamp(share, kLeastEffort, 1.0)));
}

uint32_t LimitOf(const VectorQuery& query) {
  return static_cast<uint32_t>(std::min<uint64_t>(query.limit, UINT32_MAX));
}

uint64_t DefaultEf(const VectorQuery& query, const VectorView& vectors, const WalkFacts& facts) {
  const uint64_t unmeasured = UnmeasuredEf(vectors, facts.rows);
  if (facts.recall == nullptr) return unmeasured;
  const uint64_t most = kMostByDefault * std::max<uint64_t>(vectors.hnsw.ef_construct, query.limit);
  const std::optional<uint64_t> measured =
      facts.recall->EfFor(kRecallByDefault, LimitOf(query), vector_index::kErrorsOfEstimate);
  return std::max(unmeasured, std::min(measured.value_or(most), most));
}

std::optional<uint64_t> EfForRecall(const VectorQuery& query, const VectorView& vectors, const WalkFacts& facts) {
  const double missed = (1 - *query.params.recall_target) / (facts.filtered ? kMoreMissedUnderFilters : 1);
  if (!(missed > 0)) return std::nullopt;
  if (facts.recall != nullptr)
    return facts.recall->EfFor(1 - missed, LimitOf(query), vector_index::kErrorsOfPromise * facts.error_of_all);
  const double ef = static_cast<double>(UnmeasuredEf(vectors, facts.rows)) * kMissedByUnmeasured / missed;
  return static_cast<uint64_t>(std::min(std::round(ef), static_cast<double>(UINT32_MAX)));
}

}  // namespace

Plan ChoosePlan(const PlanInput& input) {
  if (input.exact || input.rows == 0) return Plan::kExact;
  const double selectivity =
      std::min(1.0, static_cast<double>(input.matches) / static_cast<double>(std::max<uint64_t>(1, input.points)));
  const double scan = static_cast<double>(input.rows) * selectivity;
  const double few = std::min(kFewRows, static_cast<double>(input.ef) * 4);
  if (input.has_graph && input.weighs_filters && input.matches < input.points)
    return scan <= kFewMatches ? Plan::kExact : Plan::kGraph;
  if (input.has_graph) {
    const double walk = std::min(static_cast<double>(input.rows),
                                 static_cast<double>(input.ef) * kRowsPerCandidate / std::max(selectivity, 1e-9));
    if (walk * kWalkPenalty < scan) return Plan::kGraph;
  }
  return scan <= few ? Plan::kExact : Plan::kScan;
}

std::optional<uint32_t> EffectiveEf(const VectorQuery& query, const VectorView& vectors, const WalkFacts& facts) {
  const SearchParams& params = query.params;
  uint64_t ef = 0;
  if (params.hnsw_ef) {
    ef = *params.hnsw_ef;
  } else if (params.recall_target && vectors.params.kind != VectorKind::kSparse) {
    const std::optional<uint64_t> chosen = EfForRecall(query, vectors, facts);
    if (!chosen) return std::nullopt;
    ef = *chosen;
  } else {
    ef = DefaultEf(query, vectors, facts);
  }
  ef = std::max(ef, query.limit);
  if (vectors.is_quantized && params.ignore_quantization) {
    ef *= kCandidatesWithoutCodes;
  } else if (vectors.is_quantized && params.oversampling) {
    const double asked = *params.oversampling * static_cast<double>(query.limit);
    ef = std::max(ef, static_cast<uint64_t>(std::min(asked, static_cast<double>(UINT32_MAX))));
  }
  return static_cast<uint32_t>(std::min<uint64_t>(ef, UINT32_MAX));
}

}  // namespace sextant::search
