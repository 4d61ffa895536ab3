#include "payload_index/runs/column.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/check.h"

namespace sextant::payload_index {
namespace {

// Columns with fewer (value, point) pairs keep no answers; neither do answers with fewer pairs.
constexpr size_t kCacheFrom = 1024;
constexpr size_t kCacheBudget = size_t{1} << 20;

// Exact comparison of an integer with a real bound. A NaN bound is neither above nor below anything.
bool LessThan(int64_t value, double bound) {
  constexpr double kTwo63 = 9223372036854775808.0;
  if (!(bound > -kTwo63)) return false;
  return bound >= kTwo63 || value < static_cast<int64_t>(std::ceil(bound));
}
bool GreaterThan(int64_t value, double bound) {
  constexpr double kTwo63 = 9223372036854775808.0;
  if (!(bound < kTwo63)) return false;
  return bound < -kTwo63 || value > static_cast<int64_t>(std::floor(bound));
}
bool LessThan(double value, double bound) {
  return value < bound;
}
bool GreaterThan(double value, double bound) {
  return value > bound;
}

bool HasNan(const Range& range) {
  const auto nan = [](const std::optional<double>& bound) { return bound && std::isnan(*bound); };
  return nan(range.lt) || nan(range.gt) || nan(range.lte) || nan(range.gte);
}

// The first of 0..count for which `before` is false.
template <typename Before>
size_t PartitionPoint(size_t count, Before&& before) {
  size_t low = 0;
  while (count > 0) {
    const size_t half = count / 2;
    if (before(low + half)) {
      low += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return low;
}

// The alternative of MatchValue, and of the lists of MatchAny and MatchExcept, that a key type can equal.
template <typename Key>
struct Matchable {
  using Type = Key;
};
template <>
struct Matchable<uint8_t> {
  using Type = bool;
};

template <typename Key, typename... T>
constexpr bool IsAlternative(const std::variant<T...>*) {
  return (std::is_same_v<Key, T> || ...);
}

}  // namespace

bool Serves(const FieldSchema& schema, const Predicate& predicate) {
  const bool keyword = schema.type == FieldType::kKeyword;
  const bool integer_lookup = schema.type == FieldType::kInteger && schema.lookup;
  if (std::holds_alternative<IsEmpty>(predicate) || std::holds_alternative<IsNull>(predicate)) return true;
  if (const auto* match = std::get_if<MatchValue>(&predicate)) {
    if (std::holds_alternative<std::string>(match->value)) return keyword;
    if (std::holds_alternative<bool>(match->value)) return schema.type == FieldType::kBool;
    return integer_lookup;
  }
  if (const auto* any = std::get_if<MatchAny>(&predicate))
    return std::holds_alternative<std::vector<std::string>>(any->values) ? keyword : integer_lookup;
  // A list of the other type excludes none of the indexed values.
  if (std::holds_alternative<MatchExcept>(predicate)) return keyword || integer_lookup;
  if (std::holds_alternative<Range>(predicate))
    return schema.type == FieldType::kFloat || (schema.type == FieldType::kInteger && schema.range);
  return false;
}

Column::Column(Flags flags, size_t entries)
    : present_(std::make_shared<const Bitmap>(std::move(flags.present))),
      not_empty_(std::move(flags.not_empty)),
      holds_null_(std::move(flags.holds_null)) {
  if (entries >= kCacheFrom) cache_ = std::make_unique<ByteCache<Bitmap>>(kCacheBudget);
}

std::shared_ptr<const Bitmap> Column::Select(const Predicate& predicate, std::string_view key) const {
  if (cache_ == nullptr || Count(predicate) < kCacheFrom) return Collect(predicate);
  if (auto cached = cache_->Find(key)) return cached;
  auto result = Collect(predicate);
  if (result != present_) cache_->Put(std::string(key), result);
  return result;
}

size_t Column::base_memory_bytes() const {
  return present_->memory_bytes() + not_empty_.memory_bytes() + holds_null_.memory_bytes() +
         (cache_ == nullptr ? 0 : cache_->memory_bytes());
}

template <typename Key>
ValueColumn<Key>::ValueColumn(Flags flags, KeyList<Key> keys, std::vector<uint32_t> starts,
                              std::vector<uint32_t> ordinals)
    : Column(std::move(flags), ordinals.size()),
      keys_(std::move(keys)),
      starts_(std::move(starts)),
      ordinals_(std::move(ordinals)) {}

template <typename Key>
size_t ValueColumn<Key>::memory_bytes() const {
  return sizeof(*this) + base_memory_bytes() + keys_.memory_bytes() +
         (starts_.capacity() + ordinals_.capacity()) * sizeof(uint32_t);
}

template <typename Key>
size_t ValueColumn<Key>::LowerBoundOfKey(View key) const {
  return PartitionPoint(keys_.size(), [&](size_t i) { return keys_[i] < key; });
}

template <typename Key>
size_t ValueColumn<Key>::LowerBound(double bound) const {
  if constexpr (std::is_same_v<Key, int64_t> || std::is_same_v<Key, double>)
    return PartitionPoint(keys_.size(), [&](size_t i) { return LessThan(keys_[i], bound); });
  return 0;
}

template <typename Key>
size_t ValueColumn<Key>::UpperBound(double bound) const {
  if constexpr (std::is_same_v<Key, int64_t> || std::is_same_v<Key, double>)
    return PartitionPoint(keys_.size(), [&](size_t i) { return !GreaterThan(keys_[i], bound); });
  return 0;
}

template <typename Key>
std::vector<size_t> ValueColumn<Key>::PlacesOf(const MatchAny& match) const {
  std::vector<size_t> places;
  if constexpr (IsAlternative<std::vector<Key>>(static_cast<decltype(&match.values)>(nullptr))) {
    if (const auto* list = std::get_if<std::vector<Key>>(&match.values)) {
      for (const Key& value : *list) {
        const size_t place = LowerBoundOfKey(value);
        if (place < keys_.size() && keys_[place] == View(value)) places.push_back(place);
      }
    }
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

template <typename Key>
auto ValueColumn<Key>::RangesOf(const Predicate& predicate) const -> std::vector<KeyRange> {
  std::vector<KeyRange> ranges;
  if (const auto* match = std::get_if<MatchValue>(&predicate)) {
    using Wanted = typename Matchable<Key>::Type;
    if constexpr (IsAlternative<Wanted>(static_cast<decltype(&match->value)>(nullptr))) {
      if (const auto* value = std::get_if<Wanted>(&match->value)) {
        const View key = static_cast<View>(*value);
        const size_t place = LowerBoundOfKey(key);
        if (place < keys_.size() && keys_[place] == key) ranges.push_back({place, place + 1});
      }
    }
  } else if (const auto* any = std::get_if<MatchAny>(&predicate)) {
    for (size_t place : PlacesOf(*any)) ranges.push_back({place, place + 1});
  } else if (const auto* except = std::get_if<MatchExcept>(&predicate)) {
    size_t from = 0;
    for (size_t place : PlacesOf(MatchAny{except->values})) {
      if (from < place) ranges.push_back({from, place});
      from = place + 1;
    }
    if (from < keys_.size()) ranges.push_back({from, keys_.size()});
  } else if (const auto* range = std::get_if<Range>(&predicate)) {
    if constexpr (std::is_same_v<Key, int64_t> || std::is_same_v<Key, double>) {
      const size_t from = PartitionPoint(keys_.size(), [&](size_t i) {
        return (range->gte && LessThan(keys_[i], *range->gte)) || (range->gt && !GreaterThan(keys_[i], *range->gt));
      });
      const size_t to = PartitionPoint(keys_.size(), [&](size_t i) {
        return (!range->lt || LessThan(keys_[i], *range->lt)) && (!range->lte || !GreaterThan(keys_[i], *range->lte));
      });
      if (from < to && !HasNan(*range)) ranges.push_back({from, to});
    }
  }
  return ranges;
}

template <typename Key>
size_t ValueColumn<Key>::Count(const Predicate& predicate) const {
  size_t count = 0;
  for (const KeyRange& range : RangesOf(predicate)) count += starts_[range.to] - starts_[range.from];
  return count;
}

template <typename Key>
std::shared_ptr<const Bitmap> ValueColumn<Key>::Collect(const Predicate& predicate) const {
  const auto ranges = RangesOf(predicate);
  if (ranges.size() == 1 && ranges[0].from == 0 && ranges[0].to == keys_.size()) return shared_present();
  if (ranges.size() == 1 && ranges[0].to - ranges[0].from == 1)
    return std::make_shared<const Bitmap>(Bitmap::FromSorted(ordinals(ranges[0].from)));
  std::vector<uint32_t> collected;
  for (const KeyRange& range : ranges)
    collected.insert(collected.end(), ordinals_.begin() + starts_[range.from], ordinals_.begin() + starts_[range.to]);
  return std::make_shared<const Bitmap>(Bitmap::FromUnsorted(&collected));
}

template class ValueColumn<std::string>;
template class ValueColumn<int64_t>;
template class ValueColumn<double>;
template class ValueColumn<uint8_t>;

}  // namespace sextant::payload_index
