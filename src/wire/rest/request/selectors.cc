#include "wire/rest/request/selectors.h"

#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "types/values/datetime.h"
#include "wire/rest/request/filter_codec.h"

namespace sextant::wire {
namespace {

void DecodePaths(Value value, std::vector<PayloadPath>* out) {
  value.ForEach([&](Value element) {
    element.Expect(element.is_string(), "a payload path");
    DecodePayloadPath(element, &out->emplace_back());
  });
}

void RejectOtherKeys(Value value, std::string_view only) {
  value.ForEachMember([&](std::string_view key, Value) {
    if (key != only)
      value.Fail(absl::StrCat("unknown field `", std::string(key), "`, expected `", std::string(only), "`"));
  });
}

}  // namespace

void DecodePointId(Value value, PointId* out) {
  if (!value) return;
  std::string_view text;
  if (value.is_string()) {
    value.Read(&text);
    if (auto id = PointId::ParseUuid(text)) {
      *out = *id;
      return;
    }
  }
  if (value.is_unsigned()) {
    uint64_t number = 0;
    value.Read(&number);
    *out = PointId::Number(number);
    return;
  }
  value.Fail(absl::StrCat("value ", value.Text(),
                          " is not a valid point ID, valid values are either an unsigned integer or a UUID"));
}

void DecodePointIds(Value value, std::vector<PointId>* out) {
  if (!value) return;
  out->reserve(value.size());
  value.ForEach([&](Value element) {
    element.Expect(static_cast<bool>(element), "a point ID");
    DecodePointId(element, &out->emplace_back());
  });
}

void DecodePayloadPath(Value value, PayloadPath* out) {
  if (!value) return;
  std::string_view text;
  value.Read(&text);
  if (!value.is_string()) return;
  auto path = PayloadPath::Parse(text);
  if (path.ok())
    *out = *std::move(path);
  else
    value.Fail(std::string(path.status().message()));
}

void DecodeWithPayload(Value value, PayloadSelector* out) {
  using Kind = PayloadSelector::Kind;
  if (!value) return;
  if (value.is_bool()) {
    bool all = false;
    value.Read(&all);
    *out = {all ? Kind::kAll : Kind::kNone, {}};
  } else if (value.is_array()) {
    *out = {Kind::kInclude, {}};
    DecodePaths(value, &out->paths);
  } else if (value.is_object()) {
    const bool include = value.Has("include");
    if (!include && !value.Has("exclude")) return value.Fail("missing field `include` or `exclude`");
    *out = {include ? Kind::kInclude : Kind::kExclude, {}};
    RejectOtherKeys(value, include ? "include" : "exclude");
    DecodePaths(value.Required(include ? "include" : "exclude"), &out->paths);
  } else {
    value.Expect(false, "a boolean, a list of payload paths, or an object with `include` or `exclude`");
  }
}

void DecodeWithVector(Value value, VectorSelector* out) {
  using Kind = VectorSelector::Kind;
  if (!value) return;
  if (value.is_bool()) {
    bool all = false;
    value.Read(&all);
    *out = {all ? Kind::kAll : Kind::kNone, {}};
  } else if (value.is_array()) {
    *out = {Kind::kNames, {}};
    value.ForEach([&](Value element) {
      element.Expect(element.is_string(), "a vector name");
      element.Read(&out->names.emplace_back());
    });
  } else {
    value.Expect(false, "a boolean or a list of vector names");
  }
}

void DecodeOrderBy(Value value, service::OrderBy* out) {
  if (value.is_string()) return DecodePayloadPath(value, &out->key);
  if (!value.Expect(value.is_object(), "a payload path or an object with `key`")) return;
  const Value key = value.Required("key");
  key.Expect(!key || key.is_string(), "a payload path");
  DecodePayloadPath(key, &out->key);
  out->descending = value["direction"].Choice({"asc", "desc"}) == 1;
  const Value start_from = value["start_from"];
  if (!start_from.is_string()) return start_from.Read(&out->start_from);
  std::string_view text;
  start_from.Read(&text);
  if (const auto moment = ParseDatetime(text))
    out->start_from = static_cast<double>(*moment);
  else
    start_from.Fail("neither a number nor a datetime");
}

void DecodeSelection(Value body, PointSelection* out) {
  if (Value points = body["points"]) return DecodePointIds(points, &out->ids);
  if (Value filter = body["filter"]) return DecodeFilter(filter, &out->filter.emplace());
  body.Fail("missing field `points` or `filter`: either a list of point ids or a filter is needed");
}

void RejectShardKey(Value body) {
  const Value key = body["shard_key"];
  if (!key) return;
  body.Reject(WrongInput(absl::StrCat("Shard key ", key.Text(), " not found")));
}

}  // namespace sextant::wire
