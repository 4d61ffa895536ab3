#include "payload_index/by_value/key_walk.h"
#include "payload_index/log_snapshot.h"

namespace sextant::payload_index {
namespace {

template <typename Key>
std::vector<OrderedValue> Walk(const IndexView& view, size_t field, const OrderRequest& request) {
  std::vector<KeyCursor<Key>> cursors;
  for (const Run& run : view.runs) {
    cursors.emplace_back(run, field, request.direction == OrderDirection::kAscending);
    if (request.start_from) cursors.back().StartFrom(*request.start_from);
  }
  std::vector<OrderedValue> out;
  WalkKeys<Key>(std::move(cursors), [&](const KeyCursor<Key>& cursor) {
    const Key key = cursor.key();
    if (out.size() >= request.limit && (out.empty() || std::get<Key>(out.back().value) != key)) return false;
    cursor.ForEachPoint(request.accept, [&](Ordinal ordinal) { out.push_back({key, ordinal}); });
    return true;
  });
  return out;
}

}  // namespace

std::vector<OrderedValue> OrderedValues(const IndexView& view, size_t field, const OrderRequest& request) {
  if (view.fields[field].schema.type == FieldType::kFloat) return Walk<double>(view, field, request);
  return Walk<int64_t>(view, field, request);
}

}  // namespace sextant::payload_index
