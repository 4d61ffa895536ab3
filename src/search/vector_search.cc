#include <algorithm>
#include <cmath>

#include "search/idf.h"
#include "search/planner.h"
#include "search/reader.h"
#include "search/search_scope.h"

namespace sextant::search {
namespace {

using vector_index::RowHit;
using vector_index::SearchRequest;

// `score` is the raw similarity here.
bool Better(const Candidate& a, const Candidate& b) {
  if (a.score != b.score) return a.score > b.score;
  return a.ordinal < b.ordinal;
}

// One search over all segments of one named vector.
class VectorSearch {
 public:
  VectorSearch(const View& view, const VectorView& vectors, const VectorQuery& query, SearchStats* stats)
      : view_(view), vectors_(vectors), query_(query), scope_(view, vectors, query), stats_(stats) {}

  // `vector` is prepared as rows are.
  Result<std::vector<Hit>> Run(const VectorValue& vector) {
    RETURN_IF_ERROR(scope_.Prepare());
    if (scope_.matches() == 0) return std::vector<Hit>();
    request_.query = RefOf(vector);
    request_.k = scope_.wanted();
    request_.view = view_.version;
    request_.accept = scope_.accept();
    request_.deadline = query_.deadline;
    const SearchParams& params = query_.params;
    request_.rescore = !vectors_.is_quantized || params.ignore_quantization || params.rescore.value_or(true);
    for (const auto& segment : vectors_.sealed) RETURN_IF_ERROR(SearchSealed(*segment));
    for (const VectorView::Growing& growing : vectors_.growing) RETURN_IF_ERROR(SearchGrowing(growing));
    std::sort(candidates_.begin(), candidates_.end(), Better);
    for (Candidate& candidate : candidates_) candidate.score = ClientScore(candidate.score);
    return scope_.Hits(candidates_);
  }

 private:
  // Sparse vectors are always found by an index.
  bool SkippedAsUnindexed(uint64_t bytes) const {
    if (vectors_.params.kind == VectorKind::kSparse) return false;
    return query_.params.indexed_only && bytes > vectors_.hnsw.full_scan_threshold_kb * 1024;
  }

  Status SearchSealed(const vector_index::SealedRows& segment) {
    if (!segment.has_graph() && SkippedAsUnindexed(segment.value_bytes())) return OkStatus();
    const std::optional<uint32_t> ef =
        EffectiveEf(query_, vectors_, {segment.rows(), segment.recall_curve(), scope_.accept() != nullptr});
    request_.ef = std::max(ef.value_or(0), request_.k);
    PlanInput input;
    input.exact = query_.params.exact || !ef;
    input.has_graph = segment.has_graph();
    input.rows = segment.rows();
    input.points = view_.point_count;
    input.matches = scope_.matches();
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
    if (growing.rows == 0 || SkippedAsUnindexed(growing.segment->value_bytes())) return OkStatus();
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

  const View& view_;
  const VectorView& vectors_;
  const VectorQuery& query_;
  SearchScope scope_;
  SearchStats* stats_;
  SearchRequest request_;
  std::vector<Candidate> candidates_;
};

}  // namespace

Result<std::vector<Hit>> SearchVectors(const View& view, const VectorQuery& query, SearchStats* stats) {
  ASSIGN_OR_RETURN(const VectorView* vectors, FindVectors(view, query.using_name));
  ASSIGN_OR_RETURN(VectorValue vector, PrepareQuery(*vectors, query.vector));
  if (query.limit == 0 || view.point_count == 0) return std::vector<Hit>();
  Idf idf(view, *vectors, query);
  RETURN_IF_ERROR(idf.Prepare());
  RETURN_IF_ERROR(idf.Apply(&vector));
  SearchStats ignored;
  return VectorSearch(view, *vectors, query, stats != nullptr ? stats : &ignored).Run(vector);
}

}  // namespace sextant::search
