#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/status.h"
#include "collection/sharding/collection_view.h"
#include "runtime/deadline.h"
#include "service/query/query_hit.h"
#include "service/query/query_report.h"
#include "service/query/query_request.h"
#include "service/query/vector_sources.h"

namespace sextant::service {

// What: a checked query on one view. Leaves search the whole view; a stage with prefetches ranks the points that those
// found, each cut to its own limit. The filter of a stage goes down to its leaves and is not applied again.
// Threads: one; searches run on the view's executor.
// Ownership: borrows the view, the sources, which were loaded for the request, and the report (may be null).
// Errors: those of the searches; kWrongInput from formulas; kTimeout.
class QueryRun {
 public:
  QueryRun(const collection::CollectionView& view, const VectorSources& sources, const Deadline& deadline,
           QueryReport* report)
      : view_(view), sources_(sources), deadline_(deadline), stats_(report != nullptr ? &report->stats : nullptr) {
    if (report != nullptr && report->explanation) explanation_ = &*report->explanation;
  }

  // The hits of the request, without the first `offset`. Explained where the report has an explanation.
  Result<QueryHits> Run(const QueryRequest& request);

 private:
  // `explanation` is null where none is wanted, here and below.
  Result<QueryHits> RunStage(const QueryStage& stage, const Filter* outer, uint64_t limit,
                             StageExplanation* explanation);
  // The same without its own entry in the explanation.
  Result<QueryHits> FindHits(const QueryStage& stage, const Filter* outer, uint64_t limit,
                             StageExplanation* explanation);
  // Where a search looks: at all points within the filter, or at the points of `within`.
  struct Place {
    const Filter* filter = nullptr;
    const collection::PointSet* within = nullptr;
    std::vector<search::ShardExplanation>* explanations = nullptr;
  };
  Result<QueryHits> Ask(const QueryStage& stage, uint64_t limit, const Place& place) const;
  Result<QueryHits> Scroll(const Filter* filter, uint64_t limit) const;
  Result<QueryHits> Ordered(const search::OrderedScrollRequest& request, const collection::PointSet* within) const;
  Result<QueryHits> Sampled(const Filter* filter, uint64_t limit, const collection::PointSet* within) const;
  Result<QueryHits> Nearest(const search::VectorScope& scope, VectorValue vector, const Place& place) const;
  Result<QueryHits> NearestDiverse(const QueryStage& stage, const NearestQuery& query, search::VectorScope scope,
                                   const Place& place) const;
  Result<QueryHits> ByExamples(const QueryStage& stage, const search::VectorScope& scope, const Place& place) const;
  Result<QueryHits> ByFormula(const search::Formula& formula, const std::vector<QueryHits>& lists) const;
  Result<float> ScoreByFormula(const search::Formula& formula, const collection::FoundPoint& point,
                               std::span<const std::optional<float>> scores) const;

  const collection::CollectionView& view_;
  const VectorSources& sources_;
  const Deadline deadline_;
  search::SearchStats* stats_;
  QueryExplanation* explanation_ = nullptr;
  uint64_t prefetched_ = 0;  // hits of all prefetches so far
};

// Runs a checked request that needs its sources loaded first.
Result<QueryHits> RunQuery(const collection::CollectionView& view, const QueryRequest& request,
                           const VectorSources::OpenView& open, const Deadline& deadline, QueryReport* report);

// The hits with what the request wants of their points.
Result<std::vector<ScoredPoint>> FetchHits(const collection::CollectionView& view, const QueryRequest& request,
                                           const QueryHits& hits, const Deadline& deadline);

}  // namespace sextant::service
