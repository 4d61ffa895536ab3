#include "collection/sharding/collection_view.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "collection/sharding/routing.h"
#include "search/reader.h"

namespace sextant::collection {
namespace {

double AsDouble(const std::variant<int64_t, double>& value) {
  return std::visit([](auto v) { return static_cast<double>(v); }, value);
}

bool ValueLess(const FoundValue& a, const FoundValue& b) {
  if (const auto* x = std::get_if<int64_t>(&a.value)) {
    // Two integers are compared as such: beyond 2^53 doubles would tie.
    if (const auto* y = std::get_if<int64_t>(&b.value); y && *x != *y) return *x < *y;
  }
  if (AsDouble(a.value) != AsDouble(b.value)) return AsDouble(a.value) < AsDouble(b.value);
  return a.point.id < b.point.id;
}

// Scores as sort keys. NaN (of vectors that hold one) comes last and leaves the order total.
double SortKey(float score, bool larger_first) {
  if (std::isnan(score)) return std::numeric_limits<double>::infinity();
  return larger_first ? -static_cast<double>(score) : static_cast<double>(score);
}

// Of equal scores, the larger id comes first where larger scores do, else the smaller.
void SortHits(bool larger_first, std::vector<FoundHit>* hits) {
  std::sort(hits->begin(), hits->end(), [larger_first](const FoundHit& a, const FoundHit& b) {
    const double x = SortKey(a.score, larger_first);
    const double y = SortKey(b.score, larger_first);
    if (x != y) return x < y;
    return larger_first ? b.point.id < a.point.id : a.point.id < b.point.id;
  });
}

template <typename T>
void Truncate(uint64_t limit, std::vector<T>* items) {
  if (items->size() > limit) items->resize(limit);
}

}  // namespace

CollectionView::CollectionView(std::shared_ptr<const Collection> collection, Executor* executor)
    : executor_(executor),
      collection_(std::move(collection)),
      config_(collection_->config()),
      views_(collection_->Views()) {}

const FieldSchema* CollectionView::SchemaOf(const PayloadPath& field) const {
  return views_.front()->index->SchemaOf(field);
}

size_t CollectionView::IndexCount() const {
  return views_.front()->index->field_count();
}

Result<search::StoredSizes> CollectionView::EstimateSizes() const {
  search::StoredSizes total;
  for (const auto& view : views_) {
    ASSIGN_OR_RETURN(const search::StoredSizes sizes, search::EstimateSizes(*view));
    total.vector_bytes += sizes.vector_bytes;
    total.payload_bytes += sizes.payload_bytes;
  }
  return total;
}

uint64_t CollectionView::point_count() const {
  uint64_t count = 0;
  for (const auto& view : views_) count += view->point_count;
  return count;
}

Result<std::vector<std::optional<FoundPoint>>> CollectionView::Find(const std::vector<PointId>& ids) const {
  const auto shards = static_cast<uint32_t>(views_.size());
  std::vector<std::vector<PointId>> ids_of(shards);
  std::vector<std::vector<size_t>> places_of(shards);
  for (size_t i = 0; i < ids.size(); ++i) {
    const uint32_t shard = ShardOf(ids[i], shards);
    ids_of[shard].push_back(ids[i]);
    places_of[shard].push_back(i);
  }
  std::vector<std::optional<FoundPoint>> found(ids.size());
  for (uint32_t shard = 0; shard < shards; ++shard) {
    if (ids_of[shard].empty()) continue;
    ASSIGN_OR_RETURN(const auto ordinals, search::FindPoints(*views_[shard], ids_of[shard]));
    for (size_t i = 0; i < ordinals.size(); ++i) {
      if (ordinals[i]) found[places_of[shard][i]] = FoundPoint{ids_of[shard][i], *ordinals[i], shard};
    }
  }
  return found;
}

Result<Record> CollectionView::Fetch(const FoundPoint& point, const PayloadSelector& with_payload,
                                     const VectorSelector& with_vector) const {
  return search::FetchRecord(*views_[point.shard], point.ordinal, point.id, with_payload, with_vector);
}

Result<VectorValue> CollectionView::FetchVector(const FoundPoint& point, std::string_view name) const {
  return search::FetchVector(*views_[point.shard], point.ordinal, point.id, name);
}

Result<bool> CollectionView::Holds(const FoundPoint& point, const Json& payload, const Filter& filter) const {
  return search::Holds(*views_[point.shard], point.ordinal, point.id, payload, filter);
}

PointSet CollectionView::SetOf(const std::vector<FoundPoint>& points) const {
  std::vector<std::vector<uint32_t>> ordinals(views_.size());
  for (const FoundPoint& point : points) ordinals[point.shard].push_back(Index(point.ordinal));
  PointSet set;
  for (std::vector<uint32_t>& of_shard : ordinals) {
    std::sort(of_shard.begin(), of_shard.end());
    of_shard.erase(std::unique(of_shard.begin(), of_shard.end()), of_shard.end());
    set.push_back(OrdinalSet::FromSorted(std::move(of_shard)));
  }
  return set;
}

template <typename Query>
Result<std::vector<FoundHit>> CollectionView::SearchShards(
    const Query& query, const PointSet* within, search::SearchStats* stats,
    std::vector<search::ShardExplanation>* explanations,
    Result<std::vector<search::Hit>> (*search)(const search::View&, const Query&, search::SearchReport*)) const {
  std::vector<search::SearchReport> reports(views_.size());
  if (explanations != nullptr)
    for (search::SearchReport& report : reports) report.explanation.emplace();
  ASSIGN_OR_RETURN(const auto answers, FromEachShard<std::vector<search::Hit>>([&](const auto& view, size_t shard) {
                     if (within == nullptr) return search(view, query, &reports[shard]);
                     Query restricted = query;
                     restricted.within = &(*within)[shard];
                     return search(view, restricted, &reports[shard]);
                   }));
  for (search::SearchReport& report : reports) {
    if (stats != nullptr) stats->Add(report.stats);
    if (explanations != nullptr) explanations->push_back(*std::move(report.explanation));
  }
  std::vector<FoundHit> hits;
  for (uint32_t shard = 0; shard < answers.size(); ++shard) {
    for (const search::Hit& hit : answers[shard])
      hits.push_back({{hit.id, hit.ordinal, shard}, hit.version, hit.score});
  }
  return hits;
}

Result<std::vector<FoundHit>> CollectionView::Search(const search::VectorQuery& query, const PointSet* within,
                                                     search::SearchStats* stats,
                                                     std::vector<search::ShardExplanation>* explanations) const {
  ASSIGN_OR_RETURN(auto hits, SearchShards(query, within, stats, explanations, search::SearchVectors));
  const auto vector = config_->vectors.find(query.using_name);
  const bool larger_first = vector == config_->vectors.end() || LargerIsNearer(vector->second.distance);
  if (views_.size() > 1) SortHits(larger_first, &hits);
  Truncate(query.limit, &hits);
  return hits;
}

Result<std::vector<FoundHit>> CollectionView::SearchExamples(
    const search::ExampleQuery& query, const PointSet* within, search::SearchStats* stats,
    std::vector<search::ShardExplanation>* explanations) const {
  ASSIGN_OR_RETURN(auto hits, SearchShards(query, within, stats, explanations, search::SearchExamples));
  if (views_.size() > 1) SortHits(true, &hits);
  Truncate(query.limit, &hits);
  return hits;
}

Result<FoundPage> CollectionView::Scroll(const search::ScrollRequest& request) const {
  ASSIGN_OR_RETURN(const auto pages, FromEachShard<search::ScrollPage>(
                                         [&](const auto& view, size_t) { return search::Scroll(view, request); }));
  FoundPage merged;
  for (uint32_t shard = 0; shard < pages.size(); ++shard) {
    const search::ScrollPage& page = pages[shard];
    for (size_t i = 0; i < page.ids.size(); ++i) merged.points.push_back({page.ids[i], page.ordinals[i], shard});
    if (page.next && (!merged.next || *page.next < *merged.next)) merged.next = page.next;
  }
  if (pages.size() > 1) {
    std::sort(merged.points.begin(), merged.points.end(),
              [](const FoundPoint& a, const FoundPoint& b) { return a.id < b.id; });
  }
  if (merged.points.size() > request.limit) {
    const PointId& cut = merged.points[request.limit].id;
    if (!merged.next || cut < *merged.next) merged.next = cut;
    merged.points.resize(request.limit);
  }
  return merged;
}

Result<std::vector<FoundValue>> CollectionView::ScrollOrdered(const search::OrderedScrollRequest& request,
                                                              const PointSet* within) const {
  ASSIGN_OR_RETURN(const auto answers,
                   FromEachShard<std::vector<search::OrderedPoint>>([&](const auto& view, size_t shard) {
                     search::OrderedScrollRequest of_shard = request;
                     if (within != nullptr) of_shard.within = &(*within)[shard];
                     return search::ScrollOrdered(view, of_shard);
                   }));
  std::vector<FoundValue> values;
  for (uint32_t shard = 0; shard < answers.size(); ++shard) {
    for (const auto& point : answers[shard]) values.push_back({{point.id, point.ordinal, shard}, point.value});
  }
  if (answers.size() > 1) {
    std::stable_sort(values.begin(), values.end(), [&](const FoundValue& a, const FoundValue& b) {
      return request.descending ? ValueLess(b, a) : ValueLess(a, b);
    });
  }
  Truncate(request.limit, &values);
  return values;
}

Result<std::vector<FoundSample>> CollectionView::Sample(const search::SampleRequest& request,
                                                        const PointSet* within) const {
  ASSIGN_OR_RETURN(const auto answers,
                   FromEachShard<std::vector<search::SampledPoint>>([&](const auto& view, size_t shard) {
                     search::SampleRequest of_shard = request;
                     if (within != nullptr) of_shard.within = &(*within)[shard];
                     return search::Sample(view, of_shard);
                   }));
  std::vector<FoundSample> sample;
  for (uint32_t shard = 0; shard < answers.size(); ++shard) {
    for (const auto& point : answers[shard]) sample.push_back({{point.id, point.ordinal, shard}, point.key});
  }
  std::sort(sample.begin(), sample.end(), [](const FoundSample& a, const FoundSample& b) { return a.key < b.key; });
  Truncate(request.limit, &sample);
  return sample;
}

Result<search::FacetCounts> CollectionView::Facet(const search::FacetRequest& request) const {
  ASSIGN_OR_RETURN(const auto answers, FromEachShard<search::FacetCounts>(
                                           [&](const auto& view, size_t) { return search::Facet(view, request); }));
  search::FacetCounts total;
  for (const search::FacetCounts& counts : answers)
    for (const auto& [value, count] : counts) total[value] += count;
  return total;
}

Result<uint64_t> CollectionView::Count(const Filter* filter, bool exact, const Deadline& deadline) const {
  ASSIGN_OR_RETURN(const auto counts, FromEachShard<uint64_t>([&](const auto& view, size_t) {
                     return search::Count(view, filter, exact, deadline);
                   }));
  uint64_t total = 0;
  for (const uint64_t count : counts) total += count;
  return total;
}

}  // namespace sextant::collection
