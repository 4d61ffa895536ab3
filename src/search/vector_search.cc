#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "search/planner.h"
#include "search/reader.h"
#include "search/view_points.h"
#include "types/vector_math.h"

namespace sextant::search {
namespace {

using vector_index::RowHit;
using vector_index::SearchRequest;

// A row hit that has left its segment.
struct Candidate {
  float similarity = 0;
  Ordinal ordinal{};
};

bool Better(const Candidate& a, const Candidate& b) {
  if (a.similarity != b.similarity) return a.similarity > b.similarity;
  return a.ordinal < b.ordinal;
}

// One search over all segments of one named vector.
class VectorSearch {
 public:
  VectorSearch(const View& view, const VectorView& vectors, const VectorQuery& query, SearchStats* stats)
      : view_(view), vectors_(vectors), query_(query), points_(view), stats_(stats) {}

  Result<std::vector<Hit>> Run() {
    RETURN_IF_ERROR(Prepare());
    if (accept_ != nullptr && accept_->empty()) return std::vector<Hit>();
    for (const auto& segment : vectors_.sealed) RETURN_IF_ERROR(SearchSealed(*segment));
    for (const VectorView::Growing& growing : vectors_.growing) RETURN_IF_ERROR(SearchGrowing(growing));
    return Finish();
  }

 private:
  Status Prepare() {
    normalized_ = query_.vector;
    if (vectors_.params.distance == Distance::kCosine) NormalizeForCosine(normalized_);
    for (const PointId& id : query_.excluded_ids) {
      ASSIGN_OR_RETURN(const std::optional<Ordinal> ordinal, points_.Find(id));
      if (ordinal) excluded_.push_back(*ordinal);
    }
    if (query_.filter != nullptr) {
      ASSIGN_OR_RETURN(accept_, view_.index->Evaluate(*query_.filter, points_, query_.deadline));
    }
    wanted_ = std::min<uint64_t>(query_.limit + excluded_.size(), view_.point_count);
    request_.query = normalized_.data();
    request_.k = static_cast<uint32_t>(std::min<uint64_t>(wanted_, UINT32_MAX));
    request_.view = view_.version;
    request_.accept = accept_.get();
    request_.deadline = query_.deadline;
    return OkStatus();
  }

  bool SkippedAsUnindexed(uint64_t rows) const {
    const uint64_t bytes = rows * vectors_.params.size * sizeof(float);
    return query_.params.indexed_only && bytes > vectors_.hnsw.full_scan_threshold_kb * 1024;
  }

  Status SearchSealed(const vector_index::SealedSegment& segment) {
    if (!segment.has_graph() && SkippedAsUnindexed(segment.rows())) return OkStatus();
    request_.ef = std::max(EffectiveEf(query_, vectors_, segment.rows()), request_.k);
    PlanInput input;
    input.exact = query_.params.exact;
    input.has_graph = segment.has_graph();
    input.rows = segment.rows();
    input.points = view_.point_count;
    input.matches = accept_ != nullptr ? accept_->size() : view_.point_count;
    input.ef = request_.ef;
    Result<std::vector<RowHit>> hits = [&] {
      switch (ChoosePlan(input)) {
        case Plan::kGraph: return segment.SearchGraph(request_, stats_);
        case Plan::kScan: return segment.SearchScan(request_, stats_);
        case Plan::kExact: break;
      }
      return segment.SearchExact(request_, stats_);
    }();
    RETURN_IF_ERROR(hits);
    for (const RowHit& hit : *hits) candidates_.push_back({hit.similarity, segment.ordinal(hit.row)});
    return OkStatus();
  }

  Status SearchGrowing(const VectorView::Growing& growing) {
    if (growing.rows == 0 || SkippedAsUnindexed(growing.rows)) return OkStatus();
    ASSIGN_OR_RETURN(const std::vector<RowHit> hits, growing.segment->Search(request_, growing.rows, stats_));
    for (const RowHit& hit : hits) candidates_.push_back({hit.similarity, growing.segment->ordinal(hit.row)});
    return OkStatus();
  }

  float ClientScore(float similarity) const {
    switch (vectors_.params.distance) {
      case Distance::kEuclid: return std::sqrt(std::max(0.0f, -similarity));
      case Distance::kManhattan: return std::max(0.0f, -similarity);
      default: return similarity;
    }
  }

  bool PassesThreshold(float score) const {
    if (!query_.score_threshold) return true;
    return LargerIsNearer(vectors_.params.distance) ? score > *query_.score_threshold : score < *query_.score_threshold;
  }

  Result<std::vector<Hit>> Finish() {
    std::sort(candidates_.begin(), candidates_.end(), Better);
    std::vector<Hit> hits;
    for (const Candidate& candidate : candidates_) {
      if (hits.size() == query_.limit) break;
      if (std::find(excluded_.begin(), excluded_.end(), candidate.ordinal) != excluded_.end()) continue;
      const float score = ClientScore(candidate.similarity);
      if (!PassesThreshold(score)) break;
      Hit hit;
      hit.ordinal = candidate.ordinal;
      hit.id = view_.points->id(candidate.ordinal);
      hit.score = score;
      ASSIGN_OR_RETURN(hit.version, VersionOf(candidate.ordinal));
      hits.push_back(hit);
    }
    return hits;
  }

  // The table knows the newest version; a point changed after this view has its older one in the snapshot.
  Result<OperationNumber> VersionOf(Ordinal ordinal) const {
    const OperationNumber newest = view_.points->newest_version(ordinal);
    if (newest <= view_.version) return newest;
    ASSIGN_OR_RETURN(const points::PointHead head, points_.Head(ordinal));
    return head.version;
  }

  const View& view_;
  const VectorView& vectors_;
  const VectorQuery& query_;
  ViewPoints points_;
  SearchStats* stats_;
  std::vector<float> normalized_;
  std::vector<Ordinal> excluded_;
  std::shared_ptr<const OrdinalSet> accept_;  // null: no filter
  uint64_t wanted_ = 0;
  SearchRequest request_;
  std::vector<Candidate> candidates_;
};

}  // namespace

Result<std::vector<Hit>> SearchVectors(const View& view, const VectorQuery& query, SearchStats* stats) {
  const auto vectors = view.vectors.find(query.using_name);
  if (vectors == view.vectors.end()) return WrongInput("Not existing vector name error: " + query.using_name);
  if (query.vector.size() != vectors->second.params.size)
    return WrongInput("Vector dimension error: expected dim: " + std::to_string(vectors->second.params.size) +
                      ", got " + std::to_string(query.vector.size()));
  if (query.limit == 0 || view.point_count == 0) return std::vector<Hit>();
  SearchStats ignored;
  return VectorSearch(view, vectors->second, query, stats != nullptr ? stats : &ignored).Run();
}

}  // namespace sextant::search
