#include "payload_index/filter_key.h"

#include <bit>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace sextant::payload_index {
namespace {

// Every part is a tag or a length followed by that many bytes, so that no two filters run together.
class KeyWriter {
 public:
  void Number(uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  void Text(std::string_view text) {
    Number(text.size());
    out_.append(text);
  }
  void Tag(size_t tag) { Number(tag); }

  void Value(const std::string& value) { Text(value); }
  void Value(int64_t value) { Number(std::bit_cast<uint64_t>(value)); }
  void Value(uint64_t value) { Number(value); }
  void Value(double value) { Number(std::bit_cast<uint64_t>(value)); }
  void Value(bool value) { Number(value ? 1 : 0); }
  template <typename T>
  void Value(const std::optional<T>& value) {
    Tag(value.has_value() ? 1 : 0);
    if (value) Value(*value);
  }
  template <typename T>
  void Value(const std::vector<T>& values) {
    Number(values.size());
    for (const T& value : values) Value(value);
  }
  template <typename... T>
  void Value(const std::variant<T...>& value) {
    Tag(value.index());
    std::visit([this](const auto& v) { this->Value(v); }, value);
  }
  void Value(const MatchValue& p) { Value(p.value); }
  void Value(const MatchAny& p) { Value(p.values); }
  void Value(const MatchExcept& p) { Value(p.values); }
  void Value(const MatchText& p) { Text(p.text); }
  void Value(const MatchTextAny& p) { Text(p.text); }
  void Value(const MatchPhrase& p) { Text(p.text); }
  void Value(const MatchPrefix& p) { Text(p.prefix); }
  template <typename Bounds>
    requires requires(const Bounds& b) { b.lt; }
  void Value(const Bounds& p) {
    Value(p.lt);
    Value(p.gt);
    Value(p.lte);
    Value(p.gte);
  }
  void Value(const GeoPoint& p) {
    Value(p.lon);
    Value(p.lat);
  }
  void Value(const GeoBoundingBox& p) {
    Value(p.top_left);
    Value(p.bottom_right);
  }
  void Value(const GeoRadius& p) {
    Value(p.center);
    Value(p.radius);
  }
  void Value(const GeoPolygon& p) {
    Value(p.exterior);
    Value(p.interiors);
  }
  void Value(const IsEmpty& p) { Value(p.expected); }
  void Value(const IsNull& p) { Value(p.expected); }

  void Value(const PayloadPath& path) { Text(path.ToString()); }
  void Value(const FieldCondition& c) {
    Value(c.key);
    Value(c.predicate);
    Value(c.alternatives);
  }
  void Value(const IsEmptyCondition& c) { Value(c.key); }
  void Value(const IsNullCondition& c) { Value(c.key); }
  void Value(const HasIdCondition&) { complete_ = false; }
  void Value(const HasVectorCondition&) { complete_ = false; }
  // A function of the payloads' snapshot: it says which points there are, and an ordinal keeps its id within it.
  void Value(const SliceCondition& c) {
    Number(c.total);
    Number(c.index);
  }
  void Value(const NestedCondition& c) {
    Value(c.key);
    Value(*c.filter);
  }
  void Value(const FilterCondition& c) { Value(*c.filter); }
  void Value(const MinShould& c) {
    Number(c.min_count);
    Value(c.conditions);
  }
  void Value(const Filter& filter) {
    Value(filter.must);
    Value(filter.should);
    Value(filter.must_not);
    Value(filter.min_should);
  }

  bool complete() const { return complete_; }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
  bool complete_ = true;
};

}  // namespace

std::string PredicateKey(const FieldCondition& condition) {
  KeyWriter writer;
  writer.Value(condition.predicate);
  return writer.Take();
}

std::optional<std::string> FilterKey(const Filter& filter) {
  KeyWriter writer;
  writer.Value(filter);
  return writer.complete() ? std::optional(writer.Take()) : std::nullopt;
}

}  // namespace sextant::payload_index
