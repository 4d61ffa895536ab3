#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/status.h"
#include "search/explanation.h"
#include "search/read_request.h"
#include "search/view.h"
#include "search/view_points.h"

namespace sextant::search {

// A scored point on its way to a hit.
struct Candidate {
  float score = 0;
  Ordinal ordinal{};
};

// What: the part that all searches over one named vector share: which points they may answer, and how candidates
// become hits.
// Threads: one. Ownership: borrows the view and the scope.
class SearchScope {
 public:
  SearchScope(const View& view, const VectorView& vectors, const VectorScope& scope)
      : view_(view), vectors_(vectors), scope_(scope), points_(view) {}

  // Evaluates the filter and finds the excluded points. Explains it where `explanation` is not null.
  Status Prepare(ShardExplanation* explanation);

  // Valid after Prepare(). Null: all points.
  const OrdinalSet* accept() const { return accept_; }
  // As many candidates are needed so that excluded ones leave enough.
  uint32_t wanted() const { return wanted_; }
  // Points that the search may answer; excluded ones are counted.
  uint64_t matches() const { return accept_ != nullptr ? accept_->size() : view_.point_count; }

  // Hits of candidates, which come best first: without the excluded ones, up to the first that fails the threshold
  // and up to the limit.
  Result<std::vector<Hit>> Hits(const std::vector<Candidate>& candidates) const;

 private:
  Status FindMatches();
  MatchesFrom matches_from() const {
    if (scope_.within != nullptr) return MatchesFrom::kPrefetches;
    return accept_ != nullptr ? MatchesFrom::kFilter : MatchesFrom::kAllPoints;
  }
  bool PassesThreshold(float score) const;
  Result<OperationNumber> VersionOf(Ordinal ordinal) const;

  const View& view_;
  const VectorView& vectors_;
  const VectorScope& scope_;
  ViewPoints points_;
  std::vector<Ordinal> excluded_;               // ascending
  std::shared_ptr<const OrdinalSet> filtered_;  // what the filter accepts
  const OrdinalSet* accept_ = nullptr;
  uint32_t wanted_ = 0;
};

// The rows of a name, or kWrongInput for an unknown one.
Result<const VectorView*> FindVectors(const View& view, const std::string& name);

// A query vector as rows are stored (see PrepareVector). A dense one asks multivectors as its only row. kWrongInput for
// one of another kind or dimension.
Result<VectorValue> PrepareQuery(const VectorView& vectors, const VectorValue& query);

}  // namespace sextant::search
