#include <algorithm>

#include "payload_index/by_value/key_walk.h"
#include "payload_index/log_snapshot.h"
#include "types/point_id.h"

namespace sextant::payload_index {
namespace {

using FacetValue = decltype(FacetCount::value);

FacetValue ToValue(std::string_view key) {
  return std::string(key);
}
FacetValue ToValue(int64_t key) {
  return key;
}
FacetValue ToValue(uint8_t key) {
  return key != 0;
}
FacetValue ToValue(const UuidKey& key) {
  return PointId::Uuid(key[0], key[1]).ToString();
}

// The most frequent of the values that come in ascending order.
class MostFrequent {
 public:
  explicit MostFrequent(size_t limit) : limit_(limit) {}

  template <typename Key>
  void Add(const Key& key, uint64_t count) {
    if (count == 0 || limit_ == 0) return;
    if (heap_.size() == limit_) {
      if (heap_.front().count >= count) return;  // on equal counts, the smaller value stays
      std::pop_heap(heap_.begin(), heap_.end(), Before);
      heap_.pop_back();
    }
    heap_.push_back({ToValue(key), count});
    std::push_heap(heap_.begin(), heap_.end(), Before);
  }
  std::vector<FacetCount> Take() {
    std::sort_heap(heap_.begin(), heap_.end(), Before);
    return std::move(heap_);
  }

 private:
  static bool Before(const FacetCount& a, const FacetCount& b) {
    return a.count != b.count ? a.count > b.count : a.value < b.value;
  }

  const size_t limit_;
  std::vector<FacetCount> heap_;  // the last one at the front
};

template <typename Key>
std::vector<FacetCount> CountValues(const IndexView& view, size_t field, const OrdinalSet* accept, size_t limit) {
  std::vector<KeyCursor<Key>> cursors;
  for (const Run& run : view.runs) cursors.emplace_back(run, field, true);
  MostFrequent most(limit);
  std::optional<typename KeyCursor<Key>::View> current;
  uint64_t count = 0;  // a living point is in one run only, so counts of runs add up
  WalkKeys<Key>(std::move(cursors), [&](const KeyCursor<Key>& cursor) {
    if (current != cursor.key()) {
      if (current) most.Add(*current, count);
      current = cursor.key();
      count = 0;
    }
    cursor.ForEachPoint(accept, [&](Ordinal) { ++count; });
    return true;
  });
  if (current) most.Add(*current, count);
  return most.Take();
}

}  // namespace

std::vector<FacetCount> FacetCounts(const IndexView& view, size_t field, const OrdinalSet* accept, size_t limit) {
  switch (view.fields[field].schema.type) {
    case FieldType::kInteger: return CountValues<int64_t>(view, field, accept, limit);
    case FieldType::kBool: return CountValues<uint8_t>(view, field, accept, limit);
    case FieldType::kUuid: return CountValues<UuidKey>(view, field, accept, limit);
    default: return CountValues<std::string>(view, field, accept, limit);
  }
}

}  // namespace sextant::payload_index
