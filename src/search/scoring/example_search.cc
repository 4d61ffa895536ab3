#include <algorithm>

#include "runtime/scoped_timer.h"
#include "search/idf.h"
#include "search/reader.h"
#include "search/search_scope.h"
#include "vector_index/row_similarity.h"
#include "vector_index/top_hits.h"

namespace sextant::search {
namespace {

using vector_index::RowSimilarity;
using vector_index::SearchRequest;
using vector_index::TopHits;

// Similarities computed between two looks at the clock, beside those of the segments.
constexpr size_t kSimilaritiesPerDeadlineCheck = 16384;

// One scan over all segments of one named vector: every accepted row is compared with every example.
class ExampleSearch {
 public:
  ExampleSearch(const View& view, const VectorView& vectors, const ExampleQuery& query, SearchReport* report)
      : view_(view),
        vectors_(vectors),
        query_(query),
        scope_(view, vectors, query),
        stats_(&report->stats),
        explanation_(report->explanation ? &*report->explanation : nullptr),
        similarity_(vectors.params) {}

  Result<std::vector<Hit>> Run() {
    const ScopedTimer timer(explanation_ != nullptr ? &explanation_->seconds : nullptr);
    Idf idf(view_, vectors_, query_);
    RETURN_IF_ERROR(idf.Prepare());
    for (const VectorValue& example : query_.examples) {
      ASSIGN_OR_RETURN(VectorValue prepared, PrepareQuery(vectors_, example));
      RETURN_IF_ERROR(idf.Apply(&prepared));
      examples_.push_back(std::move(prepared));
    }
    similarities_.resize(examples_.size());
    RETURN_IF_ERROR(scope_.Prepare(explanation_));
    if (scope_.matches() == 0) return std::vector<Hit>();
    SearchRequest request;
    request.view = view_.version;
    request.accept = scope_.accept();
    request.deadline = query_.deadline;
    TopHits top(scope_.wanted());  // by ordinal, which is unique among living rows
    for (const auto& segment : vectors_.sealed)
      RETURN_IF_ERROR(Visit(SegmentPlan::kExact, segment->rows(), [&] {
        return segment->VisitRows(
            request, [&](uint32_t row, VectorRef values) { return Score(values, segment->ordinal(row), &top); });
      }));
    for (const VectorView::Growing& growing : vectors_.growing) {
      if (growing.rows == 0) continue;
      RETURN_IF_ERROR(Visit(SegmentPlan::kGrowing, growing.rows, [&] {
        return growing.segment->VisitRows(request, growing.rows, [&](uint32_t row, VectorRef values) {
          return Score(values, growing.segment->ordinal(row), &top);
        });
      }));
    }
    std::vector<Candidate> candidates;
    for (const auto& hit : top.Take()) candidates.push_back({hit.similarity, Ordinal{hit.row}});
    return scope_.Hits(candidates);
  }

 private:
  // Scans a segment by `scan()`.
  template <typename Scan>
  Status Visit(SegmentPlan plan, uint32_t rows, const Scan& scan) {
    ++stats_->scans;
    if (explanation_ == nullptr) return scan();
    const uint64_t scored_before = stats_->rows_scored;
    SegmentExplanation& about = AddEntry(plan, rows, explanation_);
    const Status status = [&] {
      const ScopedTimer timer(&about.seconds);
      return scan();
    }();
    about.stats.scans = 1;
    about.stats.rows_scored = stats_->rows_scored - scored_before;
    return status;
  }

  Status Score(VectorRef row, Ordinal ordinal, TopHits* top) {
    for (size_t i = 0; i < examples_.size(); ++i) similarities_[i] = similarity_(RefOf(examples_[i]), row);
    top->Offer(ScoreOf(query_.rule, similarities_), Index(ordinal));
    ++stats_->rows_scored;
    since_check_ += examples_.size();
    if (since_check_ < kSimilaritiesPerDeadlineCheck) return OkStatus();
    since_check_ = 0;
    return query_.deadline.Check();
  }

  const View& view_;
  const VectorView& vectors_;
  const ExampleQuery& query_;
  SearchScope scope_;
  SearchStats* stats_;
  ShardExplanation* explanation_;  // null: not wanted
  RowSimilarity similarity_;
  std::vector<VectorValue> examples_;
  std::vector<float> similarities_;
  size_t since_check_ = 0;
};

}  // namespace

Result<std::vector<Hit>> SearchExamples(const View& view, const ExampleQuery& query, SearchReport* report) {
  ASSIGN_OR_RETURN(const VectorView* vectors, FindVectors(view, query.using_name));
  if (query.limit == 0 || view.point_count == 0) return std::vector<Hit>();
  SearchReport ignored;
  return ExampleSearch(view, *vectors, query, report != nullptr ? report : &ignored).Run();
}

}  // namespace sextant::search
