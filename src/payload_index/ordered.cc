#include <algorithm>
#include <queue>

#include "payload_index/log_snapshot.h"

namespace sextant::payload_index {
namespace {

// Walks the values of one run in the asked-for direction.
template <typename Key>
class Cursor {
 public:
  Cursor(const Run& run, size_t field, const OrderRequest& request)
      : run_(&run),
        column_(static_cast<const ValueColumn<Key>*>(&run.column(field))),
        ascending_(request.direction == OrderDirection::kAscending),
        left_(column_->key_count()) {
    if (!request.start_from) return;
    if (ascending_)
      left_ -= column_->LowerBound(*request.start_from);
    else
      left_ = column_->UpperBound(*request.start_from);
  }

  bool done() const { return left_ == 0; }
  Key key() const { return column_->key(place()); }
  std::span<const uint32_t> ordinals() const { return column_->ordinals(place()); }
  const Run& run() const { return *run_; }
  void Next() { --left_; }
  // A priority queue's top is its largest: the cursor whose value comes first.
  bool operator<(const Cursor& other) const { return ascending_ ? key() > other.key() : key() < other.key(); }

 private:
  size_t place() const { return ascending_ ? column_->key_count() - left_ : left_ - 1; }

  const Run* run_;
  const ValueColumn<Key>* column_;
  bool ascending_;
  size_t left_;
};

template <typename Key>
std::vector<OrderedValue> Walk(const IndexView& view, size_t field, const OrderRequest& request) {
  std::vector<Cursor<Key>> cursors;
  for (const Run& run : view.runs) cursors.emplace_back(run, field, request);
  std::erase_if(cursors, [](const Cursor<Key>& cursor) { return cursor.done(); });
  std::priority_queue<Cursor<Key>> queue({}, std::move(cursors));
  std::vector<OrderedValue> out;
  while (!queue.empty()) {
    Cursor<Key> cursor = queue.top();
    queue.pop();
    const Key key = cursor.key();
    if (out.size() >= request.limit && (out.empty() || std::get<Key>(out.back().value) != key)) break;
    AscendingProbe live(cursor.run().live());
    for (uint32_t ordinal : cursor.ordinals()) {
      if (request.accept != nullptr && !request.accept->Contains(Ordinal{ordinal})) continue;
      if (cursor.run().all_live() || live.Contains(ordinal)) out.push_back({key, Ordinal{ordinal}});
    }
    cursor.Next();
    if (!cursor.done()) queue.push(cursor);
  }
  return out;
}

}  // namespace

std::vector<OrderedValue> OrderedValues(const IndexView& view, size_t field, const OrderRequest& request) {
  if (view.fields[field].schema.type == FieldType::kInteger) return Walk<int64_t>(view, field, request);
  return Walk<double>(view, field, request);
}

}  // namespace sextant::payload_index
