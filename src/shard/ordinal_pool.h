#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "search/view.h"
#include "types/ordinal.h"

namespace sextant::shard {

// What: hands out ordinals. One of a deleted point is reused only when no view that could name it is left: rows tell
// their points apart by operation number, so views are the only ones that could confuse an old and a new holder.
// Threads: the shard's writer only.
class OrdinalPool {
 public:
  // `next` is above every ordinal in use; `free` holds unused ones below it.
  OrdinalPool(uint32_t next, std::vector<Ordinal> free) : next_(next), free_(std::move(free)) {}

  Ordinal Take() {
    if (free_.empty()) return Ordinal{next_++};
    const Ordinal ordinal = free_.back();
    free_.pop_back();
    return ordinal;
  }
  // An ordinal that no view has named (its insertion failed or was undone in its own commit group).
  void GiveBack(Ordinal ordinal) { free_.push_back(ordinal); }
  // The point was deleted by operation `number`.
  void Retire(Ordinal ordinal, OperationNumber number) { retired_.push_back({number, ordinal}); }

  void ViewPublished(const std::shared_ptr<const search::View>& view) {
    views_.push_back({view->version, view});
    while (!views_.empty() && views_.front().second.expired()) views_.pop_front();
    const OperationNumber oldest = views_.empty() ? kNever : views_.front().first;
    while (!retired_.empty() && retired_.front().first <= oldest) {
      free_.push_back(retired_.front().second);
      retired_.pop_front();
    }
  }

 private:
  uint32_t next_;
  std::vector<Ordinal> free_;
  std::deque<std::pair<OperationNumber, Ordinal>> retired_;                          // by operation number, ascending
  std::deque<std::pair<OperationNumber, std::weak_ptr<const search::View>>> views_;  // as published
};

}  // namespace sextant::shard
