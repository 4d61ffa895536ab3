#include <algorithm>
#include <cmath>
#include <optional>

#include "runtime/scoped_timer.h"
#include "search/idf.h"
#include "search/planner.h"
#include "search/reader.h"
#include "search/search_scope.h"

namespace sextant::search {
namespace {

using vector_index::RowHit;
using vector_index::SealedRows;
using vector_index::SearchRequest;
using vector_index::SearchTrace;

// `score` is the raw similarity here.
bool Better(const Candidate& a, const Candidate& b) {
  if (a.score != b.score) return a.score > b.score;
  return a.ordinal < b.ordinal;
}

// Of a mean over segments, each with its share of the rows, whose standard errors are alike: its own over theirs.
double ErrorOfAll(const std::vector<std::shared_ptr<const SealedRows>>& segments) {
  double rows = 0, squares = 0;
  for (const auto& segment : segments) {
    rows += segment->rows();
    squares += static_cast<double>(segment->rows()) * segment->rows();
  }
  return rows > 0 ? std::sqrt(squares) / rows : 1;
}

// One search over all segments of one named vector.
class VectorSearch {
 public:
  VectorSearch(const View& view, const VectorView& vectors, const VectorQuery& query, SearchReport* report)
      : view_(view),
        vectors_(vectors),
        query_(query),
        scope_(view, vectors, query),
        stats_(&report->stats),
        explanation_(report->explanation ? &*report->explanation : nullptr),
        error_of_all_(ErrorOfAll(vectors.sealed)) {}

  // `vector` is prepared as rows are.
  Result<std::vector<Hit>> Run(const VectorValue& vector) {
    const ScopedTimer timer(explanation_ != nullptr ? &explanation_->seconds : nullptr);
    RETURN_IF_ERROR(scope_.Prepare(explanation_));
    if (scope_.matches() == 0) return std::vector<Hit>();
    request_.query = RefOf(vector);
    request_.k = scope_.wanted();
    request_.view = view_.version;
    request_.accept = scope_.accept();
    request_.accept_share =
        std::min(1.0, static_cast<double>(scope_.matches()) / static_cast<double>(view_.point_count));
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

  Status SearchSealed(const SealedRows& segment) {
    if (!segment.has_graph() && SkippedAsUnindexed(segment.value_bytes())) return Skip(segment.rows());
    const std::optional<uint32_t> ef = EffectiveEf(
        query_, vectors_, {segment.rows(), segment.recall_curve(), scope_.accept() != nullptr, error_of_all_});
    request_.ef = std::max(ef.value_or(0), request_.k);
    PlanInput input;
    input.exact = query_.params.exact || !ef;
    input.has_graph = segment.has_graph();
    input.weighs_filters = segment.weighs_filters();
    input.rows = segment.rows();
    input.points = view_.point_count;
    input.matches = scope_.matches();
    input.ef = request_.ef;
    const Plan plan = ChoosePlan(input);
    const auto search = [&](SearchStats* stats) {
      switch (plan) {
        case Plan::kGraph: return segment.SearchGraph(request_, stats);
        case Plan::kScan: return segment.SearchScan(request_, stats);
        case Plan::kExact: break;
      }
      return segment.SearchExact(request_, stats);
    };
    SegmentExplanation* about = nullptr;
    ASSIGN_OR_RETURN(const std::vector<RowHit> hits, Run(search, segment.rows(), &about));
    if (about != nullptr) {
      about->plan = PlanOf(plan, segment, about->stats);
      if (about->plan != SegmentPlan::kExact && about->plan != SegmentPlan::kIndex) about->ef = request_.ef;
    }
    for (const RowHit& hit : hits) candidates_.push_back({hit.similarity, segment.ordinal(hit.row)});
    return OkStatus();
  }

  Status SearchGrowing(const VectorView::Growing& growing) {
    if (growing.rows == 0) return OkStatus();
    if (SkippedAsUnindexed(growing.segment->value_bytes())) return Skip(growing.rows);
    const auto search = [&](SearchStats* stats) { return growing.segment->Search(request_, growing.rows, stats); };
    SegmentExplanation* about = nullptr;
    ASSIGN_OR_RETURN(const std::vector<RowHit> hits, Run(search, growing.rows, &about));
    if (about != nullptr) about->plan = SegmentPlan::kGrowing;
    for (const RowHit& hit : hits) candidates_.push_back({hit.similarity, growing.segment->ordinal(hit.row)});
    return OkStatus();
  }

  // Runs `search(stats)` on a segment of `rows` rows. Where the query is explained, *about becomes a new entry for it,
  // whose plan is the caller's to say.
  template <typename Search>
  Result<std::vector<RowHit>> Run(const Search& search, uint32_t rows, SegmentExplanation** about) {
    if (explanation_ == nullptr) return search(stats_);
    SegmentExplanation& entry = AddEntry(SegmentPlan::kExact, rows, explanation_);
    SearchTrace trace;
    request_.trace = &trace;
    Result<std::vector<RowHit>> hits = [&] {
      const ScopedTimer timer(&entry.seconds);
      return search(&entry.stats);
    }();
    request_.trace = nullptr;
    stats_->Add(entry.stats);
    entry.sampled_pass_rate = trace.sampled_pass_rate;
    entry.rescoring_seconds = trace.rescoring_seconds;
    *about = &entry;
    return hits;
  }

  Status Skip(uint32_t rows) {
    if (explanation_ != nullptr) AddEntry(SegmentPlan::kSkipped, rows, explanation_);
    return OkStatus();
  }

  SegmentPlan PlanOf(Plan plan, const SealedRows& segment, const SearchStats& stats) const {
    if (plan == Plan::kExact) return SegmentPlan::kExact;
    if (vectors_.params.kind == VectorKind::kSparse) return SegmentPlan::kIndex;
    if (stats.probes > 0) return SegmentPlan::kProbe;
    if (stats.graph_searches == 0) return SegmentPlan::kScan;
    const bool filtered = request_.accept != nullptr || segment.liveness().retired_count() > 0;
    return filtered ? SegmentPlan::kFilteredGraph : SegmentPlan::kGraph;
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
  ShardExplanation* explanation_;  // null: not wanted
  const double error_of_all_;      // see WalkFacts
  SearchRequest request_;
  std::vector<Candidate> candidates_;
};

}  // namespace

Result<std::vector<Hit>> SearchVectors(const View& view, const VectorQuery& query, SearchReport* report) {
  ASSIGN_OR_RETURN(const VectorView* vectors, FindVectors(view, query.using_name));
  ASSIGN_OR_RETURN(VectorValue vector, PrepareQuery(*vectors, query.vector));
  if (query.limit == 0 || view.point_count == 0) return std::vector<Hit>();
  Idf idf(view, *vectors, query);
  RETURN_IF_ERROR(idf.Prepare());
  RETURN_IF_ERROR(idf.Apply(&vector));
  SearchReport ignored;
  return VectorSearch(view, *vectors, query, report != nullptr ? report : &ignored).Run(vector);
}

}  // namespace sextant::search
