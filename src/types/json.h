#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.h"

namespace sextant {

// What: one JSON value as an owned tree: payloads on their way through an edit, request parts that are kept
// (metadata, index schemas). Objects keep the order of insertion; integers stay integers within i64/u64, larger ones
// become doubles. Hot paths (vectors in a body, filters on stored payloads) do not build this tree.
// Threads: a value.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;
  enum class Kind { kNull, kBool, kInt, kUint, kDouble, kString, kArray, kObject };  // kUint only above INT64_MAX

  Json() = default;
  Json(std::nullptr_t) {}                               // NOLINT(google-explicit-constructor)
  Json(bool v) : value_(v) {}                           // NOLINT(google-explicit-constructor)
  Json(int64_t v) : value_(v) {}                        // NOLINT(google-explicit-constructor)
  Json(int v) : value_(static_cast<int64_t>(v)) {}      // NOLINT(google-explicit-constructor)
  Json(uint64_t v);                                     // NOLINT(google-explicit-constructor)
  Json(double v) : value_(v) {}                         // NOLINT(google-explicit-constructor)
  Json(std::string v) : value_(std::move(v)) {}         // NOLINT(google-explicit-constructor)
  Json(std::string_view v) : value_(std::string(v)) {}  // NOLINT(google-explicit-constructor)
  Json(const char* v) : value_(std::string(v)) {}       // NOLINT(google-explicit-constructor)
  Json(Array v) : value_(std::move(v)) {}               // NOLINT(google-explicit-constructor)
  Json(Object v) : value_(std::move(v)) {}              // NOLINT(google-explicit-constructor)

  // Parses one JSON document (UTF-8; depth at most 64; a duplicate key keeps its last value). kFormat on bad text.
  static Result<Json> Parse(std::string_view text);
  // Minified text; doubles in shortest form the way serde_json prints them (`1.0`, `1e16`, `0.0001`).
  std::string Dump() const;
  void DumpTo(std::string* out) const;

  Kind kind() const { return static_cast<Kind>(value_.index()); }
  bool is_null() const { return kind() == Kind::kNull; }
  bool is_bool() const { return kind() == Kind::kBool; }
  bool is_int() const { return kind() == Kind::kInt; }
  bool is_uint() const { return kind() == Kind::kUint || (is_int() && as_int() >= 0); }  // 0 to UINT64_MAX
  bool is_number() const { return kind() >= Kind::kInt && kind() <= Kind::kDouble; }
  bool is_string() const { return kind() == Kind::kString; }
  bool is_array() const { return kind() == Kind::kArray; }
  bool is_object() const { return kind() == Kind::kObject; }

  // Precondition: the kind fits.
  bool as_bool() const { return std::get<bool>(value_); }
  int64_t as_int() const { return std::get<int64_t>(value_); }
  uint64_t as_uint() const { return is_int() ? static_cast<uint64_t>(as_int()) : std::get<uint64_t>(value_); }
  double as_double() const;  // any number
  const std::string& as_string() const { return std::get<std::string>(value_); }
  const Array& array() const { return std::get<Array>(value_); }
  Array& array() { return std::get<Array>(value_); }
  const Object& object() const { return std::get<Object>(value_); }
  Object& object() { return std::get<Object>(value_); }

  // Member of an object, or nullptr (also when this is not an object).
  const Json* Find(std::string_view key) const;
  Json* Find(std::string_view key);
  // Sets a member, keeping its place if it is there already. Precondition: object.
  void Set(std::string_view key, Json value);
  bool Erase(std::string_view key);

  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, Array, Object> value_;
};

// Appends JSON pieces to a string: what the wire and the payload code print with, so that every number looks alike.
void AppendJsonString(std::string_view text, std::string* out);  // with quotes
void AppendJsonNumber(int64_t value, std::string* out);
void AppendJsonNumber(uint64_t value, std::string* out);
void AppendJsonNumber(double value, std::string* out);  // serde_json's shortest form; null when not finite
void AppendJsonNumber(float value, std::string* out);   // the shortest text that reads back as this float

}  // namespace sextant
