#include "search/search_scope.h"

#include <algorithm>
#include <string>

#include "runtime/scoped_timer.h"
#include "types/vector_math.h"

namespace sextant::search {
namespace {

constexpr size_t kLookUpsPerDeadlineCheck = 256;

}  // namespace

Status SearchScope::Prepare(ShardExplanation* explanation) {
  {
    const ScopedTimer timer(explanation != nullptr ? &explanation->filter_seconds : nullptr);
    RETURN_IF_ERROR(FindMatches());
  }
  if (explanation == nullptr) return OkStatus();
  explanation->points = view_.point_count;
  explanation->matches = matches();
  explanation->matches_from = matches_from();
  return OkStatus();
}

Status SearchScope::FindMatches() {
  for (size_t i = 0; i < scope_.excluded_ids.size(); ++i) {
    if (i % kLookUpsPerDeadlineCheck == 0) RETURN_IF_ERROR(scope_.deadline.Check());
    const PointId& id = scope_.excluded_ids[i];
    ASSIGN_OR_RETURN(const std::optional<Ordinal> ordinal, points_.Find(id));
    if (ordinal) excluded_.push_back(*ordinal);
  }
  std::sort(excluded_.begin(), excluded_.end());
  if (scope_.within != nullptr) {
    accept_ = scope_.within;
  } else if (scope_.filter != nullptr) {
    ASSIGN_OR_RETURN(filtered_, view_.index->Evaluate(*scope_.filter, points_, scope_.deadline));
    accept_ = filtered_.get();
  }
  // The two terms are bounded one by one: their sum must not overflow.
  const uint64_t limit = std::min(scope_.limit, view_.point_count);
  wanted_ = static_cast<uint32_t>(std::min<uint64_t>({limit + excluded_.size(), view_.point_count, UINT32_MAX}));
  return OkStatus();
}

bool SearchScope::PassesThreshold(float score) const {
  if (!scope_.score_threshold) return true;
  return LargerIsNearer(vectors_.params.distance) ? score > *scope_.score_threshold : score < *scope_.score_threshold;
}

// The table knows the newest version; a point changed after this view has its older one in the snapshot.
Result<OperationNumber> SearchScope::VersionOf(Ordinal ordinal) const {
  const OperationNumber newest = view_.points->newest_version(ordinal);
  if (newest <= view_.version) return newest;
  ASSIGN_OR_RETURN(const points::PointHead head, points_.Head(ordinal));
  return head.version;
}

Result<std::vector<Hit>> SearchScope::Hits(const std::vector<Candidate>& candidates) const {
  std::vector<Hit> hits;
  for (const Candidate& candidate : candidates) {
    if (hits.size() == scope_.limit) break;
    if (std::binary_search(excluded_.begin(), excluded_.end(), candidate.ordinal)) continue;
    if (!PassesThreshold(candidate.score)) break;
    Hit hit;
    hit.ordinal = candidate.ordinal;
    hit.id = view_.points->id(candidate.ordinal);
    hit.score = candidate.score;
    ASSIGN_OR_RETURN(hit.version, VersionOf(candidate.ordinal));
    hits.push_back(hit);
  }
  return hits;
}

Result<const VectorView*> FindVectors(const View& view, const std::string& name) {
  const auto vectors = view.vectors.find(name);
  if (vectors == view.vectors.end()) return WrongInput("Not existing vector name error: " + name);
  return &vectors->second;
}

Result<VectorValue> PrepareQuery(const VectorView& vectors, const VectorValue& query) {
  const VectorParams& params = vectors.params;
  VectorValue prepared = query;
  if (params.kind == VectorKind::kMulti)
    if (auto* dense = std::get_if<DenseVector>(&prepared))
      prepared = MultiVector{static_cast<uint32_t>(dense->size()), std::move(*dense)};
  const bool sparse = params.kind == VectorKind::kSparse;
  if (sparse != std::holds_alternative<SparseVector>(prepared))
    return WrongInput(sparse ? "the query vector must be sparse, like the vectors that it searches"
                             : "the query vector must be dense, like the vectors that it searches");
  if (sparse) return prepared;
  const auto* multi = std::get_if<MultiVector>(&prepared);
  if (multi != nullptr && params.kind == VectorKind::kDense)
    return WrongInput("the query must be one vector, like the vectors that it searches");
  const size_t size = multi != nullptr ? multi->dim : std::get<DenseVector>(prepared).size();
  if (size != params.size)
    return WrongInput("Vector dimension error: expected dim: " + std::to_string(params.size) + ", got " +
                      std::to_string(size));
  PrepareVector(params, &prepared);
  return prepared;
}

}  // namespace sextant::search
