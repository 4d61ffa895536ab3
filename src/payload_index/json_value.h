#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "simdjson.h"
#include "types/json.h"

namespace sextant::payload_index {

// Two kinds of JSON values, read alike: nodes of an owned tree (`const Json*`) and of a freshly parsed text
// (`simdjson::dom::element`). Conditions and field extraction are templates over this small vocabulary, so that there
// is one definition of what a filter means.
// Precondition of the accessors: the kind fits.

inline Json::Kind KindOf(const Json* v) {
  return v->kind();
}
inline bool BoolOf(const Json* v) {
  return v->as_bool();
}
inline int64_t IntOf(const Json* v) {
  return v->as_int();
}
inline double NumberOf(const Json* v) {
  return v->as_double();
}
inline std::string_view StringOf(const Json* v) {
  return v->as_string();
}
inline size_t CountOf(const Json* v) {
  return v->array().size();
}
inline std::optional<const Json*> MemberOf(const Json* v, std::string_view key) {
  const Json* member = v->Find(key);
  return member == nullptr ? std::nullopt : std::optional(member);
}
inline std::optional<const Json*> ElementOf(const Json* v, size_t index) {
  return index < v->array().size() ? std::optional(&v->array()[index]) : std::nullopt;
}
// Whether `pred(element)` holds for any element of the array.
template <typename Pred>
bool AnyElementOf(const Json* v, Pred&& pred) {
  for (const Json& element : v->array())
    if (pred(&element)) return true;
  return false;
}

inline Json::Kind KindOf(simdjson::dom::element v) {
  using Type = simdjson::dom::element_type;
  switch (v.type()) {
    case Type::ARRAY: return Json::Kind::kArray;
    case Type::OBJECT: return Json::Kind::kObject;
    case Type::INT64: return Json::Kind::kInt;
    case Type::UINT64: return Json::Kind::kUint;
    case Type::DOUBLE: return Json::Kind::kDouble;
    case Type::STRING: return Json::Kind::kString;
    case Type::BOOL: return Json::Kind::kBool;
    case Type::NULL_VALUE: return Json::Kind::kNull;
  }
  return Json::Kind::kNull;
}
inline bool BoolOf(simdjson::dom::element v) {
  return v.get_bool().value_unsafe();
}
inline int64_t IntOf(simdjson::dom::element v) {
  return v.get_int64().value_unsafe();
}
inline double NumberOf(simdjson::dom::element v) {
  return v.get_double().value_unsafe();
}
inline std::string_view StringOf(simdjson::dom::element v) {
  return v.get_string().value_unsafe();
}
inline size_t CountOf(simdjson::dom::element v) {
  const simdjson::dom::array array = v.get_array().value_unsafe();
  constexpr size_t kSaturated = 0xFFFFFF;  // the parser's own counter stops here
  if (array.size() < kSaturated) return array.size();
  size_t count = 0;
  for (auto at = array.begin(); at != array.end(); ++at) ++count;
  return count;
}
inline std::optional<simdjson::dom::element> MemberOf(simdjson::dom::element v, std::string_view key) {
  simdjson::dom::element member;
  if (v.get_object().value_unsafe().at_key(key).get(member) != simdjson::SUCCESS) return std::nullopt;
  return member;
}
inline std::optional<simdjson::dom::element> ElementOf(simdjson::dom::element v, size_t index) {
  simdjson::dom::element element;
  if (v.get_array().value_unsafe().at(index).get(element) != simdjson::SUCCESS) return std::nullopt;
  return element;
}
template <typename Pred>
bool AnyElementOf(simdjson::dom::element v, Pred&& pred) {
  const simdjson::dom::array elements = v.get_array().value_unsafe();
  for (simdjson::dom::element element : elements)
    if (pred(element)) return true;
  return false;
}

}  // namespace sextant::payload_index
