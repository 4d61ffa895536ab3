#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/status.h"
#include "collection/sharding/collection_view.h"
#include "runtime/deadline.h"
#include "service/query/query_hit.h"
#include "service/query/query_request.h"
#include "service/query/vector_sources.h"

namespace sextant::service {

// What: a checked query on one view. Leaves search the whole view; a stage with prefetches ranks the points that those
// found, each cut to its own limit. The filter of a stage goes down to its leaves and is not applied again.
// Threads: one; searches run on the view's executor.
// Ownership: borrows the view, the sources, which were loaded for the request, and the statistics (may be null).
// Errors: those of the searches; kWrongInput from formulas; kTimeout.
class QueryRun {
 public:
  QueryRun(const collection::CollectionView& view, const VectorSources& sources, const Deadline& deadline,
           search::SearchStats* stats)
      : view_(view), sources_(sources), deadline_(deadline), stats_(stats) {}

  // The hits of the request, without the first `offset`.
  Result<QueryHits> Run(const QueryRequest& request);

 private:
  Result<QueryHits> RunStage(const QueryStage& stage, const Filter* outer, uint64_t limit);
  // Asks the view: all of it within the filter, or the points of `within`.
  Result<QueryHits> Ask(const QueryStage& stage, const Filter* filter, uint64_t limit,
                        const collection::PointSet* within) const;
  Result<QueryHits> Scroll(const Filter* filter, uint64_t limit) const;
  Result<QueryHits> Ordered(const search::OrderedScrollRequest& request, const collection::PointSet* within) const;
  Result<QueryHits> Sampled(const Filter* filter, uint64_t limit, const collection::PointSet* within) const;
  Result<QueryHits> Nearest(const search::VectorScope& scope, VectorValue vector,
                            const collection::PointSet* within) const;
  Result<QueryHits> NearestDiverse(const QueryStage& stage, const NearestQuery& query, search::VectorScope scope,
                                   const collection::PointSet* within) const;
  Result<QueryHits> ByExamples(const QueryStage& stage, const search::VectorScope& scope,
                               const collection::PointSet* within) const;
  Result<QueryHits> ByFormula(const search::Formula& formula, const std::vector<QueryHits>& lists) const;
  Result<float> ScoreByFormula(const search::Formula& formula, const collection::FoundPoint& point,
                               std::span<const std::optional<float>> scores) const;

  const collection::CollectionView& view_;
  const VectorSources& sources_;
  const Deadline deadline_;
  search::SearchStats* stats_;
  uint64_t prefetched_ = 0;  // hits of all prefetches so far
};

// Runs a checked request that needs its sources loaded first.
Result<QueryHits> RunQuery(const collection::CollectionView& view, const QueryRequest& request,
                           const VectorSources::OpenView& open, const Deadline& deadline, search::SearchStats* stats);

// The hits with what the request wants of their points.
Result<std::vector<ScoredPoint>> FetchHits(const collection::CollectionView& view, const QueryRequest& request,
                                           const QueryHits& hits, const Deadline& deadline);

}  // namespace sextant::service
