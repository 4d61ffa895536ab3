#include "service/query/query_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "runtime/scoped_timer.h"
#include "search/formula/evaluator.h"
#include "service/query/examples.h"
#include "service/query/filters.h"
#include "service/query/fusion.h"
#include "service/query/mmr.h"
#include "service/query/stages.h"

namespace sextant::service {
namespace {

using collection::CollectionView;
using collection::FoundHit;
using collection::FoundPoint;
using collection::PointSet;

// Hits of all prefetches of a request: they are held in memory.
constexpr uint64_t kMostPrefetched = 20'000'000;

uint64_t SaturatingSum(uint64_t a, uint64_t b) {
  return a > std::numeric_limits<uint64_t>::max() - b ? std::numeric_limits<uint64_t>::max() : a + b;
}

QueryHits ToHits(const std::vector<FoundHit>& found) {
  QueryHits hits;
  hits.reserve(found.size());
  for (const FoundHit& hit : found) hits.push_back({hit.point, hit.version, hit.score});
  return hits;
}

PointSet UnionOf(const CollectionView& view, const std::vector<QueryHits>& lists) {
  std::vector<FoundPoint> points;
  for (const QueryHits& list : lists)
    for (const QueryHit& hit : list) points.push_back(hit.point);
  return view.SetOf(points);
}

// Fusions and formulas keep what reaches the threshold; their hits come best first.
void Cut(std::optional<float> threshold, uint64_t limit, QueryHits* hits) {
  if (threshold) {
    const auto fails = [&](const QueryHit& hit) { return !(hit.score >= *threshold); };
    hits->erase(std::find_if(hits->begin(), hits->end(), fails), hits->end());
  }
  if (hits->size() > limit) hits->resize(limit);
}

// Without prefetches there is nothing that an offset into random points could skip.
uint64_t OffsetOf(const QueryRequest& request) {
  const bool sampled = request.query && std::holds_alternative<SampleQuery>(*request.query);
  return sampled && request.prefetch.empty() ? 0 : request.offset;
}

}  // namespace

Result<QueryHits> QueryRun::Run(const QueryRequest& request) {
  const uint64_t offset = OffsetOf(request);
  ASSIGN_OR_RETURN(QueryHits hits, RunStage(request, nullptr, SaturatingSum(request.limit, offset),
                                            explanation_ != nullptr ? &explanation_->query : nullptr));
  hits.erase(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(std::min<uint64_t>(offset, hits.size())));
  return hits;
}

Result<QueryHits> QueryRun::RunStage(const QueryStage& stage, const Filter* outer, uint64_t limit,
                                     StageExplanation* explanation) {
  const ScopedTimer timer(explanation != nullptr ? &explanation->seconds : nullptr);
  ASSIGN_OR_RETURN(QueryHits hits, FindHits(stage, outer, limit, explanation));
  if (explanation != nullptr) {
    explanation->kind = KindName(stage.query);
    explanation->limit = limit;
    explanation->hits = hits.size();
  }
  return hits;
}

Result<QueryHits> QueryRun::FindHits(const QueryStage& stage, const Filter* outer, uint64_t limit,
                                     StageExplanation* explanation) {
  RETURN_IF_ERROR(deadline_.Check());
  const std::optional<Filter> filter = MergeFilters(outer, Borrow(stage.filter));
  std::vector<search::ShardExplanation>* const shards = explanation != nullptr ? &explanation->shards : nullptr;
  if (stage.prefetch.empty()) return Ask(stage, limit, {Borrow(filter), nullptr, shards});
  std::vector<QueryHits> lists;
  for (const QueryStage& prefetch : stage.prefetch) {
    StageExplanation* const below = explanation != nullptr ? &explanation->prefetch.emplace_back() : nullptr;
    ASSIGN_OR_RETURN(lists.emplace_back(), RunStage(prefetch, Borrow(filter), prefetch.limit, below));
    prefetched_ += lists.back().size();
    if (prefetched_ > kMostPrefetched)
      return BadRequest(
          fmt::format("the prefetches found more than {} points together, lower their limits", kMostPrefetched));
  }
  QueryHits hits;
  if (const auto* rrf = std::get_if<RrfQuery>(&*stage.query)) {
    hits = FuseByRank(lists, *rrf);
  } else if (std::holds_alternative<DbsfQuery>(*stage.query)) {
    hits = FuseByDistribution(lists);
  } else if (const auto* formula = std::get_if<FormulaQuery>(&*stage.query)) {
    ASSIGN_OR_RETURN(hits, ByFormula(formula->formula, lists));
  } else {
    const PointSet within = UnionOf(view_, lists);
    return Ask(stage, limit, {nullptr, &within, shards});
  }
  Cut(stage.score_threshold, limit, &hits);
  return hits;
}

Result<QueryHits> QueryRun::Ask(const QueryStage& stage, uint64_t limit, const Place& place) const {
  const PointSet* const within = place.within;
  const Filter* filter = place.filter;
  if (stage.query && IsVectorQuery(*stage.query)) {
    search::VectorScope scope;
    scope.using_name = stage.using_name;
    scope.filter = filter;
    if (within == nullptr) scope.excluded_ids = sources_.own_points();
    scope.params = stage.params;
    scope.limit = std::min(limit, view_.point_count());
    scope.score_threshold = stage.score_threshold;
    scope.deadline = deadline_;
    if (scope.limit == 0) return QueryHits();
    if (const auto* nearest = std::get_if<NearestQuery>(&*stage.query)) {
      if (nearest->mmr) return NearestDiverse(stage, *nearest, std::move(scope), place);
      return Nearest(scope, sources_.Get(stage, nearest->vector), place);
    }
    const auto* recommend = std::get_if<RecommendQuery>(&*stage.query);
    if (recommend != nullptr && recommend->strategy == RecommendStrategy::kAverageVector)
      return Nearest(scope, AverageVector(stage, *recommend, sources_), place);
    return ByExamples(stage, scope, place);
  }
  std::optional<Filter> merged;
  if (within == nullptr && !sources_.own_points().empty()) {
    merged = WithoutPoints(filter, sources_.own_points());
    filter = &*merged;
  }
  if (!stage.query) return Scroll(filter, limit);
  if (const auto* order = std::get_if<OrderBy>(&*stage.query))
    return Ordered({order->key, order->descending, order->start_from, filter, limit, deadline_}, within);
  return Sampled(filter, limit, within);
}

// By id, each with score 1 and version 0.
Result<QueryHits> QueryRun::Scroll(const Filter* filter, uint64_t limit) const {
  limit = std::min(limit, view_.point_count());
  if (limit == 0) return QueryHits();
  ASSIGN_OR_RETURN(const auto page, view_.Scroll({filter, std::nullopt, limit, deadline_}));
  QueryHits hits;
  for (const FoundPoint& point : page.points) hits.push_back({point, 0, 1.0f});
  return hits;
}

Result<QueryHits> QueryRun::Ordered(const search::OrderedScrollRequest& request, const PointSet* within) const {
  ASSIGN_OR_RETURN(const auto values, view_.ScrollOrdered(request, within));
  QueryHits hits;
  for (const auto& found : values) hits.push_back({found.point, 0, 1.0f, found.value});
  return hits;
}

Result<QueryHits> QueryRun::Sampled(const Filter* filter, uint64_t limit, const PointSet* within) const {
  search::SampleRequest request;
  request.filter = filter;
  request.limit = limit;
  request.deadline = deadline_;
  ASSIGN_OR_RETURN(const auto sample, view_.Sample(request, within));
  QueryHits hits;
  for (const auto& found : sample) hits.push_back({found.point, 0, 1.0f});
  return hits;
}

Result<QueryHits> QueryRun::Nearest(const search::VectorScope& scope, VectorValue vector, const Place& place) const {
  search::VectorQuery query{scope, std::move(vector)};
  ASSIGN_OR_RETURN(const auto hits, view_.Search(query, place.within, stats_, place.explanations));
  return ToHits(hits);
}

Result<QueryHits> QueryRun::NearestDiverse(const QueryStage& stage, const NearestQuery& query,
                                           search::VectorScope scope, const Place& place) const {
  const uint64_t wanted = scope.limit;
  scope.limit = std::min(query.mmr->candidates_limit.value_or(stage.limit), view_.point_count());
  if (scope.limit == 0) return QueryHits();
  const VectorValue vector = sources_.Get(stage, query.vector);
  ASSIGN_OR_RETURN(QueryHits candidates, Nearest(scope, vector, place));
  return Diversify({view_, stage.using_name, vector, query.mmr->diversity, wanted, deadline_}, std::move(candidates));
}

Result<QueryHits> QueryRun::ByExamples(const QueryStage& stage, const search::VectorScope& scope,
                                       const Place& place) const {
  Examples examples = ExamplesOf(stage, sources_);
  search::ExampleQuery query{scope, std::move(examples.vectors), std::move(examples.rule)};
  ASSIGN_OR_RETURN(const auto hits, view_.SearchExamples(query, place.within, stats_, place.explanations));
  return ToHits(hits);
}

Result<QueryHits> QueryRun::ByFormula(const search::Formula& formula, const std::vector<QueryHits>& lists) const {
  QueryHits hits;  // each point once, in the order of the lists
  std::unordered_map<uint64_t, size_t> places;
  std::vector<std::unordered_map<uint64_t, float>> scores(lists.size());
  for (size_t list = 0; list < lists.size(); ++list) {
    for (const QueryHit& hit : lists[list]) {
      const uint64_t key = KeyOf(hit.point);
      const auto [place, fresh] = places.try_emplace(key, hits.size());
      if (fresh) hits.push_back(hit);
      scores[list][key] = hit.score;
      hits[place->second].version = std::max(hits[place->second].version, hit.version);
    }
  }
  std::vector<std::optional<float>> of_hit(lists.size());
  for (QueryHit& hit : hits) {
    RETURN_IF_ERROR(deadline_.Check());
    for (size_t list = 0; list < lists.size(); ++list) {
      const auto score = scores[list].find(KeyOf(hit.point));
      of_hit[list] = score == scores[list].end() ? std::nullopt : std::optional(score->second);
    }
    ASSIGN_OR_RETURN(hit.score, ScoreByFormula(formula, hit.point, of_hit));
  }
  std::stable_sort(hits.begin(), hits.end(), [](const QueryHit& a, const QueryHit& b) { return a.score > b.score; });
  return hits;
}

Result<float> QueryRun::ScoreByFormula(const search::Formula& formula, const FoundPoint& point,
                                       std::span<const std::optional<float>> scores) const {
  Json payload;
  if (search::NeedsPayload(formula.expression)) {
    ASSIGN_OR_RETURN(const Record record, view_.Fetch(point, {PayloadSelector::Kind::kAll, {}}, {}));
    ASSIGN_OR_RETURN(payload, Json::Parse(*record.payload));
  }
  const auto holds = [&](const Filter& filter) { return view_.Holds(point, payload, filter); };
  return search::Evaluate(formula, {&payload, scores, holds});
}

Result<QueryHits> RunQuery(const CollectionView& view, const QueryRequest& request, const VectorSources::OpenView& open,
                           const Deadline& deadline, QueryReport* report) {
  VectorSources sources(view, open);
  {
    const bool explained = report != nullptr && report->explanation;
    const ScopedTimer timer(explained ? &report->explanation->lookup_seconds : nullptr);
    RETURN_IF_ERROR(sources.Load(request, deadline));
  }
  return QueryRun(view, sources, deadline, report).Run(request);
}

Result<std::vector<ScoredPoint>> FetchHits(const CollectionView& view, const QueryRequest& request,
                                           const QueryHits& hits, const Deadline& deadline) {
  std::vector<ScoredPoint> points;
  points.reserve(hits.size());
  for (const QueryHit& hit : hits) {
    RETURN_IF_ERROR(deadline.Check());
    ASSIGN_OR_RETURN(Record record, view.Fetch(hit.point, request.with_payload, request.with_vector));
    points.push_back({std::move(record), hit.version, hit.score, hit.order_value});
  }
  return points;
}

}  // namespace sextant::service
