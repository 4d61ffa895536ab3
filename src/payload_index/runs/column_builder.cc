#include <algorithm>
#include <cstring>
#include <memory_resource>
#include <type_traits>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "payload_index/runs/column.h"
#include "payload_index/runs/field_key.h"

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
  struct Flags {
    Bitmap not_empty, holds_null, unkeyed;
  };
  std::shared_ptr<const Column> Finish(Flags flags) {
    keys_.Shrink();
    starts_.shrink_to_fit();
    ordinals_.shrink_to_fit();
    std::vector<uint32_t> points = ordinals_;
    Bitmap present = Bitmap::FromUnsorted(&points);
    present.Optimize();
    flags.not_empty.Optimize();
    return std::shared_ptr<const Column>(new ValueColumn<Key>(
        {std::move(present), std::move(flags.not_empty), std::move(flags.holds_null), std::move(flags.unkeyed)},
        std::move(keys_), std::move(starts_), std::move(ordinals_)));
  }

 private:
  KeyList<Key> keys_;
  std::vector<uint32_t> starts_ = {0};
  std::vector<uint32_t> ordinals_;
};

namespace {

template <FieldType type>
class TypedBuilder : public ColumnBuilder {
 public:
  explicit TypedBuilder(const IndexedField& field)
      : path_(field.path), analyzer_(field.analyzer), background_(field.background) {}

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
    return writer.Finish(
        {Bitmap::FromSorted(not_empty_), Bitmap::FromSorted(holds_null_), Bitmap::FromSorted(unkeyed_)});
  }

 private:
  using Key = KeyOfType<type>;
  using View = typename KeyList<Key>::View;

  template <typename Value>
  void AddFrom(uint32_t ordinal, Value root) {
    bool unkeyed = false;
    const FieldFlags flags = VisitElements(root, path_, [&](Value element) {
      if constexpr (type == FieldType::kText)
        AddTokens(ordinal, element);
      else if (const auto key = KeyToKeep(element))
        entries_.emplace_back(Keep(*key), ordinal);
      else
        unkeyed |= background_ && !IsNullValue(element);
    });
    if (flags.not_empty) not_empty_.push_back(ordinal);
    if (flags.holds_null) holds_null_.push_back(ordinal);
    if (unkeyed) unkeyed_.push_back(ordinal);
  }

  template <typename Value>
  std::optional<View> KeyToKeep(Value element) const {
    if constexpr (type == FieldType::kInteger)
      if (background_ && KindOf(element) != Json::Kind::kInt) return std::nullopt;
    return KeyOf<type>(element);
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
  const bool background_;
  absl::flat_hash_set<std::string_view> tokens_;  // of texts, each kept once
  std::pmr::monotonic_buffer_resource text_;
  std::vector<std::pair<View, uint32_t>> entries_;
  std::vector<uint32_t> not_empty_;
  std::vector<uint32_t> holds_null_;
  std::vector<uint32_t> unkeyed_;
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
  return writer.Finish({MergeFlag(parts, [](const Column& c) -> const Bitmap& { return c.not_empty(); }),
                        MergeFlag(parts, [](const Column& c) -> const Bitmap& { return c.holds_null(); }),
                        MergeFlag(parts, [](const Column& c) -> const Bitmap& { return c.unkeyed(); })});
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
