#pragma once

#include <cstdint>

#include "types/ordinal_set.h"
#include "vector_index/liveness.h"
#include "vector_index/search_request.h"

namespace sextant::vector_index {

// What: which rows one search may return: alive in its view and, if it has an accept set, in that. Borrows all.
// Threads: immutable.
class RowFilter {
 public:
  RowFilter(const SearchRequest& request, const Liveness& liveness, const uint32_t* ordinals)
      : view_(request.view), accept_(request.accept), liveness_(liveness), ordinals_(ordinals) {}

  bool AcceptsAll() const { return accept_ == nullptr && liveness_.retired_count() == 0; }
  bool Accepts(uint32_t row) const {
    return (accept_ == nullptr || accept_->Contains(Ordinal{ordinals_[row]})) && liveness_.IsLive(row, view_);
  }
  void Prefetch(uint32_t row) const {
    if (accept_ != nullptr) __builtin_prefetch(ordinals_ + row);
  }

 private:
  OperationNumber view_;
  const OrdinalSet* accept_;
  const Liveness& liveness_;
  const uint32_t* ordinals_;
};

}  // namespace sextant::vector_index
