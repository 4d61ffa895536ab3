#include "wire/rest/request/predicate_codec.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "types/values/datetime.h"

namespace sextant::wire {
namespace {

// All strings or all integers.
template <typename Lists>
void DecodeList(Value value, Lists* out) {
  std::vector<std::string> strings;
  std::vector<int64_t> integers;
  value.ForEach([&](Value element) {
    if (element.is_string())
      element.Read(&strings.emplace_back());
    else if (element.Expect(element.is_integer(), "a string or an integer"))
      element.Read(&integers.emplace_back());
  });
  if (!strings.empty() && !integers.empty()) return value.Fail("strings and integers are mixed in one list");
  if (integers.empty())
    *out = std::move(strings);
  else
    *out = std::move(integers);
}

void DecodeMatchValue(Value value, MatchValue* out) {
  if (value.is_string()) {
    std::string text;
    value.Read(&text);
    out->value = std::move(text);
  } else if (value.is_bool()) {
    bool flag = false;
    value.Read(&flag);
    out->value = flag;
  } else if (value.Expect(value.is_integer(), "a string, an integer or a boolean")) {
    int64_t number = 0;
    value.Read(&number);
    out->value = number;
  }
}

template <typename Match>
void DecodeText(Value value, std::vector<Predicate>* out) {
  Match match;
  value.Read(&match.text);
  if (match.text.size() > kMaxMatchTextBytes)
    return value.Fail(
        absl::StrCat("a text of ", match.text.size(), " bytes, at most ", kMaxMatchTextBytes, " can be matched"));
  out->emplace_back(std::move(match));
}

void DecodeMatch(Value match, std::vector<Predicate>* out) {
  if (!match.Expect(match.is_object(), "a match object")) return;
  if (Value value = match["value"]) {
    MatchValue predicate;
    DecodeMatchValue(value, &predicate);
    out->emplace_back(std::move(predicate));
  } else if (Value text = match["text"]) {
    DecodeText<MatchText>(text, out);
  } else if (Value text_any = match["text_any"]) {
    DecodeText<MatchTextAny>(text_any, out);
  } else if (Value phrase = match["phrase"]) {
    DecodeText<MatchPhrase>(phrase, out);
  } else if (Value prefix = match["prefix"]) {
    MatchPrefix predicate;
    prefix.Read(&predicate.prefix);
    out->emplace_back(std::move(predicate));
  } else if (Value any = match["any"]) {
    MatchAny predicate;
    DecodeList(any, &predicate.values);
    out->emplace_back(std::move(predicate));
  } else if (Value except = match["except"]) {
    MatchExcept predicate;
    DecodeList(except, &predicate.values);
    out->emplace_back(std::move(predicate));
  } else {
    match.Fail("missing field: one of `value`, `any`, `except`, `text`, `text_any`, `phrase`, `prefix` is needed");
  }
}

template <typename Bound>
using Bounds = std::array<std::pair<const char*, std::optional<Bound>*>, 4>;

void DecodeDatetimeRange(Value value, std::vector<Predicate>* out) {
  DatetimeRange range;
  const Bounds<int64_t> bounds = {{{"lt", &range.lt}, {"gt", &range.gt}, {"lte", &range.lte}, {"gte", &range.gte}}};
  for (const auto& [name, bound] : bounds) {
    const Value limit = value[name];
    std::string_view text;
    limit.Read(&text);
    if (!limit.is_string()) continue;
    *bound = ParseDatetime(text);
    if (!*bound) limit.Fail("not a datetime, such as `2024-01-31T12:00:00Z`, `2024-01-31 12:00` or `2024-01-31`");
  }
  out->emplace_back(range);
}

// Of numbers, or, with any string among the bounds, of datetimes.
void DecodeRange(Value value, std::vector<Predicate>* out) {
  if (!value.Expect(value.is_object(), "a range object")) return;
  Range range;
  const Bounds<double> bounds = {{{"lt", &range.lt}, {"gt", &range.gt}, {"lte", &range.lte}, {"gte", &range.gte}}};
  if (std::any_of(bounds.begin(), bounds.end(), [&](const auto& bound) { return value[bound.first].is_string(); }))
    return DecodeDatetimeRange(value, out);
  for (const auto& [name, bound] : bounds) value[name].Read(bound);
  out->emplace_back(range);
}

void DecodePoint(Value value, GeoPoint* out) {
  if (!value.Expect(value.is_object(), "an object with `lon` and `lat`")) return;
  value.Required("lon").Read(&out->lon);
  value.Required("lat").Read(&out->lat);
  if (!IsValid(*out)) value.Fail("not a place on earth: `lon` is from -180 to 180, `lat` from -90 to 90");
}

void DecodeBox(Value value, std::vector<Predicate>* out) {
  GeoBoundingBox box;
  DecodePoint(value.Required("top_left"), &box.top_left);
  DecodePoint(value.Required("bottom_right"), &box.bottom_right);
  out->emplace_back(box);
}

void DecodeRadius(Value value, std::vector<Predicate>* out) {
  GeoRadius circle;
  DecodePoint(value.Required("center"), &circle.center);
  value.Required("radius").Read(&circle.radius);
  out->emplace_back(circle);
}

void DecodeRing(Value value, size_t* points_left, GeoRing* out) {
  const Value points = value.Required("points");
  if (points.size() > *points_left)
    return points.Fail(absl::StrCat("a polygon has at most ", kMaxPolygonPoints, " points in all its rings"));
  *points_left -= points.size();
  points.ForEach([&](Value point) { DecodePoint(point, &out->emplace_back()); });
  if (points && !IsRing(*out))
    points.Fail("not a ring: at least 4 points are needed, and the last one must be the same as the first");
}

void DecodePolygon(Value value, std::vector<Predicate>* out) {
  GeoPolygon polygon;
  size_t points_left = kMaxPolygonPoints;
  DecodeRing(value.Required("exterior"), &points_left, &polygon.exterior);
  value["interiors"].ForEach([&](Value ring) { DecodeRing(ring, &points_left, &polygon.interiors.emplace_back()); });
  out->emplace_back(std::move(polygon));
}

void DecodeValuesCount(Value value, std::vector<Predicate>* out) {
  if (!value.Expect(value.is_object(), "a values_count object")) return;
  ValuesCount count;
  value["lt"].Read(&count.lt);
  value["gt"].Read(&count.gt);
  value["lte"].Read(&count.lte);
  value["gte"].Read(&count.gte);
  out->emplace_back(count);
}

template <typename Flag>
void DecodeFlag(Value value, std::vector<Predicate>* out) {
  Flag flag;
  value.Read(&flag.expected);
  out->emplace_back(flag);
}

}  // namespace

std::vector<Predicate> DecodePredicates(Value condition) {
  std::vector<Predicate> out;
  if (Value count = condition["values_count"]) {
    DecodeValuesCount(count, &out);
  } else if (Value empty = condition["is_empty"]) {
    DecodeFlag<IsEmpty>(empty, &out);
  } else if (Value null = condition["is_null"]) {
    DecodeFlag<IsNull>(null, &out);
  } else {
    if (Value match = condition["match"]) DecodeMatch(match, &out);
    if (Value range = condition["range"]) DecodeRange(range, &out);
    if (Value box = condition["geo_bounding_box"]) DecodeBox(box, &out);
    if (Value circle = condition["geo_radius"]) DecodeRadius(circle, &out);
    if (Value polygon = condition["geo_polygon"]) DecodePolygon(polygon, &out);
  }
  return out;
}

}  // namespace sextant::wire
