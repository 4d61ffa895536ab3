#include <algorithm>
#include <utility>

#include "collection/node.h"
#include "collection/sharding/collection_view.h"
#include "collection/sharding/parallel.h"
#include "runtime/scoped_timer.h"
#include "service/open_view.h"
#include "service/query/filters.h"
#include "service/query/groups.h"
#include "service/query/query_check.h"
#include "service/query/query_run.h"
#include "service/service.h"
#include "service/strict/strict_gate.h"

namespace sextant::service {
namespace {

using collection::CollectionView;
using collection::FoundPoint;

VectorSources::OpenView Opener(collection::Node* node) {
  return [node](const std::string& name) { return OpenView(node, name); };
}

// How a query is answered, besides what it asks for.
struct AnswerOptions {
  VectorSources::OpenView open;
  Deadline deadline;
  bool explain = false;
};

// Runs a checked query and fetches its hits. `report` may be null.
Result<std::vector<ScoredPoint>> Answer(const CollectionView& view, const QueryRequest& request,
                                        const AnswerOptions& options, QueryReport* report) {
  QueryExplanation* explanation = nullptr;
  if (report != nullptr && options.explain) explanation = &report->explanation.emplace();
  ASSIGN_OR_RETURN(const QueryHits hits, RunQuery(view, request, options.open, options.deadline, report));
  const ScopedTimer timer(explanation != nullptr ? &explanation->fetch_seconds : nullptr);
  return FetchHits(view, request, hits, options.deadline);
}

// A sample of points that have the vector, by id.
Result<std::vector<FoundPoint>> SamplePoints(const CollectionView& view, const MatrixRequest& request,
                                             const Deadline& deadline) {
  search::SampleRequest sample;
  sample.filter = Borrow(request.filter);
  sample.with_vector = request.using_name;
  sample.limit = request.sample;
  sample.deadline = deadline;
  ASSIGN_OR_RETURN(const auto found, view.Sample(sample, nullptr));
  std::vector<FoundPoint> points;
  for (const auto& one : found) points.push_back(one.point);
  std::sort(points.begin(), points.end(), [](const FoundPoint& a, const FoundPoint& b) { return a.id < b.id; });
  return points;
}

Result<Matrix> MatrixOf(const CollectionView& view, const MatrixRequest& request, const Deadline& deadline) {
  ASSIGN_OR_RETURN(const std::vector<FoundPoint> points, SamplePoints(view, request, deadline));
  Matrix matrix;
  if (points.size() < 2) return matrix;
  for (const FoundPoint& point : points) matrix.ids.push_back(point.id);
  const collection::PointSet within = view.SetOf(points);
  for (const FoundPoint& point : points) {
    search::VectorQuery query;
    query.using_name = request.using_name;
    query.excluded_ids = {point.id};
    query.limit = std::min(request.limit, view.point_count());
    query.deadline = deadline;
    query.params.exact = true;
    ASSIGN_OR_RETURN(query.vector, view.FetchVector(point, request.using_name));
    ASSIGN_OR_RETURN(const auto hits, view.Search(query, &within, nullptr));
    auto& row = matrix.rows.emplace_back();
    for (const auto& hit : hits) {
      const auto column = std::lower_bound(matrix.ids.begin(), matrix.ids.end(), hit.point.id);
      row.push_back({static_cast<uint64_t>(column - matrix.ids.begin()), hit.score});
    }
  }
  return matrix;
}

}  // namespace

Result<std::vector<ScoredPoint>> Service::Query(std::string_view collection, const QueryRequest& request,
                                                const ReadOptions& options, QueryReport* report) const {
  const Deadline deadline = DeadlineOf(options);
  ASSIGN_OR_RETURN(const CollectionView view, OpenView(node_, collection));
  RETURN_IF_ERROR(CheckQuery(view.config(), request));
  RETURN_IF_ERROR(strict_->AdmitRead(view, request, options));
  return Answer(view, request, {Opener(node_), deadline, options.explain}, report);
}

Result<std::vector<std::vector<ScoredPoint>>> Service::QueryBatch(std::string_view collection,
                                                                  const std::vector<QueryRequest>& requests,
                                                                  const ReadOptions& options,
                                                                  std::vector<QueryReport>* reports) const {
  const Deadline deadline = DeadlineOf(options);
  ASSIGN_OR_RETURN(const CollectionView view, OpenView(node_, collection));
  for (const QueryRequest& request : requests) RETURN_IF_ERROR(CheckQuery(view.config(), request));
  RETURN_IF_ERROR(strict_->AdmitRead(view, requests, options));
  std::vector<std::vector<ScoredPoint>> answers(requests.size());
  if (reports != nullptr) reports->resize(requests.size());
  RETURN_IF_ERROR(collection::ForEachParallel(node_->search_executor(), requests.size(), [&](size_t i) -> Status {
    ASSIGN_OR_RETURN(answers[i], Answer(view, requests[i], {Opener(node_), deadline, options.explain},
                                        reports != nullptr ? &(*reports)[i] : nullptr));
    return OkStatus();
  }));
  return answers;
}

Result<std::vector<PointGroup>> Service::QueryGroups(std::string_view collection, const QueryGroupsRequest& request,
                                                     const ReadOptions& options) const {
  const Deadline deadline = DeadlineOf(options);
  ASSIGN_OR_RETURN(const CollectionView view, OpenView(node_, collection));
  RETURN_IF_ERROR(CheckQueryGroups(view.config(), request));
  RETURN_IF_ERROR(strict_->AdmitRead(view, request, options));
  return RunGroups(view, request, Opener(node_), deadline);
}

Result<std::vector<FacetHit>> Service::Facet(std::string_view collection, const FacetRequest& request,
                                             const ReadOptions& options) const {
  const Deadline deadline = DeadlineOf(options);
  ASSIGN_OR_RETURN(const CollectionView view, OpenView(node_, collection));
  RETURN_IF_ERROR(CheckFacet(request));
  RETURN_IF_ERROR(strict_->AdmitRead(view, request, options));
  ASSIGN_OR_RETURN(const auto counts, view.Facet({request.key, Borrow(request.filter), deadline}));
  std::vector<FacetHit> hits;
  for (const auto& [value, count] : counts) hits.push_back({value, count});
  // Values are in order already.
  std::stable_sort(hits.begin(), hits.end(), [](const FacetHit& a, const FacetHit& b) { return a.count > b.count; });
  if (hits.size() > request.limit) hits.resize(request.limit);
  return hits;
}

Result<Matrix> Service::SearchMatrix(std::string_view collection, const MatrixRequest& request,
                                     const ReadOptions& options) const {
  const Deadline deadline = DeadlineOf(options);
  ASSIGN_OR_RETURN(const CollectionView view, OpenView(node_, collection));
  RETURN_IF_ERROR(CheckMatrix(view.config(), request));
  RETURN_IF_ERROR(strict_->AdmitRead(view, request, options));
  return MatrixOf(view, request, deadline);
}

}  // namespace sextant::service
