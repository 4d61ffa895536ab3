#include "types/payload_path.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

using Step = PayloadPath::Step;
using Steps = std::span<const Step>;

// Every byte of a non-ASCII character counts as a letter: we keep no Unicode tables for a distinction that only
// decides whether a key may go without quotes.
bool IsRawKeyChar(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
         byte == '-' || byte >= 0x80;
}

// Takes a raw or quoted key from the front of `text`.
bool TakeKey(std::string_view* text, std::string* key) {
  if (!text->empty() && text->front() == '"') {
    const size_t end = text->find_first_of("\"\\", 1);
    if (end == std::string_view::npos || (*text)[end] == '\\') return false;
    *key = text->substr(1, end - 1);
    text->remove_prefix(end + 1);
    return true;
  }
  const auto end = std::find_if_not(text->begin(), text->end(), IsRawKeyChar);
  const auto length = static_cast<size_t>(end - text->begin());
  *key = text->substr(0, length);
  text->remove_prefix(length);
  return length > 0;
}

// Takes `.key`, `[N]` or `[]` from the front of `text`.
bool TakeStep(std::string_view* text, Step* step) {
  const char opening = text->front();
  text->remove_prefix(1);
  if (opening == '.') return TakeKey(text, &step->key);
  if (opening != '[') return false;
  if (text->starts_with(']')) {
    step->kind = Step::Kind::kEach;
  } else {
    step->kind = Step::Kind::kIndex;
    auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), step->index);
    if (error != std::errc()) return false;
    text->remove_prefix(static_cast<size_t>(end - text->data()));
    if (!text->starts_with(']')) return false;
  }
  text->remove_prefix(1);
  return true;
}

void AppendKey(std::string_view key, std::string* out) {
  const bool raw = !key.empty() && std::all_of(key.begin(), key.end(), IsRawKeyChar);
  absl::StrAppend(out, raw ? "" : "\"", absl::string_view(key.data(), key.size()), raw ? "" : "\"");
}

void MakeObject(Json* node) {
  if (!node->is_object()) *node = Json(Json::Object{});
}
void MakeArray(Json* node) {
  if (!node->is_array()) *node = Json(Json::Array{});
}

void MergeAt(Steps steps, const Json& change, Json* node) {
  if (steps.empty()) {
    MakeObject(node);
    MergePayload(change, node);
    return;
  }
  const Step& step = steps.front();
  const Steps rest = steps.subspan(1);
  switch (step.kind) {
    case Step::Kind::kKey:
      MakeObject(node);
      if (node->Find(step.key) == nullptr) node->Set(step.key, Json());
      MergeAt(rest, change, node->Find(step.key));
      return;
    case Step::Kind::kIndex:
      MakeArray(node);
      if (step.index < node->array().size()) MergeAt(rest, change, &node->array()[step.index]);
      return;
    case Step::Kind::kEach:
      MakeArray(node);
      for (Json& element : node->array()) MergeAt(rest, change, &element);
      return;
  }
}

void DeleteLeaf(const Step& step, Json* node) {
  if (step.kind == Step::Kind::kKey) node->Erase(step.key);
  if (step.kind == Step::Kind::kEach && node->is_array()) node->array().clear();
  // Removing `[N]` would not be idempotent, so it does nothing.
}

void DeleteAt(Steps steps, Json* node) {
  const Step& step = steps.front();
  if (steps.size() == 1) {
    DeleteLeaf(step, node);
    return;
  }
  const Steps rest = steps.subspan(1);
  switch (step.kind) {
    case Step::Kind::kKey:
      if (Json* child = node->Find(step.key)) DeleteAt(rest, child);
      return;
    case Step::Kind::kIndex:
      if (node->is_array() && step.index < node->array().size()) DeleteAt(rest, &node->array()[step.index]);
      return;
    case Step::Kind::kEach:
      if (!node->is_array()) return;
      for (Json& element : node->array()) DeleteAt(rest, &element);
      return;
  }
}

bool IsPrefix(Steps prefix, Steps steps) {
  return prefix.size() <= steps.size() && std::equal(prefix.begin(), prefix.end(), steps.begin());
}

// Walks a payload and copies what the selector keeps. Elements of arrays are visited as `[]`.
class Selection {
 public:
  explicit Selection(const PayloadSelector& selector) : selector_(selector) {}

  Json Copy(const Json& node) {
    if (node.is_object()) {
      Json::Object out;
      for (const auto& [key, value] : node.object()) {
        path_.push_back({Step::Kind::kKey, key, 0});
        if (Keeps()) out.emplace_back(key, Copy(value));
        path_.pop_back();
      }
      return Json(std::move(out));
    }
    if (node.is_array()) {
      Json::Array out;
      path_.push_back({Step::Kind::kEach, {}, 0});
      // All elements share one path, hence one verdict.
      if (Keeps())
        for (const Json& element : node.array()) out.push_back(Copy(element));
      path_.pop_back();
      return Json(std::move(out));
    }
    return node;
  }

 private:
  bool Keeps() const {
    const bool include = selector_.kind == PayloadSelector::Kind::kInclude;
    for (const PayloadPath& pattern : selector_.paths) {
      if (IsPrefix(pattern.steps(), path_)) return include;
      if (include && IsPrefix(path_, pattern.steps())) return true;
    }
    return !include;
  }

  const PayloadSelector& selector_;
  std::vector<Step> path_;
};

}  // namespace

Result<PayloadPath> PayloadPath::Parse(std::string_view text) {
  PayloadPath path;
  std::string_view rest = text;
  Step first;
  bool valid = TakeKey(&rest, &first.key);
  path.steps_.push_back(std::move(first));
  while (valid && !rest.empty()) {
    Step step;
    valid = TakeStep(&rest, &step);
    path.steps_.push_back(std::move(step));
  }
  if (!valid) return WrongInput(absl::StrCat("Invalid json path: '", absl::string_view(text.data(), text.size()), "'"));
  return path;
}

std::string PayloadPath::ToString() const {
  std::string out;
  for (const Step& step : steps_) {
    switch (step.kind) {
      case Step::Kind::kKey:
        if (!out.empty()) out.push_back('.');
        AppendKey(step.key, &out);
        break;
      case Step::Kind::kIndex: absl::StrAppend(&out, "[", step.index, "]"); break;
      case Step::Kind::kEach: out.append("[]"); break;
    }
  }
  return out;
}

PayloadPath PayloadPath::Each() const {
  PayloadPath path = *this;
  if (path.steps_.empty() || path.steps_.back().kind != Step::Kind::kEach)
    path.steps_.push_back({Step::Kind::kEach, {}, 0});
  return path;
}

PayloadPath PayloadPath::Join(const PayloadPath& rest) const {
  PayloadPath path = *this;
  path.steps_.insert(path.steps_.end(), rest.steps_.begin(), rest.steps_.end());
  return path;
}

void MergePayload(const Json& change, Json* payload) {
  if (!change.is_object()) return;
  for (const auto& [key, value] : change.object()) {
    if (value.is_null())
      payload->Erase(key);
    else
      payload->Set(key, value);
  }
}

void MergePayloadAt(const PayloadPath& path, const Json& change, Json* payload) {
  MergeAt(path.steps(), change, payload);
}

void DeletePayloadPath(const PayloadPath& path, Json* payload) {
  if (!path.steps().empty()) DeleteAt(path.steps(), payload);
}

Json SelectPayload(const PayloadSelector& selector, const Json& payload) {
  switch (selector.kind) {
    case PayloadSelector::Kind::kNone: return Json(Json::Object{});
    case PayloadSelector::Kind::kAll: return payload;
    case PayloadSelector::Kind::kInclude:
    case PayloadSelector::Kind::kExclude: return Selection(selector).Copy(payload);
  }
  return payload;
}

}  // namespace sextant
