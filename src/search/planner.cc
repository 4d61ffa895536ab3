#include "search/planner.h"

#include <algorithm>
#include <cmath>

namespace sextant::search {
namespace {

constexpr double kRowsPerCandidate = 14;
constexpr double kWalkPenalty = 1.5;
// Up to this many rows the codes gain nothing over the rows themselves.
constexpr double kFewRows = 2000;
// Segments of this size and more are walked with ef_construct candidates unless the client says otherwise.
constexpr double kFullEffortRows = 1e6;
constexpr double kLeastEffort = 0.25;
// More dimensions than this ask for more candidates.
constexpr double kPlainDimensions = 384;
// Who wants no quantization gets so many times the candidates, all compared by their exact similarities: coarse codes
// then miss no more than walks on full rows would.
constexpr uint64_t kCandidatesWithoutCodes = 2;

}  // namespace

Plan ChoosePlan(const PlanInput& input) {
  if (input.exact || input.rows == 0) return Plan::kExact;
  const double selectivity =
      std::min(1.0, static_cast<double>(input.matches) / static_cast<double>(std::max<uint64_t>(1, input.points)));
  const double scan = static_cast<double>(input.rows) * selectivity;
  const double few = std::min(kFewRows, static_cast<double>(input.ef) * 4);
  if (input.has_graph) {
    const double walk = std::min(static_cast<double>(input.rows),
                                 static_cast<double>(input.ef) * kRowsPerCandidate / std::max(selectivity, 1e-9));
    if (walk * kWalkPenalty < scan) return Plan::kGraph;
  }
  return scan <= few ? Plan::kExact : Plan::kScan;
}

uint32_t EffectiveEf(const VectorQuery& query, const VectorView& vectors, uint64_t rows) {
  uint64_t ef = 0;
  if (query.params.hnsw_ef) {
    ef = *query.params.hnsw_ef;
  } else {
    const double share = std::pow(static_cast<double>(rows) / kFullEffortRows, 0.25) *
                         std::max(1.0, static_cast<double>(vectors.params.size) / kPlainDimensions);
    ef = static_cast<uint64_t>(
        std::ceil(static_cast<double>(vectors.hnsw.ef_construct) * std::clamp(share, kLeastEffort, 1.0)));
  }
  ef = std::max(ef, query.limit);
  if (vectors.is_quantized && query.params.ignore_quantization) {
    ef *= kCandidatesWithoutCodes;
  } else if (vectors.is_quantized && query.params.oversampling) {
    const double asked = *query.params.oversampling * static_cast<double>(query.limit);
    ef = std::max(ef, static_cast<uint64_t>(std::min(asked, static_cast<double>(UINT32_MAX))));
  }
  return static_cast<uint32_t>(std::min<uint64_t>(ef, UINT32_MAX));
}

}  // namespace sextant::search
