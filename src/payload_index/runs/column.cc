#include "payload_index/runs/column.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "payload_index/runs/key_match.h"
#include "payload_index/runs/selected_points.h"
#include "types/point_id.h"
#include "types/values/geo_cells.h"

namespace sextant::payload_index {
namespace {

// Columns with fewer (value, point) pairs keep no answers, nor are answers with fewer pairs kept.
constexpr size_t kCacheFrom = 1024;
constexpr size_t kCacheBudget = size_t{1} << 20;
// How finely an area is covered with cells: more ranges to look up, fewer points to look at.
constexpr size_t kCoverCells = 16;
// A polygon may have many corners.
constexpr size_t kPointsPerDeadlineCheck = 256;

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

// The same from `from` on, where that is expected to be near.
template <typename Before>
size_t PartitionPointNear(size_t from, size_t count, Before&& before) {
  size_t reach = 1;
  while (from + reach <= count && before(from + reach - 1)) reach *= 2;
  const size_t low = from + reach / 2;
  return low + PartitionPoint(std::min(from + reach - 1, count) - low, [&](size_t i) { return before(low + i); });
}

bool IsUuid(const std::string& text) {
  return UuidKeyOf(text).has_value();
}

// A UUID index knows nothing of strings that are no UUIDs, so that it leaves matches with these to the payloads.
bool AreUuids(const std::variant<std::vector<std::string>, std::vector<int64_t>>& list) {
  const auto* texts = std::get_if<std::vector<std::string>>(&list);
  return texts != nullptr && std::all_of(texts->begin(), texts->end(), IsUuid);
}

bool MatchesPhrases(const FieldSchema& schema) {
  const Json* flag = schema.params ? schema.params->Find("phrase_matching") : nullptr;
  return flag != nullptr && flag->is_bool() && flag->as_bool();
}

// Which predicates a schema serves.
struct Service {
  const FieldSchema& schema;

  bool Is(FieldType type) const { return schema.type == type; }
  bool IsIntegerLookup() const { return Is(FieldType::kInteger) && schema.lookup; }

  bool operator()(const MatchValue& match) const {
    const auto* text = std::get_if<std::string>(&match.value);
    if (text != nullptr) return Is(FieldType::kKeyword) || (Is(FieldType::kUuid) && IsUuid(*text));
    return std::holds_alternative<bool>(match.value) ? Is(FieldType::kBool) : IsIntegerLookup();
  }
  bool operator()(const MatchAny& match) const {
    if (Is(FieldType::kUuid)) return AreUuids(match.values);
    return std::holds_alternative<std::vector<std::string>>(match.values) ? Is(FieldType::kKeyword) : IsIntegerLookup();
  }
  // A list of the other type excludes none of the indexed values.
  bool operator()(const MatchExcept& match) const {
    return Is(FieldType::kKeyword) || IsIntegerLookup() || (Is(FieldType::kUuid) && AreUuids(match.values));
  }
  bool operator()(const MatchText&) const { return Is(FieldType::kText); }
  bool operator()(const MatchTextAny&) const { return Is(FieldType::kText); }
  bool operator()(const MatchPhrase&) const { return Is(FieldType::kText) && MatchesPhrases(schema); }
  bool operator()(const MatchPrefix&) const { return Is(FieldType::kKeyword); }
  bool operator()(const Range&) const { return Is(FieldType::kFloat) || (Is(FieldType::kInteger) && schema.range); }
  bool operator()(const DatetimeRange&) const { return Is(FieldType::kDatetime); }
  bool operator()(const GeoBoundingBox&) const { return Is(FieldType::kGeo); }
  bool operator()(const GeoRadius&) const { return Is(FieldType::kGeo); }
  bool operator()(const GeoPolygon&) const { return Is(FieldType::kGeo); }
  bool operator()(const ValuesCount&) const { return false; }
  bool operator()(const IsEmpty&) const { return true; }
  bool operator()(const IsNull&) const { return true; }
};

}  // namespace

bool Serves(const FieldSchema& schema, const Predicate& predicate) {
  return std::visit(Service{schema}, predicate);
}

std::optional<FieldCondition> ServedBy(const FieldSchema& schema, const FieldCondition& condition) {
  if (Serves(schema, condition.predicate)) return FieldCondition{condition.key, condition.predicate};
  for (const Predicate& alternative : condition.alternatives)
    if (Serves(schema, alternative)) return FieldCondition{condition.key, alternative};
  return std::nullopt;
}

bool ServesOrder(const FieldSchema& schema) {
  return schema.type == FieldType::kDatetime || Serves(schema, Range{});
}

bool ServesFacet(const FieldSchema& schema) {
  return schema.type == FieldType::kKeyword || schema.type == FieldType::kBool || schema.type == FieldType::kUuid ||
         (schema.type == FieldType::kInteger && schema.lookup);
}

std::optional<UuidKey> UuidKeyOf(std::string_view text) {
  const auto id = PointId::ParseUuid(text);
  return id ? std::optional(UuidKey{id->high(), id->low()}) : std::nullopt;
}

Column::Column(Flags flags, std::vector<uint32_t> points, bool has_areas)
    : has_areas_(has_areas),
      points_(std::move(points)),
      slice_bits_(points_, points_.size() == flags.present.size()),
      present_(std::make_shared<const Bitmap>(std::move(flags.present))),
      not_empty_(std::move(flags.not_empty)),
      holds_null_(std::move(flags.holds_null)),
      unkeyed_(std::move(flags.unkeyed)) {
  const bool answers_fast = points_.size() < kCacheFrom || (slice_bits_.keeps_prefixes() && !has_areas_);
  if (!answers_fast) cache_ = std::make_unique<ByteCache<Bitmap>>(kCacheBudget);
}

Result<std::shared_ptr<const Bitmap>> Column::Select(const Predicate& predicate, std::string_view key,
                                                     const Deadline& deadline) const {
  std::vector<Slice> near = Find(predicate);
  if (cache_ == nullptr || CountOf(near) < kCacheFrom) return Collect(predicate, std::move(near), deadline);
  if (auto cached = cache_->Find(key)) return cached;
  ASSIGN_OR_RETURN(auto result, Collect(predicate, std::move(near), deadline));
  if (result != present_) cache_->Put(std::string(key), result);
  return result;
}

Result<std::shared_ptr<const Bitmap>> Column::Collect(const Predicate& predicate, std::vector<Slice> near,
                                                      const Deadline& deadline) const {
  ASSIGN_OR_RETURN(const std::vector<Slice> slices, Refine(predicate, std::move(near), deadline));
  if (slices.size() == 1 && slices[0].from == 0 && slices[0].to == points_.size()) return present_;
  return std::make_shared<const Bitmap>(PointsOf(slices, points_, slice_bits_));
}

size_t Column::base_memory_bytes() const {
  return points_.capacity() * sizeof(uint32_t) + slice_bits_.memory_bytes() + present_->memory_bytes() +
         not_empty_.memory_bytes() + holds_null_.memory_bytes() + unkeyed_.memory_bytes() +
         (cache_ == nullptr ? 0 : cache_->memory_bytes());
}

template <typename Key>
ValueColumn<Key>::ValueColumn(Flags flags, KeyList<Key> keys, std::vector<uint32_t> starts,
                              std::vector<uint32_t> ordinals)
    : Column(std::move(flags), std::move(ordinals), std::is_same_v<Key, GeoKey>),
      keys_(std::move(keys)),
      starts_(std::move(starts)) {}

template <typename Key>
size_t ValueColumn<Key>::memory_bytes() const {
  return sizeof(*this) + base_memory_bytes() + keys_.memory_bytes() + starts_.capacity() * sizeof(uint32_t);
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
  const auto add = [&](const auto& value) {
    const auto key = KeyEqualTo<Key>(value);
    if (!key) return;
    const size_t place = LowerBoundOfKey(*key);
    if (place < keys_.size() && keys_[place] == *key) places.push_back(place);
  };
  std::visit([&](const auto& list) { std::for_each(list.begin(), list.end(), add); }, match.values);
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

template <typename Key>
auto ValueColumn<Key>::RangesOf(const MatchValue& match) const -> KeyRanges {
  const auto key = std::visit([](const auto& value) { return KeyEqualTo<Key>(value); }, match.value);
  if (!key) return {};
  const size_t place = LowerBoundOfKey(*key);
  if (place == keys_.size() || keys_[place] != *key) return {};
  return {{place, place + 1}};
}

template <typename Key>
auto ValueColumn<Key>::RangesOf(const MatchAny& match) const -> KeyRanges {
  KeyRanges ranges;
  for (size_t place : PlacesOf(match)) ranges.push_back({place, place + 1});
  return ranges;
}

template <typename Key>
auto ValueColumn<Key>::RangesOf(const MatchExcept& match) const -> KeyRanges {
  KeyRanges ranges;
  size_t from = 0;
  for (size_t place : PlacesOf(MatchAny{match.values})) {
    if (from < place) ranges.push_back({from, place});
    from = place + 1;
  }
  if (from < keys_.size()) ranges.push_back({from, keys_.size()});
  return ranges;
}

template <typename Key>
auto ValueColumn<Key>::RangesOf(const MatchPrefix& match) const -> KeyRanges {
  if constexpr (std::is_same_v<Key, std::string>) {
    const std::string_view prefix = match.prefix;
    const size_t from = LowerBoundOfKey(prefix);
    const size_t to =
        PartitionPoint(keys_.size(), [&](size_t i) { return keys_[i].substr(0, prefix.size()) <= prefix; });
    if (from < to) return {{from, to}};
  }
  return {};
}

template <typename Key>
template <typename Bounds>
auto ValueColumn<Key>::RangeWithin(const Bounds& bounds) const -> KeyRanges {
  const size_t from = PartitionPoint(keys_.size(), [&](size_t i) {
    return (bounds.gte && LessThan(keys_[i], *bounds.gte)) || (bounds.gt && !GreaterThan(keys_[i], *bounds.gt));
  });
  const size_t to = PartitionPointNear(from, keys_.size(), [&](size_t i) {
    return (!bounds.lt || LessThan(keys_[i], *bounds.lt)) && (!bounds.lte || !GreaterThan(keys_[i], *bounds.lte));
  });
  if (from < to) return {{from, to}};
  return {};
}

template <typename Key>
auto ValueColumn<Key>::RangesOf(const Range& range) const -> KeyRanges {
  if constexpr (std::is_same_v<Key, int64_t> || std::is_same_v<Key, double>)
    if (!HasNan(range)) return RangeWithin(range);
  return {};
}

template <typename Key>
auto ValueColumn<Key>::RangesOf(const DatetimeRange& range) const -> KeyRanges {
  if constexpr (std::is_same_v<Key, int64_t>) return RangeWithin(range);
  return {};
}

template <typename Key>
template <typename Area>
auto ValueColumn<Key>::RangesNear(const Area& area) const -> KeyRanges {
  KeyRanges ranges;
  if constexpr (std::is_same_v<Key, GeoKey>) {
    for (const GeoCellRange& cells : CoverWithCells(BoundsOf(area), kCoverCells)) {
      const size_t from = PartitionPoint(keys_.size(), [&](size_t i) { return keys_[i].cell < cells.first; });
      const size_t to = PartitionPoint(keys_.size(), [&](size_t i) { return keys_[i].cell <= cells.last; });
      if (from < to) ranges.push_back({from, to});
    }
  }
  return ranges;
}

// Of areas each slice is a range of keys, with one point for each but where points have several values of one place;
// the keys of a slice are found again by where they start.
template <typename Key>
Result<std::vector<Slice>> ValueColumn<Key>::Refine(const Predicate& predicate, std::vector<Slice> near,
                                                    const Deadline& deadline) const {
  if constexpr (std::is_same_v<Key, GeoKey>) {
    const auto within = [&](const GeoPoint& point) {
      if (const auto* box = std::get_if<GeoBoundingBox>(&predicate)) return Contains(*box, point);
      if (const auto* circle = std::get_if<GeoRadius>(&predicate)) return Contains(*circle, point);
      return Contains(std::get<GeoPolygon>(predicate), point);
    };
    KeyRanges ranges;
    size_t steps = 0;
    for (const Slice& slice : near) {
      const auto first = std::lower_bound(starts_.begin(), starts_.end(), slice.from);
      for (auto i = static_cast<size_t>(first - starts_.begin()); starts_[i] < slice.to; ++i) {
        if (++steps % kPointsPerDeadlineCheck == 0) RETURN_IF_ERROR(deadline.Check());
        if (!within(keys_[i].point)) continue;
        if (!ranges.empty() && ranges.back().to == i)
          ++ranges.back().to;
        else
          ranges.push_back({i, i + 1});
      }
    }
    return SlicesOf(ranges);
  }
  return near;
}

template <typename Key>
auto ValueColumn<Key>::RangesOf(const Predicate& predicate) const -> KeyRanges {
  return std::visit([this](const auto& p) { return RangesOf(p); }, predicate);
}

template <typename Key>
std::vector<Slice> ValueColumn<Key>::SlicesOf(const KeyRanges& ranges) const {
  std::vector<Slice> slices;
  slices.reserve(ranges.size());
  for (const KeyRange& range : ranges) slices.push_back({starts_[range.from], starts_[range.to]});
  return slices;
}

template class ValueColumn<std::string>;
template class ValueColumn<int64_t>;
template class ValueColumn<double>;
template class ValueColumn<uint8_t>;
template class ValueColumn<UuidKey>;
template class ValueColumn<GeoKey>;

}  // namespace sextant::payload_index
