#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "collection/node.h"
#include "collection/sharding/collection_view.h"
#include "collection/sharding/parallel.h"
#include "service/checks/names.h"
#include "service/checks/read_check.h"
#include "service/service.h"
#include "service/timeouts.h"

namespace sextant::service {
namespace {

using collection::CollectionView;
using collection::FoundHit;
using collection::FoundPoint;

Deadline DeadlineOf(const ReadOptions& options) {
  return Deadline::After(TimeoutOf(options.timeout_ms));
}

const Filter* Borrow(const std::optional<Filter>& filter) {
  return filter ? &*filter : nullptr;
}

// All reads of a request go through the one view this takes.
Result<CollectionView> OpenView(collection::Node* node, std::string_view name) {
  RETURN_IF_ERROR(CheckName(name));
  ASSIGN_OR_RETURN(auto found, node->Find(name));
  return CollectionView(std::move(found), node->search_executor());
}

std::vector<PointId> WithoutRepeats(const std::vector<PointId>& ids) {
  std::unordered_set<PointId, PointIdHash> seen;
  std::vector<PointId> unique;
  for (const PointId& id : ids) {
    if (seen.insert(id).second) unique.push_back(id);
  }
  return unique;
}

// What is asked for can never be more than all points; this also keeps sums of huge limits from overflowing.
uint64_t AtMostAll(const CollectionView& view, uint64_t limit) {
  return std::min(limit, view.point_count());
}

uint64_t HitsToFetch(const CollectionView& view, const QueryRequest& request) {
  const uint64_t count = view.point_count();
  if (request.offset >= count) return 0;
  return request.offset + std::min(request.limit, count - request.offset);
}

// One query on one view.
class QueryRun {
 public:
  QueryRun(const CollectionView& view, const QueryRequest& request, const Deadline& deadline)
      : view_(view), request_(request), deadline_(deadline), wanted_(HitsToFetch(view, request)) {}

  Result<std::vector<ScoredPoint>> Run(search::SearchStats* stats) {
    std::vector<FoundHit> hits;
    if (std::holds_alternative<std::monostate>(request_.query)) {
      ASSIGN_OR_RETURN(hits, Listed());
    } else {
      ASSIGN_OR_RETURN(hits, Nearest(stats));
    }
    std::vector<ScoredPoint> points;
    for (size_t i = request_.offset; i < hits.size(); ++i) {
      RETURN_IF_ERROR(deadline_.Check());
      const FoundHit& hit = hits[i];
      ASSIGN_OR_RETURN(Record record, view_.Fetch(hit.point, request_.with_payload, request_.with_vector));
      points.push_back({std::move(record), hit.version, hit.score});
    }
    return points;
  }

 private:
  // Without a query: by id, each with score 1 and version 0.
  Result<std::vector<FoundHit>> Listed() const {
    if (wanted_ == 0) return std::vector<FoundHit>();
    ASSIGN_OR_RETURN(const auto page, view_.Scroll({Borrow(request_.filter), std::nullopt, wanted_, deadline_}));
    std::vector<FoundHit> hits;
    for (const FoundPoint& point : page.points) hits.push_back({point, 0, 1.0f});
    return hits;
  }

  Result<std::vector<FoundHit>> Nearest(search::SearchStats* stats) const {
    search::VectorQuery query;
    query.using_name = request_.using_name;
    if (const auto* id = std::get_if<PointId>(&request_.query)) {
      ASSIGN_OR_RETURN(query.vector, VectorOf(*id));
      query.excluded_ids = {*id};
    } else {
      query.vector = std::get<std::vector<float>>(request_.query);
    }
    if (wanted_ == 0) return std::vector<FoundHit>();
    query.filter = Borrow(request_.filter);
    query.params = request_.params;
    query.limit = wanted_;
    query.score_threshold = request_.score_threshold;
    query.deadline = deadline_;
    return view_.Search(query, stats);
  }

  Result<std::vector<float>> VectorOf(const PointId& id) const {
    ASSIGN_OR_RETURN(const auto found, view_.Find({id}));
    if (!found[0]) return NotFound(fmt::format("No point with id {} found", id.ToString()));
    return view_.FetchVector(*found[0], request_.using_name);
  }

  const CollectionView& view_;
  const QueryRequest& request_;
  const Deadline deadline_;
  const uint64_t wanted_;  // hits before the offset is cut off
};

Result<ScrollResult> ScrollById(const CollectionView& view, const ScrollRequest& request, const Deadline& deadline) {
  ScrollResult result;
  const uint64_t limit = AtMostAll(view, request.limit);
  if (limit == 0) return result;
  ASSIGN_OR_RETURN(const auto page, view.Scroll({Borrow(request.filter), request.offset, limit, deadline}));
  for (const FoundPoint& point : page.points) {
    RETURN_IF_ERROR(deadline.Check());
    ASSIGN_OR_RETURN(Record record, view.Fetch(point, request.with_payload, request.with_vector));
    result.points.push_back({std::move(record), std::nullopt});
  }
  result.next_page_offset = page.next;
  return result;
}

// Multi-valued points appear once per value, so the number of points is no bound for the limit here.
Result<ScrollResult> ScrollByValue(const CollectionView& view, const ScrollRequest& request, const Deadline& deadline) {
  const OrderBy& order = *request.order_by;
  ASSIGN_OR_RETURN(const auto values, view.ScrollOrdered({order.key, order.descending, order.start_from,
                                                          Borrow(request.filter), request.limit, deadline}));
  ScrollResult result;
  for (const collection::FoundValue& found : values) {
    RETURN_IF_ERROR(deadline.Check());
    ASSIGN_OR_RETURN(Record record, view.Fetch(found.point, request.with_payload, request.with_vector));
    result.points.push_back({std::move(record), found.value});
  }
  return result;
}

}  // namespace

Result<std::vector<Record>> Service::Retrieve(std::string_view collection, const RetrieveRequest& request,
                                              const ReadOptions& options) const {
  const Deadline deadline = DeadlineOf(options);
  ASSIGN_OR_RETURN(const CollectionView view, OpenView(node_, collection));
  RETURN_IF_ERROR(CheckRetrieve(view.config(), request));
  ASSIGN_OR_RETURN(const auto found, view.Find(WithoutRepeats(request.ids)));
  std::vector<Record> records;
  for (const auto& point : found) {
    if (!point) continue;
    RETURN_IF_ERROR(deadline.Check());
    ASSIGN_OR_RETURN(Record record, view.Fetch(*point, request.with_payload, request.with_vector));
    records.push_back(std::move(record));
  }
  return records;
}

Result<Record> Service::GetPoint(std::string_view collection, const PointId& id, const ReadOptions& options) const {
  RetrieveRequest request;
  request.ids = {id};
  request.with_payload.kind = PayloadSelector::Kind::kAll;
  request.with_vector.kind = VectorSelector::Kind::kAll;
  ASSIGN_OR_RETURN(auto records, Retrieve(collection, request, options));
  if (records.empty()) return NotFound(fmt::format("Point with id {} does not exists!", id.ToString()));
  return std::move(records[0]);
}

Result<ScrollResult> Service::Scroll(std::string_view collection, const ScrollRequest& request,
                                     const ReadOptions& options) const {
  const Deadline deadline = DeadlineOf(options);
  ASSIGN_OR_RETURN(const CollectionView view, OpenView(node_, collection));
  RETURN_IF_ERROR(CheckScroll(view.config(), request));
  return request.order_by ? ScrollByValue(view, request, deadline) : ScrollById(view, request, deadline);
}

Result<uint64_t> Service::Count(std::string_view collection, const CountRequest& request,
                                const ReadOptions& options) const {
  const Deadline deadline = DeadlineOf(options);
  ASSIGN_OR_RETURN(const CollectionView view, OpenView(node_, collection));
  return view.Count(Borrow(request.filter), request.exact, deadline);
}

Result<std::vector<ScoredPoint>> Service::Query(std::string_view collection, const QueryRequest& request,
                                                const ReadOptions& options, search::SearchStats* stats) const {
  const Deadline deadline = DeadlineOf(options);
  ASSIGN_OR_RETURN(const CollectionView view, OpenView(node_, collection));
  RETURN_IF_ERROR(CheckQuery(view.config(), request));
  return QueryRun(view, request, deadline).Run(stats);
}

Result<std::vector<std::vector<ScoredPoint>>> Service::QueryBatch(std::string_view collection,
                                                                  const std::vector<QueryRequest>& requests,
                                                                  const ReadOptions& options) const {
  const Deadline deadline = DeadlineOf(options);
  ASSIGN_OR_RETURN(const CollectionView view, OpenView(node_, collection));
  for (const QueryRequest& request : requests) RETURN_IF_ERROR(CheckQuery(view.config(), request));
  std::vector<std::vector<ScoredPoint>> answers(requests.size());
  RETURN_IF_ERROR(collection::ForEachParallel(node_->search_executor(), requests.size(), [&](size_t i) -> Status {
    ASSIGN_OR_RETURN(answers[i], QueryRun(view, requests[i], deadline).Run(nullptr));
    return OkStatus();
  }));
  return answers;
}

}  // namespace sextant::service
