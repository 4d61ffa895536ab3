#pragma once

#include <vector>

#include "search/scoring/score_rule.h"
#include "service/query/query_request.h"
#include "service/query/vector_sources.h"
#include "types/vector_value.h"

namespace sextant::service {

// The query of a stage in the terms of search/.

// mean(positives), or 2·mean(positives) − mean(negatives); of multivectors, the rows of all positives and those of all
// negatives, negated. Precondition: at least one positive; vectors of one kind and size.
VectorValue AverageVector(const QueryStage& stage, const RecommendQuery& query, const VectorSources& sources);

struct Examples {
  std::vector<VectorValue> vectors;
  search::ScoreRule rule;
};
// Precondition: the stage's query ranks by examples: recommend (but by average), discover, context or feedback.
Examples ExamplesOf(const QueryStage& stage, const VectorSources& sources);

}  // namespace sextant::service
