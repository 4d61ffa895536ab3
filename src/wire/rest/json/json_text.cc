#include "wire/rest/json/json_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "types/json.h"

namespace sextant::wire {
namespace {

// Objects with fewer members look for repeated keys pair by pair.
constexpr size_t kLinearKeys = 16;

bool AppendElement(simdjson::dom::element element, int depth, std::string* out);

bool IsRepeatedLater(simdjson::dom::object members, std::string_view key, size_t place) {
  size_t i = 0;
  for (simdjson::dom::key_value_pair member : members)
    if (i++ > place && member.key == key) return true;
  return false;
}

bool HasRepeatedKey(simdjson::dom::object members) {
  if (members.size() <= kLinearKeys) {
    size_t place = 0;
    for (simdjson::dom::key_value_pair member : members)
      if (IsRepeatedLater(members, member.key, place++)) return true;
    return false;
  }
  std::vector<std::string_view> keys;
  for (simdjson::dom::key_value_pair member : members) keys.push_back(member.key);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

bool AppendMember(std::string_view key, simdjson::dom::element value, int depth, std::string* out) {
  AppendJsonString(key, out);
  out->push_back(':');
  return AppendElement(value, depth, out);
}

bool AppendDistinctMembers(simdjson::dom::object members, int depth, std::string* out) {
  std::vector<std::pair<std::string_view, simdjson::dom::element>> distinct;
  std::unordered_map<std::string_view, size_t> places;
  for (simdjson::dom::key_value_pair member : members) {
    const auto [place, added] = places.emplace(member.key, distinct.size());
    if (added)
      distinct.emplace_back(member.key, member.value);
    else
      distinct[place->second].second = member.value;
  }
  bool first = true;
  for (const auto& [key, value] : distinct) {
    if (!first) out->push_back(',');
    first = false;
    if (!AppendMember(key, value, depth, out)) return false;
  }
  return true;
}

bool AppendObject(simdjson::dom::object members, int depth, std::string* out) {
  out->push_back('{');
  if (HasRepeatedKey(members)) {
    if (!AppendDistinctMembers(members, depth, out)) return false;
  } else {
    bool first = true;
    for (simdjson::dom::key_value_pair member : members) {
      if (!first) out->push_back(',');
      first = false;
      if (!AppendMember(member.key, member.value, depth, out)) return false;
    }
  }
  out->push_back('}');
  return true;
}

bool AppendArray(simdjson::dom::array elements, int depth, std::string* out) {
  out->push_back('[');
  bool first = true;
  for (simdjson::dom::element element : elements) {
    if (!first) out->push_back(',');
    first = false;
    if (!AppendElement(element, depth, out)) return false;
  }
  out->push_back(']');
  return true;
}

bool AppendElement(simdjson::dom::element element, int depth, std::string* out) {
  using Type = simdjson::dom::element_type;
  switch (element.type()) {
    case Type::ARRAY:
      return depth < kMaxPayloadDepth && AppendArray(element.get_array().value_unsafe(), depth + 1, out);
    case Type::OBJECT:
      return depth < kMaxPayloadDepth && AppendObject(element.get_object().value_unsafe(), depth + 1, out);
    case Type::INT64: AppendJsonNumber(element.get_int64().value_unsafe(), out); return true;
    case Type::UINT64: AppendJsonNumber(element.get_uint64().value_unsafe(), out); return true;
    case Type::DOUBLE: AppendJsonNumber(element.get_double().value_unsafe(), out); return true;
    case Type::STRING: AppendJsonString(element.get_string().value_unsafe(), out); return true;
    case Type::BOOL: out->append(element.get_bool().value_unsafe() ? "true" : "false"); return true;
    case Type::NULL_VALUE: out->append("null"); return true;
  }
  return true;
}

bool IsNumberChar(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

bool IsLargeInteger(std::string_view token) {
  const size_t digits = token.front() == '-' ? 1 : 0;
  if (token.size() == digits || token.find_first_not_of("0123456789", digits) != std::string_view::npos) return false;
  const char* end = token.data() + token.size();
  int64_t as_signed = 0;
  uint64_t as_unsigned = 0;
  return std::from_chars(token.data(), end, as_signed).ec != std::errc() &&
         std::from_chars(token.data(), end, as_unsigned).ec != std::errc();
}

}  // namespace

bool AppendMinified(simdjson::dom::element element, std::string* out) {
  return AppendElement(element, 0, out);
}

std::string WithLargeIntegersAsDoubles(const std::string& text) {
  std::string out;
  out.reserve(text.size() + 128);
  for (size_t i = 0; i < text.size();) {
    const size_t start = i;
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) i += text[i] == '\\';
      i = std::min(i + 1, text.size());
      out.append(text, start, i - start);
    } else if (IsNumberChar(text[i])) {
      while (i < text.size() && IsNumberChar(text[i])) ++i;
      const std::string_view token = std::string_view(text).substr(start, i - start);
      out.append(token);
      if (IsLargeInteger(token)) out.append(".0");
    } else {
      out.push_back(text[i++]);
    }
  }
  return out;
}

}  // namespace sextant::wire
