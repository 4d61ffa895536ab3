#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory_resource>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "payload_index/payload_check.h"
#include "payload_index/runs/column.h"
#include "types/values/datetime.h"
#include "types/values/geo_cells.h"

namespace sextant::payload_index {

// Appends keys and their points in ascending order, then makes the column.
template <typename Key>
class ColumnWriter {
 public:
  using View = typename KeyList<Key>::View;

  void Reserve(size_t entries) { ordinals_.reserve(entries); }
  // The points of the next key: append them, then call EndKey. A key without points is dropped.
  std::vector<uint32_t>& ordinals() { return ordinals_; }
  void EndKey(View key) {
    const auto start = ordinals_.begin() + static_cast<ptrdiff_t>(starts_.back());
    if (start == ordinals_.end()) return;
    if (!std::is_sorted(start, ordinals_.end())) SortUnique(&ordinals_, starts_.back());
    keys_.Append(key);
    starts_.push_back(static_cast<uint32_t>(ordinals_.size()));
  }
  std::shared_ptr<const Column> Finish(Bitmap not_empty, Bitmap holds_null) {
    keys_.Shrink();
    starts_.shrink_to_fit();
    ordinals_.shrink_to_fit();
    std::vector<uint32_t> points = ordinals_;
    Bitmap present = Bitmap::FromUnsorted(&points);
    present.Optimize();
    not_empty.Optimize();
    return std::shared_ptr<const Column>(
        new ValueColumn<Key>({std::move(present), std::move(not_empty), std::move(holds_null)}, std::move(keys_),
                             std::move(starts_), std::move(ordinals_)));
  }

 private:
  KeyList<Key> keys_;
  std::vector<uint32_t> starts_ = {0};
  std::vector<uint32_t> ordinals_;
};

namespace {

// How the keys of a field type are kept.
template <FieldType type>
using KeyOfType = std::conditional_t<
    type == FieldType::kKeyword || type == FieldType::kText, std::string,
    std::conditional_t<
        type == FieldType::kInteger || type == FieldType::kDatetime, int64_t,
        std::conditional_t<type == FieldType::kFloat, double,
                           std::conditional_t<type == FieldType::kBool, uint8_t,
                                              std::conditional_t<type == FieldType::kUuid, UuidKey, GeoKey>>>>>;

// Calls `run(std::integral_constant<FieldType, type>())`.
template <typename Run>
auto WithType(FieldType type, Run&& run) {
  switch (type) {
    case FieldType::kKeyword: break;
    case FieldType::kInteger: return run(std::integral_constant<FieldType, FieldType::kInteger>());
    case FieldType::kFloat: return run(std::integral_constant<FieldType, FieldType::kFloat>());
    case FieldType::kBool: return run(std::integral_constant<FieldType, FieldType::kBool>());
    case FieldType::kGeo: return run(std::integral_constant<FieldType, FieldType::kGeo>());
    case FieldType::kDatetime: return run(std::integral_constant<FieldType, FieldType::kDatetime>());
    case FieldType::kUuid: return run(std::integral_constant<FieldType, FieldType::kUuid>());
    case FieldType::kText: return run(std::integral_constant<FieldType, FieldType::kText>());
  }
  return run(std::integral_constant<FieldType, FieldType::kKeyword>());
}

// The integer that a number stands for.
template <typename Value>
std::optional<int64_t> WholeNumber(Value element) {
  const Json::Kind kind = KindOf(element);
  if (kind == Json::Kind::kInt) return IntOf(element);
  if (kind != Json::Kind::kDouble) return std::nullopt;
  const double value = NumberOf(element);
  constexpr double kTwo63 = 9223372036854775808.0;
  if (value == std::trunc(value) && value >= -kTwo63 && value < kTwo63) return static_cast<int64_t>(value);
  return std::nullopt;
}

// The key under which an index of this type holds an element, if it does.
template <FieldType type, typename Value>
std::optional<typename KeyList<KeyOfType<type>>::View> KeyOf(Value element) {
  const Json::Kind kind = KindOf(element);
  if constexpr (type == FieldType::kInteger) {
    return WholeNumber(element);
  } else if constexpr (type == FieldType::kFloat) {
    if (IsNumber(element)) return NumberOf(element) + 0.0;  // one zero: -0.0 + 0.0 is 0.0
  } else if constexpr (type == FieldType::kBool) {
    if (kind == Json::Kind::kBool) return BoolOf(element) ? 1 : 0;
  } else if constexpr (type == FieldType::kGeo) {
    if (const auto point = GeoPointOf(element)) return GeoKey{GeoCellOf(*point), *point};
  } else if (kind == Json::Kind::kString) {
    if constexpr (type == FieldType::kKeyword) return StringOf(element);
    if constexpr (type == FieldType::kDatetime) return ParseDatetime(StringOf(element));
    if constexpr (type == FieldType::kUuid) return UuidKeyOf(StringOf(element));
  }
  return std::nullopt;
}

template <FieldType type>
class TypedBuilder : public ColumnBuilder {
 public:
  explicit TypedBuilder(const IndexedField& field) : path_(field.path), analyzer_(field.analyzer) {}

  void Add(uint32_t ordinal, const Json* root) override { AddFrom(ordinal, root); }
  void Add(uint32_t ordinal, simdjson::dom::element root) override { AddFrom(ordinal, root); }

  std::shared_ptr<const Column> Build() override {
    std::sort(entries_.begin(), entries_.end());
    entries_.erase(std::unique(entries_.begin(), entries_.end()), entries_.end());
    ColumnWriter<Key> writer;
    writer.Reserve(entries_.size());
    for (size_t i = 0; i < entries_.size(); ++i) {
      writer.ordinals().push_back(entries_[i].second);
      if (i + 1 == entries_.size() || entries_[i + 1].first != entries_[i].first) writer.EndKey(entries_[i].first);
    }
    return writer.Finish(Bitmap::FromSorted(not_empty_), Bitmap::FromSorted(holds_null_));
  }

 private:
  using Key = KeyOfType<type>;
  using View = typename KeyList<Key>::View;

  template <typename Value>
  void AddFrom(uint32_t ordinal, Value root) {
    bool not_empty = false;
    bool holds_null = false;
    AnyValueAt(root, path_.steps(), false, [&](Value value) {
      not_empty |= !IsEmptyValue(value);
      holds_null |= IsOrHoldsNull(value);
      const auto add = [&](Value element) {
        if constexpr (type == FieldType::kText)
          AddTokens(ordinal, element);
        else if (const auto key = KeyOf<type>(element))
          entries_.emplace_back(Keep(*key), ordinal);
        return false;
      };
      if (KindOf(value) == Json::Kind::kArray)
        AnyElementOf(value, add);
      else
        add(value);
      return false;
    });
    if (not_empty) not_empty_.push_back(ordinal);
    if (holds_null) holds_null_.push_back(ordinal);
  }

  template <typename Value>
  void AddTokens(uint32_t ordinal, Value element) {
    if (KindOf(element) != Json::Kind::kString) return;
    analyzer_->ForEachDocumentToken(StringOf(element), [&](std::string_view token) {
      const auto known = tokens_.find(token);
      const std::string_view kept = known != tokens_.end() ? *known : *tokens_.insert(Keep(token)).first;
      entries_.emplace_back(kept, ordinal);
    });
  }

  // A copy of the key that lives as long as the builder.
  View Keep(View key) {
    if constexpr (std::is_same_v<Key, std::string>) {
      if (key.empty()) return {};
      auto* copy = static_cast<char*>(text_.allocate(key.size(), 1));
      std::memcpy(copy, key.data(), key.size());
      return {copy, key.size()};
    } else {
      return key;
    }
  }

  PayloadPath path_;
  std::shared_ptr<const text::TextAnalyzer> analyzer_;
  absl::flat_hash_set<std::string_view> tokens_;  // of texts, each kept once
  std::pmr::monotonic_buffer_resource text_;
  std::vector<std::pair<View, uint32_t>> entries_;
  std::vector<uint32_t> not_empty_;
  std::vector<uint32_t> holds_null_;
};

// The union over the parts of one flag's live points.
template <typename Flag>
Bitmap MergeFlag(std::span<const ColumnPart> parts, Flag&& flag) {
  Bitmap out;
  for (const ColumnPart& part : parts) {
    if (part.all_live)
      out |= flag(*part.column);
    else
      out |= flag(*part.column) & *part.live;
  }
  return out;
}

template <typename Key>
std::shared_ptr<const Column> Merge(std::span<const ColumnPart> parts) {
  struct Cursor {
    const ValueColumn<Key>* column;
    const ColumnPart* part;
    size_t at = 0;
  };
  std::vector<Cursor> cursors;
  for (const ColumnPart& part : parts) {
    const auto* column = static_cast<const ValueColumn<Key>*>(part.column);
    if (column->key_count() > 0) cursors.push_back({column, &part});
  }
  ColumnWriter<Key> writer;
  while (!cursors.empty()) {
    auto least = cursors.front().column->key(cursors.front().at);
    for (const Cursor& cursor : cursors) least = std::min(least, cursor.column->key(cursor.at));
    for (Cursor& cursor : cursors) {
      if (cursor.column->key(cursor.at) != least) continue;
      const auto points = cursor.column->ordinals(cursor.at);
      auto& out = writer.ordinals();
      if (cursor.part->all_live) {
        out.insert(out.end(), points.begin(), points.end());
      } else {
        AscendingProbe live(*cursor.part->live);
        std::copy_if(points.begin(), points.end(), std::back_inserter(out),
                     [&](uint32_t p) { return live.Contains(p); });
      }
      ++cursor.at;
    }
    writer.EndKey(least);
    std::erase_if(cursors, [](const Cursor& cursor) { return cursor.at == cursor.column->key_count(); });
  }
  return writer.Finish(MergeFlag(parts, [](const Column& c) -> const Bitmap& { return c.not_empty(); }),
                       MergeFlag(parts, [](const Column& c) -> const Bitmap& { return c.holds_null(); }));
}

}  // namespace

std::unique_ptr<ColumnBuilder> ColumnBuilder::Make(const IndexedField& field) {
  return WithType(field.schema.type, [&](auto constant) -> std::unique_ptr<ColumnBuilder> {
    return std::make_unique<TypedBuilder<constant()>>(field);
  });
}

std::shared_ptr<const Column> MergeColumns(FieldType type, std::span<const ColumnPart> parts) {
  return WithType(type, [&](auto constant) { return Merge<KeyOfType<constant()>>(parts); });
}

}  // namespace sextant::payload_index
