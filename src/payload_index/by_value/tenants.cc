#include <algorithm>

#include "payload_index/by_value/key_walk.h"
#include "payload_index/log_snapshot.h"

namespace sextant::payload_index {
namespace {

// What: a number for each ordinal of a range.
class Numbers {
 public:
  explicit Numbers(std::span<const Ordinal> points) {
    const auto [least, most] = std::minmax_element(points.begin(), points.end());
    first_ = Index(*least);
    numbers_.resize(Index(*most) - first_ + 1);
  }

  bool Covers(uint32_t ordinal) const { return ordinal >= first_ && ordinal - first_ < numbers_.size(); }
  uint32_t& operator[](Ordinal ordinal) { return numbers_[Index(ordinal) - first_]; }
  uint32_t first() const { return first_; }
  uint32_t last() const { return first_ + static_cast<uint32_t>(numbers_.size() - 1); }

 private:
  uint32_t first_ = 0;
  std::vector<uint32_t> numbers_;
};

template <typename Key>
void NumberKeys(const IndexView& view, size_t field, Numbers* numbers) {
  std::vector<KeyCursor<Key>> cursors;
  for (const Run& run : view.runs)
    if (run.Overlaps(numbers->first(), numbers->last())) cursors.emplace_back(run, field, true);
  std::optional<typename KeyCursor<Key>::View> current;
  uint32_t number = 0;
  WalkKeys<Key>(std::move(cursors), [&](const KeyCursor<Key>& cursor) {
    if (current != cursor.key()) {
      current = cursor.key();
      ++number;
    }
    cursor.ForEachPoint(nullptr, [&](Ordinal ordinal) {
      if (numbers->Covers(Index(ordinal))) (*numbers)[ordinal] = number;
    });
    return true;
  });
}

}  // namespace

std::vector<uint32_t> TenantNumbers(const IndexView& view, size_t field, std::span<const Ordinal> points) {
  if (points.empty()) return {};
  Numbers numbers(points);
  if (view.fields[field].schema.type == FieldType::kUuid) {
    NumberKeys<UuidKey>(view, field, &numbers);
  } else {
    NumberKeys<std::string>(view, field, &numbers);
  }
  std::vector<uint32_t> tenants(points.size());
  std::transform(points.begin(), points.end(), tenants.begin(), [&](Ordinal point) { return numbers[point]; });
  return tenants;
}

}  // namespace sextant::payload_index
