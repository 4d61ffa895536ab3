#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/status.h"
#include "simdjson.h"
#include "types/json.h"

namespace sextant::wire {

// What: the errors met while one body is decoded. Decoders read on after an error with neutral values, so that they
// need no check at every step; status() is asked once at the end. The first wrong type, missing field or request for
// something this version cannot do is the answer; otherwise all values out of range are, together.
// Threads: one thread.
class Decoding {
 public:
  bool failed() const { return !error_.ok(); }
  Status status() const;
  void Fail(Status error);

 private:
  friend class Value;
  // The place of a value in the body, a link to its parent: names are only spelled out for an error.
  struct Step {
    int64_t parent;
    std::string_view key;
    int64_t index;  // of an array element; -1: a member
  };
  static constexpr int64_t kRoot = -1;

  int64_t Push(Step step);
  std::string PathOf(int64_t step) const;

  Status error_;
  std::vector<std::string> violations_;
  std::vector<Step> steps_;
};

// What: one value of a body, or its absence, together with where it stands. Typed reads report a wrong type to the
// Decoding and leave the output as it was.
// Ownership: borrows the parser's document and the Decoding; lives inside one decode function.
class Value {
 public:
  static Value Root(simdjson::dom::element element, Decoding* decoding) {
    return Value(decoding, Decoding::kRoot, element);
  }

  // Neither missing nor null.
  explicit operator bool() const { return element_.has_value(); }
  bool is_object() const;
  bool is_array() const;
  bool is_string() const;
  bool is_bool() const;
  bool is_number() const;
  bool is_integer() const;
  bool is_unsigned() const;     // an integer, not negative
  bool StartsWithList() const;  // an array whose first element is one
  size_t size() const;          // of an array or object (saturates at 2^24), else 0

  // Member of an object; absent when this is absent or has no such member. Anything but an object is reported.
  Value operator[](std::string_view key) const;
  // The first of two spellings that is there.
  Value Either(std::string_view key, std::string_view alias) const;
  // Reports a missing (or null) member.
  Value Required(std::string_view key) const;
  bool Has(std::string_view key) const;

  // Untouched when absent or null; a wrong type is reported.
  void Read(bool* out) const;
  void Read(uint64_t* out) const;
  void Read(uint32_t* out) const;
  void Read(int64_t* out) const;
  void Read(double* out) const;
  void Read(float* out) const;
  void Read(std::string* out) const;
  void Read(std::string_view* out) const;
  template <typename T>
  void Read(std::optional<T>* out) const {
    if (!element_) return;
    T value{};
    Read(&value);
    *out = value;
  }
  // The same with bounds; a value outside is a violation (422).
  template <typename T>
  void ReadAtLeast(uint64_t least, T* out) const {
    Read(out);
    CheckBounds(least, UINT64_MAX);
  }
  template <typename T>
  void ReadBetween(uint64_t least, uint64_t most, T* out) const {
    Read(out);
    CheckBounds(least, most);
  }
  // A number within [least, most].
  template <typename T>
  void ReadFraction(double least, double most, T* out) const {
    Read(out);
    CheckFraction(least, most);
  }
  // The place of a string in `names`; anything else is reported. Unset when absent.
  std::optional<size_t> Choice(std::initializer_list<std::string_view> names) const;
  // An array of numbers, narrowed to f32. Numbers outside f32 are reported.
  void ReadFloats(std::vector<float>* out) const;
  void AppendFloats(std::vector<float>* out) const;  // the same, after what is there
  // An array of unsigned integers of 32 bits.
  void ReadIndices(std::vector<uint32_t>* out) const;
  // Minified text of any value. Objects keep the place of a key's first and the value of its last occurrence.
  std::string Text() const;
  Json ToJson() const;

  // Elements of an array; anything else is reported. Stops at the first error.
  void ForEach(absl::FunctionRef<void(Value)> visit) const;
  // Members of an object, by key.
  void ForEachMember(absl::FunctionRef<void(std::string_view, Value)> visit) const;

  // Reports a value of the wrong type unless `fits`.
  bool Expect(bool fits, std::string_view expected) const;
  // 400 format error, 422 violation, 400 "… is not supported yet", or any status; each names this place.
  void Fail(std::string_view message) const;
  void Invalid(std::string_view message) const;
  void Unsupported(std::string_view feature) const;
  void Reject(Status error) const { decoding_->Fail(std::move(error)); }

 private:
  Value(Decoding* decoding, int64_t step, std::optional<simdjson::dom::element> element);

  void CheckBounds(uint64_t least, uint64_t most) const;
  void CheckFraction(double least, double most) const;
  std::string Describe() const;

  Decoding* decoding_;
  int64_t step_;
  std::optional<simdjson::dom::element> element_;
};

// Parses `body` and hands its root to `decode(Value)`, whose result is returned unless an error was reported. A body
// with spare capacity for the parser's padding is read in place.
Status DecodeBody(const std::string& body, void (*decode)(Value root, void* out), void* out);

template <typename T>
Result<T> DecodeBody(const std::string& body, void (*decode)(Value root, T* out), T initial = T{}) {
  struct Context {
    void (*decode)(Value, T*);
    T* out;
  } context{decode, &initial};
  RETURN_IF_ERROR(DecodeBody(
      body,
      [](Value root, void* opaque) {
        auto* c = static_cast<Context*>(opaque);
        c->decode(root, c->out);
      },
      &context));
  return initial;
}

}  // namespace sextant::wire
