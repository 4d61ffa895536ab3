#pragma once

#include <cstddef>
#include <cstdint>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include "payload_index/runs/column.h"
#include "payload_index/runs/run.h"
#include "types/ordinal_set.h"

namespace sextant::payload_index {

// The keys of one field in one run, from place `from` up to `to`, walked up or down.
template <typename Key>
class KeyCursor {
 public:
  using View = typename KeyList<Key>::View;

  KeyCursor(const Run& run, size_t field, bool ascending)
      : run_(&run),
        column_(static_cast<const ValueColumn<Key>*>(&run.column(field))),
        ascending_(ascending),
        left_(column_->key_count()) {}

  // Leaves out what comes before `bound` in the direction of the walk.
  void StartFrom(double bound) {
    if (ascending_)
      left_ -= column_->LowerBound(bound);
    else
      left_ = column_->UpperBound(bound);
  }

  bool done() const { return left_ == 0; }
  View key() const { return column_->key(place()); }
  void Next() { --left_; }
  // A priority queue's top is its largest: the cursor whose key comes first.
  bool operator<(const KeyCursor& other) const { return ascending_ ? key() > other.key() : key() < other.key(); }

  // Calls `visit(ordinal)` for the living points with this key that are in `accept` (null: all), ascending.
  template <typename Visit>
  void ForEachPoint(const OrdinalSet* accept, Visit&& visit) const {
    AscendingProbe live(run_->live());
    for (uint32_t ordinal : column_->ordinals(place())) {
      if (accept != nullptr && !accept->Contains(Ordinal{ordinal})) continue;
      if (run_->all_live() || live.Contains(ordinal)) visit(Ordinal{ordinal});
    }
  }

 private:
  size_t place() const { return ascending_ ? column_->key_count() - left_ : left_ - 1; }

  const Run* run_;
  const ValueColumn<Key>* column_;
  bool ascending_;
  size_t left_;
};

// Calls `visit(cursor)` for the keys of all cursors in order (a key once for each run that has it), until it returns
// false.
template <typename Key, typename Visit>
void WalkKeys(std::vector<KeyCursor<Key>> cursors, Visit&& visit) {
  std::erase_if(cursors, [](const KeyCursor<Key>& cursor) { return cursor.done(); });
  std::priority_queue<KeyCursor<Key>> queue({}, std::move(cursors));
  while (!queue.empty()) {
    KeyCursor<Key> cursor = queue.top();
    queue.pop();
    if (!visit(static_cast<const KeyCursor<Key>&>(cursor))) return;
    cursor.Next();
    if (!cursor.done()) queue.push(cursor);
  }
}

}  // namespace sextant::payload_index
