#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "collection/node.h"
#include "collection/sharding/collection_view.h"
#include "service/checks/names.h"
#include "service/checks/read_check.h"
#include "service/open_view.h"
#include "service/query/filters.h"
#include "service/service.h"
#include "service/strict/strict_gate.h"
#include "service/timeouts.h"

namespace sextant::service {
namespace {

using collection::CollectionView;
using collection::FoundPoint;

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

Deadline DeadlineOf(const ReadOptions& options) {
  return Deadline::After(TimeoutOf(options));
}

Result<CollectionView> OpenView(collection::Node* node, std::string_view name) {
  RETURN_IF_ERROR(CheckName(name));
  ASSIGN_OR_RETURN(auto found, node->Find(name));
  return CollectionView(std::move(found), node->search_executor());
}

Result<std::vector<Record>> Service::Retrieve(std::string_view collection, const RetrieveRequest& request,
                                              const ReadOptions& options) const {
  const Deadline deadline = DeadlineOf(options);
  ASSIGN_OR_RETURN(const CollectionView view, OpenView(node_, collection));
  RETURN_IF_ERROR(CheckRetrieve(view.config(), request));
  RETURN_IF_ERROR(strict_->AdmitRead(view, request, options));
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
  RETURN_IF_ERROR(strict_->AdmitRead(view, request, options));
  return request.order_by ? ScrollByValue(view, request, deadline) : ScrollById(view, request, deadline);
}

Result<uint64_t> Service::Count(std::string_view collection, const CountRequest& request,
                                const ReadOptions& options) const {
  const Deadline deadline = DeadlineOf(options);
  ASSIGN_OR_RETURN(const CollectionView view, OpenView(node_, collection));
  RETURN_IF_ERROR(strict_->AdmitRead(view, request, options));
  return view.Count(Borrow(request.filter), request.exact, deadline);
}

}  // namespace sextant::service
