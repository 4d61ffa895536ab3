#include "types/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "simdjson.h"

namespace sextant {
namespace {

constexpr int kMaxDepth = 64;
// A parser keeps buffers as large as its largest document; above this size a document gets a parser of its own.
constexpr size_t kSharedParserLimit = size_t{1} << 18;
// From here on duplicate keys of an object are looked for with a hash table.
constexpr size_t kLinearKeys = 16;

bool IsNumberChar(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// Whether a well-formed number token must be written with a fraction to keep its value in simdjson: an integer
// outside i64 and u64 (an error there, a double here), and `-0` (loses its sign there).
bool NeedsFraction(std::string_view token) {
  const size_t digits = token.front() == '-' ? 1 : 0;
  if (token.size() == digits || token.find_first_not_of("0123456789", digits) != std::string_view::npos) return false;
  if (token == "-0") return true;
  const char* end = token.data() + token.size();
  int64_t as_signed = 0;
  uint64_t as_unsigned = 0;
  return std::from_chars(token.data(), end, as_signed).ec != std::errc() &&
         std::from_chars(token.data(), end, as_unsigned).ec != std::errc();
}

// The document with `.0` put after every such number.
std::string WithFractions(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  for (size_t i = 0; i < text.size();) {
    const size_t start = i;
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) i += text[i] == '\\';
      i = std::min(i + 1, text.size());
      out.append(text.substr(start, i - start));
    } else if (IsNumberChar(text[i])) {
      while (i < text.size() && IsNumberChar(text[i])) ++i;
      const std::string_view token = text.substr(start, i - start);
      out.append(token);
      if (NeedsFraction(token)) out.append(".0");
    } else {
      out.push_back(text[i++]);
    }
  }
  return out;
}

bool MayHoldNegativeZero(std::string_view text) {
  for (size_t at = text.find("-0"); at != std::string_view::npos; at = text.find("-0", at + 2))
    if (at + 2 == text.size() || !IsNumberChar(text[at + 2])) return true;
  return false;
}

Result<Json> Build(simdjson::dom::element element, int depth);

Result<Json> BuildArray(simdjson::dom::array elements, int depth) {
  Json::Array out;
  out.reserve(elements.size());
  for (simdjson::dom::element element : elements) {
    ASSIGN_OR_RETURN(Json value, Build(element, depth));
    out.push_back(std::move(value));
  }
  return Json(std::move(out));
}

Result<Json> BuildObject(simdjson::dom::object members, int depth) {
  Json::Object out;
  out.reserve(members.size());
  std::unordered_map<std::string_view, size_t> places;  // of the keys, once there are many; views into the parser
  for (simdjson::dom::key_value_pair member : members) {
    ASSIGN_OR_RETURN(Json value, Build(member.value, depth));
    size_t place = out.size();
    if (members.size() <= kLinearKeys) {
      for (size_t i = 0; i < out.size() && place == out.size(); ++i)
        if (out[i].first == member.key) place = i;
    } else {
      place = places.emplace(member.key, out.size()).first->second;
    }
    if (place < out.size())
      out[place].second = std::move(value);
    else
      out.emplace_back(std::string(member.key), std::move(value));
  }
  return Json(std::move(out));
}

Result<Json> Build(simdjson::dom::element element, int depth) {
  using Type = simdjson::dom::element_type;
  switch (element.type()) {
    case Type::ARRAY:
    case Type::OBJECT:
      if (depth == kMaxDepth) return FormatError(absl::StrCat("invalid JSON: nested deeper than ", kMaxDepth));
      if (element.type() == Type::ARRAY) return BuildArray(element.get_array().value_unsafe(), depth + 1);
      return BuildObject(element.get_object().value_unsafe(), depth + 1);
    case Type::INT64: return Json(element.get_int64().value_unsafe());
    case Type::UINT64: return Json(element.get_uint64().value_unsafe());
    case Type::DOUBLE: return Json(element.get_double().value_unsafe());
    case Type::STRING: return Json(element.get_string().value_unsafe());
    case Type::BOOL: return Json(element.get_bool().value_unsafe());
    case Type::NULL_VALUE: return Json();
  }
  return Json();
}

Result<Json> ParseWith(simdjson::dom::parser* parser, std::string_view text) {
  std::string rewritten;
  if (MayHoldNegativeZero(text)) text = rewritten = WithFractions(text);
  simdjson::dom::element root;
  auto error = parser->parse(text.data(), text.size()).get(root);
  if (error == simdjson::NUMBER_ERROR && rewritten.empty()) {
    rewritten = WithFractions(text);
    error = parser->parse(rewritten.data(), rewritten.size()).get(root);
  }
  if (error != simdjson::SUCCESS) return FormatError(absl::StrCat("invalid JSON: ", simdjson::error_message(error)));
  return Build(root, 0);
}

// The layout of the ryu library's `pretty` printer, which serde_json uses: plain notation while the decimal point
// lies at most `max_whole` digits after, or less than `max_zeros` places before, the first digit.
template <typename Float>
void AppendFloat(Float value, int max_whole, int max_zeros, std::string* out) {
  if (!std::isfinite(value)) {
    out->append("null");
    return;
  }
  std::array<char, 64> buffer;
  auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  std::string_view text(buffer.data(), static_cast<size_t>(result.ptr - buffer.data()));
  if (text.front() == '-') {
    out->push_back('-');
    text.remove_prefix(1);
  }
  const size_t e = text.find('e');  // d[.ddd]e±dd
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(), exponent);
  std::array<char, 32> digit_buffer;
  digit_buffer[0] = text[0];
  const size_t fraction = e > 2 ? e - 2 : 0;
  if (fraction > 0) std::memcpy(digit_buffer.data() + 1, text.data() + 2, fraction);
  const std::string_view digits(digit_buffer.data(), fraction + 1);

  const int point = exponent + 1;  // the decimal point stands after this many digits
  const int count = static_cast<int>(digits.size());
  if (value == 0) {
    out->append("0.0");
  } else if (point >= count && point <= max_whole) {
    out->append(digits).append(static_cast<size_t>(point - count), '0').append(".0");
  } else if (point > 0 && point <= max_whole) {
    out->append(digits.substr(0, static_cast<size_t>(point))).push_back('.');
    out->append(digits.substr(static_cast<size_t>(point)));
  } else if (point > -max_zeros && point <= 0) {
    out->append("0.").append(static_cast<size_t>(-point), '0').append(digits);
  } else {
    out->push_back(digits[0]);
    if (count > 1) out->append(".").append(digits.substr(1));
    out->push_back('e');
    AppendJsonNumber(static_cast<int64_t>(exponent), out);
  }
}

template <typename Integer>
void AppendInteger(Integer value, std::string* out) {
  std::array<char, 24> buffer;
  auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out->append(buffer.data(), result.ptr);
}

void AppendEscape(unsigned char c, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"': out->append("\\\""); return;
    case '\\': out->append("\\\\"); return;
    case '\b': out->append("\\b"); return;
    case '\f': out->append("\\f"); return;
    case '\n': out->append("\\n"); return;
    case '\r': out->append("\\r"); return;
    case '\t': out->append("\\t"); return;
    default:
      out->append("\\u00");
      out->push_back(kHex[c >> 4]);
      out->push_back(kHex[c & 15]);
  }
}

}  // namespace

Json::Json(uint64_t v) {
  if (v <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    value_ = static_cast<int64_t>(v);
  else
    value_ = v;
}

Result<Json> Json::Parse(std::string_view text) {
  if (text.size() > kSharedParserLimit) {
    simdjson::dom::parser parser;
    return ParseWith(&parser, text);
  }
  thread_local simdjson::dom::parser parser;
  return ParseWith(&parser, text);
}

std::string Json::Dump() const {
  std::string out;
  DumpTo(&out);
  return out;
}

void Json::DumpTo(std::string* out) const {
  switch (kind()) {
    case Kind::kNull: out->append("null"); return;
    case Kind::kBool: out->append(as_bool() ? "true" : "false"); return;
    case Kind::kInt: AppendJsonNumber(std::get<int64_t>(value_), out); return;
    case Kind::kUint: AppendJsonNumber(std::get<uint64_t>(value_), out); return;
    case Kind::kDouble: AppendJsonNumber(std::get<double>(value_), out); return;
    case Kind::kString: AppendJsonString(as_string(), out); return;
    case Kind::kArray: {
      out->push_back('[');
      const char* separator = "";
      for (const Json& element : array()) {
        out->append(separator);
        element.DumpTo(out);
        separator = ",";
      }
      out->push_back(']');
      return;
    }
    case Kind::kObject: {
      out->push_back('{');
      const char* separator = "";
      for (const auto& [key, value] : object()) {
        out->append(separator);
        AppendJsonString(key, out);
        out->push_back(':');
        value.DumpTo(out);
        separator = ",";
      }
      out->push_back('}');
      return;
    }
  }
}

double Json::as_double() const {
  if (const auto* v = std::get_if<int64_t>(&value_)) return static_cast<double>(*v);
  if (const auto* v = std::get_if<uint64_t>(&value_)) return static_cast<double>(*v);
  return std::get<double>(value_);
}

const Json* Json::Find(std::string_view key) const {
  if (!is_object()) return nullptr;
  for (const auto& [name, value] : object())
    if (name == key) return &value;
  return nullptr;
}

Json* Json::Find(std::string_view key) {
  return const_cast<Json*>(std::as_const(*this).Find(key));
}

void Json::Set(std::string_view key, Json value) {
  SEXTANT_CHECK(is_object());
  if (Json* member = Find(key))
    *member = std::move(value);
  else
    object().emplace_back(std::string(key), std::move(value));
}

bool Json::Erase(std::string_view key) {
  if (!is_object()) return false;
  return std::erase_if(object(), [&](const auto& member) { return member.first == key; }) > 0;
}

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  size_t plain = 0;  // start of the run that needs no escape
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out->append(text, plain, i - plain);
    AppendEscape(c, out);
    plain = i + 1;
  }
  out->append(text, plain);
  out->push_back('"');
}

void AppendJsonNumber(int64_t value, std::string* out) {
  AppendInteger(value, out);
}
void AppendJsonNumber(uint64_t value, std::string* out) {
  AppendInteger(value, out);
}
void AppendJsonNumber(double value, std::string* out) {
  AppendFloat(value, 16, 5, out);
}
void AppendJsonNumber(float value, std::string* out) {
  AppendFloat(value, 13, 6, out);
}

}  // namespace sextant
