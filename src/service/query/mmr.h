#pragma once

#include "base/status.h"
#include "collection/sharding/collection_view.h"
#include "runtime/deadline.h"
#include "service/query/query_hit.h"
#include "service/query/query_request.h"
#include "types/vector_value.h"

namespace sextant::service {

// Maximal marginal relevance (Carbonell and Goldstein, 1998): of the candidates, first the most similar to the query,
// then again and again the one with the largest (1 − diversity)·similarity to the query − diversity·largest similarity
// to those already chosen; up to `limit`, in order of choice, with the scores that they had. Similarities are raw ones,
// those of sparse vectors without the IDF that scores may have.
struct MmrTask {
  const collection::CollectionView& view;
  const std::string& using_name;
  const VectorValue& query;  // outlives the call
  float diversity = 0.5f;
  uint64_t limit = 10;
  Deadline deadline;
};
Result<QueryHits> Diversify(const MmrTask& task, QueryHits candidates);

}  // namespace sextant::service
