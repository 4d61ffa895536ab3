#include <algorithm>

#include "search/reader.h"
#include "search/view_points.h"

namespace sextant::search {
namespace {

// Below this share of matching points their ids are gathered and sorted; above it the ids are walked in order.
constexpr uint64_t kGatherShare = 8;

struct Found {
  PointId id;
  Ordinal ordinal{};
};

ScrollPage MakePage(const std::vector<Found>& found, uint64_t limit) {
  ScrollPage page;
  for (const Found& point : found) {
    if (page.ids.size() == limit) {
      page.next = point.id;
      break;
    }
    page.ids.push_back(point.id);
    page.ordinals.push_back(point.ordinal);
  }
  return page;
}

// Walks ids in order, keeping those of `accept` (null: all); one more than the limit, to know the next page's start.
Result<std::vector<Found>> WalkIds(const View& view, const ScrollRequest& request, const OrdinalSet* accept) {
  std::vector<Found> found;
  auto cursor = view.store->Iterate(storage::Family::kIds, view.snapshot.get());
  if (request.offset)
    cursor->Seek(points::IdKey(*request.offset));
  else
    cursor->SeekToFirst();
  for (uint64_t steps = 1; cursor->Valid() && found.size() <= request.limit; cursor->Next(), ++steps) {
    if (steps % 1024 == 0) RETURN_IF_ERROR(request.deadline.Check());
    ASSIGN_OR_RETURN(const Ordinal ordinal, points::DecodeOrdinalKey(cursor->value()));
    if (accept != nullptr && !accept->Contains(ordinal)) continue;
    ASSIGN_OR_RETURN(const PointId id, points::DecodeIdKey(cursor->key()));
    found.push_back({id, ordinal});
  }
  RETURN_IF_ERROR(cursor->status());
  return found;
}

std::vector<Found> GatherIds(const View& view, const ScrollRequest& request, const OrdinalSet& accept) {
  std::vector<Found> found;
  accept.ForEach([&](Ordinal ordinal) {
    const PointId id = view.points->id(ordinal);
    if (!request.offset || id >= *request.offset) found.push_back({id, ordinal});
    return true;
  });
  const auto by_id = [](const Found& a, const Found& b) { return a.id < b.id; };
  const size_t wanted = static_cast<size_t>(std::min<uint64_t>(found.size(), request.limit + 1));
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(wanted), found.end(), by_id);
  found.resize(wanted);
  return found;
}

}  // namespace

Result<ScrollPage> Scroll(const View& view, const ScrollRequest& request) {
  if (request.filter == nullptr) {
    ASSIGN_OR_RETURN(const std::vector<Found> found, WalkIds(view, request, nullptr));
    return MakePage(found, request.limit);
  }
  const ViewPoints points(view);
  ASSIGN_OR_RETURN(const auto accept, view.index->Evaluate(*request.filter, points, request.deadline));
  if (accept->size() * kGatherShare < view.point_count)
    return MakePage(GatherIds(view, request, *accept), request.limit);
  ASSIGN_OR_RETURN(const std::vector<Found> found, WalkIds(view, request, accept.get()));
  return MakePage(found, request.limit);
}

Result<std::vector<OrderedPoint>> ScrollOrdered(const View& view, const OrderedScrollRequest& request) {
  const ViewPoints points(view);
  std::shared_ptr<const OrdinalSet> filtered;
  if (request.within == nullptr && request.filter != nullptr) {
    ASSIGN_OR_RETURN(filtered, view.index->Evaluate(*request.filter, points, request.deadline));
  }
  const OrdinalSet* const accept = request.within != nullptr ? request.within : filtered.get();
  const auto direction =
      request.descending ? payload_index::OrderDirection::kDescending : payload_index::OrderDirection::kAscending;
  ASSIGN_OR_RETURN(const auto values, view.index->Ordered(request.key, direction, request.start_from, accept,
                                                          static_cast<size_t>(request.limit)));
  std::vector<OrderedPoint> out;
  out.reserve(values.size());
  for (const auto& value : values) out.push_back({view.points->id(value.ordinal), value.ordinal, value.value});
  // Values are in order already; ties break by id in the same direction.
  const auto before = [&](const OrderedPoint& a, const OrderedPoint& b) {
    if (a.value != b.value) return request.descending ? a.value > b.value : a.value < b.value;
    return request.descending ? a.id > b.id : a.id < b.id;
  };
  std::stable_sort(out.begin(), out.end(), before);
  if (out.size() > request.limit) out.resize(static_cast<size_t>(request.limit));
  return out;
}

Result<uint64_t> Count(const View& view, const Filter* filter, bool exact, const Deadline& deadline) {
  if (filter == nullptr) return view.point_count;
  const ViewPoints points(view);
  if (!exact) return static_cast<uint64_t>(view.index->Estimate(*filter, points));
  ASSIGN_OR_RETURN(const auto accept, view.index->Evaluate(*filter, points, deadline));
  return static_cast<uint64_t>(accept->size());
}

}  // namespace sextant::search
