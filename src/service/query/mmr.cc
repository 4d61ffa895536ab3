#include "service/query/mmr.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "search/scoring/similarity.h"

namespace sextant::service {
namespace {

constexpr size_t kSimilaritiesPerDeadlineCheck = 1024;

struct Pending {
  size_t candidate = 0;
  float relevance = 0;
  float closest = -std::numeric_limits<float>::infinity();  // similarity to the nearest of the chosen ones
};

// The place of the last of the largest values.
template <typename Score>
size_t LastLargest(const std::vector<Pending>& pending, Score&& score) {
  size_t best = 0;
  for (size_t i = 1; i < pending.size(); ++i)
    if (score(pending[i]) >= score(pending[best])) best = i;
  return best;
}

// Takes one out; the last one moves into its place.
size_t TakeOut(size_t place, std::vector<Pending>* pending) {
  const size_t candidate = (*pending)[place].candidate;
  (*pending)[place] = pending->back();
  pending->pop_back();
  return candidate;
}

}  // namespace

Result<QueryHits> Diversify(const MmrTask& task, QueryHits candidates) {
  if (candidates.empty() || task.limit == 0) return QueryHits();
  const search::RawSimilarity similarity(task.view.config().vectors.at(task.using_name));
  std::vector<VectorValue> vectors;
  std::vector<Pending> pending;
  for (const QueryHit& hit : candidates) {
    RETURN_IF_ERROR(task.deadline.Check());
    ASSIGN_OR_RETURN(vectors.emplace_back(), task.view.FetchVector(hit.point, task.using_name));
    const float relevance = std::holds_alternative<SparseVector>(task.query) ? similarity(task.query, vectors.back())
                                                                             : similarity.OfScore(hit.score);
    pending.push_back({pending.size(), relevance});
  }
  const float lambda = 1.0f - task.diversity;
  QueryHits chosen;
  size_t place = LastLargest(pending, [](const Pending& one) { return one.relevance; });
  while (true) {
    const size_t taken = TakeOut(place, &pending);
    chosen.push_back(candidates[taken]);
    if (chosen.size() == task.limit || pending.empty()) return chosen;
    for (size_t i = 0; i < pending.size(); ++i) {
      if (i % kSimilaritiesPerDeadlineCheck == 0) RETURN_IF_ERROR(task.deadline.Check());
      pending[i].closest = std::max(pending[i].closest, similarity(vectors[pending[i].candidate], vectors[taken]));
    }
    place = LastLargest(
        pending, [lambda](const Pending& one) { return lambda * one.relevance - (1.0f - lambda) * one.closest; });
  }
}

}  // namespace sextant::service
