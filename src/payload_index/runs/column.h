#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "payload_index/json_value.h"
#include "payload_index/runs/bitmap.h"
#include "payload_index/runs/byte_cache.h"
#include "payload_index/runs/slice_bits.h"
#include "runtime/deadline.h"
#include "text/text_analyzer.h"
#include "types/config.h"
#include "types/filter.h"
#include "types/payload_path.h"
#include "types/values/geo.h"

namespace sextant::payload_index {

struct IndexedField {
  PayloadPath path;
  FieldSchema schema;
  std::shared_ptr<const text::TextAnalyzer> analyzer;  // of a text index
  bool background = false;                             // a background column: no index, and not in every run
};

// Whether an index of this kind decides the predicate. What it does not decide is answered by reading payloads.
bool Serves(const FieldSchema& schema, const Predicate& predicate);
// The condition with the one predicate that such an index decides; nothing when it serves none.
std::optional<FieldCondition> ServedBy(const FieldSchema& schema, const FieldCondition& condition);
// Whether it has its values in an order that clients may ask for.
bool ServesOrder(const FieldSchema& schema);
// Whether it counts values.
bool ServesFacet(const FieldSchema& schema);

// The two halves of a UUID, the high one first.
using UuidKey = std::array<uint64_t, 2>;
std::optional<UuidKey> UuidKeyOf(std::string_view text);

// A point behind its cell (types/values/geo_cells.h), so that keys in order are cells in order.
struct GeoKey {
  uint64_t cell = 0;
  GeoPoint point;
  friend auto operator<=>(const GeoKey&, const GeoKey&) = default;
};

// What: the indexed values of one field for the points of one run. Values are sorted, and each has the ascending
// list of the points that hold it, so that both one value and a range of values are one slice of one array.
// Keyword indexes hold strings; integer indexes i64 and floats that are whole numbers within i64; float indexes all
// numbers as f64; bool indexes booleans; datetime indexes the microseconds of strings that are datetimes; UUID indexes
// strings that are UUIDs, in any form; geo indexes valid points; text indexes the tokens of strings. An array stands
// for its elements (one level); the rest is not indexed. A background column holds what an index of its type does, but
// integers alone and no whole floats. Threads: immutable, any thread (the cache of answers is locked).
class Column {
 public:
  virtual ~Column() = default;

  // The points with an accepted value. Preconditions: Serves(), and the predicate is on values (not IsEmpty or
  // IsNull); `key` is its PredicateKey. kTimeout past the deadline.
  Result<std::shared_ptr<const Bitmap>> Select(const Predicate& predicate, std::string_view key,
                                               const Deadline& deadline) const;
  // The same as slices of points(), which may overlap in points but not in places; of areas: those near enough to be
  // looked at.
  virtual std::vector<Slice> Find(const Predicate& predicate) const = 0;
  // Whether the points of slices are found as fast as any remembered set of them: Find() alone tells what Select does.
  bool is_quick() const { return cache_ == nullptr && !has_areas_; }
  // The number of (value, point) pairs that Select would collect; of areas: those near enough to be looked at.
  size_t Count(const Predicate& predicate) const { return CountOf(Find(predicate)); }

  std::span<const uint32_t> points() const { return points_; }  // by value, ascending for each
  const SliceBits& slice_bits() const { return slice_bits_; }   // of points()

  const Bitmap& present() const { return *present_; }       // with at least one indexed value
  const Bitmap& not_empty() const { return not_empty_; }    // with a value that is neither null nor []
  const Bitmap& holds_null() const { return holds_null_; }  // with a null, or an array that holds a null
  const Bitmap& unkeyed() const { return unkeyed_; }        // with other elements than nulls and keys; background only
  virtual size_t memory_bytes() const = 0;

 protected:
  struct Flags {
    Bitmap present, not_empty, holds_null, unkeyed;
  };
  Column(Flags flags, std::vector<uint32_t> points, bool has_areas);

  size_t base_memory_bytes() const;

 private:
  // What of the slices Find() gave is within the area; of other predicates all.
  virtual Result<std::vector<Slice>> Refine(const Predicate& predicate, std::vector<Slice> near,
                                            const Deadline& deadline) const = 0;
  Result<std::shared_ptr<const Bitmap>> Collect(const Predicate& predicate, std::vector<Slice> near,
                                                const Deadline& deadline) const;

  const bool has_areas_;
  std::vector<uint32_t> points_;
  SliceBits slice_bits_;
  std::shared_ptr<const Bitmap> present_;
  Bitmap not_empty_;
  Bitmap holds_null_;
  Bitmap unkeyed_;
  std::unique_ptr<ByteCache<Bitmap>> cache_;  // null for columns that answer as fast without
};

// How the values of a column are kept: fixed-size values in an array, strings one after the other.
template <typename Key>
class KeyList {
 public:
  using View = Key;
  size_t size() const { return keys_.size(); }
  View operator[](size_t i) const { return keys_[i]; }
  void Append(View key) { keys_.push_back(key); }
  void Shrink() { keys_.shrink_to_fit(); }
  size_t memory_bytes() const { return keys_.capacity() * sizeof(Key); }

 private:
  std::vector<Key> keys_;
};

template <>
class KeyList<std::string> {
 public:
  using View = std::string_view;
  size_t size() const { return ends_.size(); }
  View operator[](size_t i) const {
    const size_t start = i == 0 ? 0 : ends_[i - 1];
    return View(text_).substr(start, ends_[i] - start);
  }
  void Append(View key) {
    text_.append(key);
    ends_.push_back(text_.size());
  }
  void Shrink() {
    text_.shrink_to_fit();
    ends_.shrink_to_fit();
  }
  size_t memory_bytes() const { return text_.capacity() + ends_.capacity() * sizeof(size_t); }

 private:
  std::string text_;
  std::vector<size_t> ends_;
};

// The column of a field type: ValueColumn<std::string> (keyword, text), <int64_t> (integer, datetime), <double>,
// <uint8_t> (bool), <UuidKey> and <GeoKey>.
template <typename Key>
class ValueColumn : public Column {
 public:
  using View = typename KeyList<Key>::View;

  size_t key_count() const { return keys_.size(); }
  View key(size_t i) const { return keys_[i]; }
  std::span<const uint32_t> ordinals(size_t i) const {
    return points().subspan(starts_[i], starts_[i + 1] - starts_[i]);
  }
  // The first key that is not less than, or greater than, `bound` (for numbers; exact also beyond 2^53).
  size_t LowerBound(double bound) const;
  size_t UpperBound(double bound) const;

  std::vector<Slice> Find(const Predicate& predicate) const override { return SlicesOf(RangesOf(predicate)); }
  size_t memory_bytes() const override;

 private:
  struct KeyRange {
    size_t from, to;
  };
  using KeyRanges = std::vector<KeyRange>;
  template <typename>
  friend class ColumnWriter;

  ValueColumn(Flags flags, KeyList<Key> keys, std::vector<uint32_t> starts, std::vector<uint32_t> ordinals);

  Result<std::vector<Slice>> Refine(const Predicate& predicate, std::vector<Slice> near,
                                    const Deadline& deadline) const override;

  // The places of the accepted keys, ascending; of an area, of the keys near it. Kinds of predicates that this kind of
  // column does not serve accept nothing.
  template <typename Other>
  KeyRanges RangesOf(const Other&) const {
    return {};
  }
  KeyRanges RangesOf(const MatchValue& match) const;
  KeyRanges RangesOf(const MatchAny& match) const;
  KeyRanges RangesOf(const MatchExcept& match) const;
  KeyRanges RangesOf(const MatchPrefix& match) const;
  KeyRanges RangesOf(const Range& range) const;
  KeyRanges RangesOf(const DatetimeRange& range) const;
  KeyRanges RangesOf(const GeoBoundingBox& box) const { return RangesNear(box); }
  KeyRanges RangesOf(const GeoRadius& circle) const { return RangesNear(circle); }
  KeyRanges RangesOf(const GeoPolygon& polygon) const { return RangesNear(polygon); }
  KeyRanges RangesOf(const Predicate& predicate) const;
  template <typename Area>
  KeyRanges RangesNear(const Area& area) const;
  template <typename Bounds>
  KeyRanges RangeWithin(const Bounds& bounds) const;
  std::vector<size_t> PlacesOf(const MatchAny& match) const;
  std::vector<Slice> SlicesOf(const KeyRanges& ranges) const;
  size_t LowerBoundOfKey(View key) const;

  KeyList<Key> keys_;             // ascending
  std::vector<uint32_t> starts_;  // of each key's points in points(), and the end of the last one
};

// What: makes a column from payloads.
// Threads: one.
class ColumnBuilder {
 public:
  static std::unique_ptr<ColumnBuilder> Make(const IndexedField& field);
  virtual ~ColumnBuilder() = default;
  // Ordinals ascend. Points without payload need not be added.
  virtual void Add(uint32_t ordinal, const Json* root) = 0;
  virtual void Add(uint32_t ordinal, simdjson::dom::element root) = 0;
  virtual std::shared_ptr<const Column> Build() = 0;
};

// One column for the live points of several; no point is live in two parts. All columns are of `type`.
struct ColumnPart {
  const Column* column;
  const Bitmap* live;
  bool all_live;  // `live` holds every point of the column
};
std::shared_ptr<const Column> MergeColumns(FieldType type, std::span<const ColumnPart> parts);

}  // namespace sextant::payload_index
