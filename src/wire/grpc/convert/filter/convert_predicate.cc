#include "wire/grpc/convert/filter/convert_predicate.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "types/values/geo.h"
#include "wire/grpc/unsupported.h"

namespace sextant::wire {
namespace {

// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
constexpr int64_t kFirstSecond = -62135596800;
constexpr int64_t kLastSecond = 253402300799;
constexpr int32_t kNanosPerSecond = 1'000'000'000;

template <typename List>
auto CopyOf(const List& list) {
  return std::vector<typename List::value_type>(list.begin(), list.end());
}

template <typename Match>
Result<Predicate> ConvertText(const std::string& text) {
  if (text.size() > kMaxMatchTextBytes)
    return WrongInput(
        absl::StrCat("a text of ", text.size(), " bytes, at most ", kMaxMatchTextBytes, " can be matched"));
  return Predicate(Match{text});
}

Result<GeoPoint> ConvertPoint(const qdrant::GeoPoint& point) {
  const GeoPoint out{.lon = point.lon(), .lat = point.lat()};
  if (!IsValid(out))
    return FormatError(absl::StrCat("lon ", out.lon, ", lat ", out.lat,
                                    " is no place on earth: `lon` is from -180 to 180, `lat` from -90 to 90"));
  return out;
}

Result<GeoRing> ConvertRing(const qdrant::GeoLineString& line, size_t* points_left) {
  if (static_cast<size_t>(line.points_size()) > *points_left)
    return WrongInput(absl::StrCat("a polygon has at most ", kMaxPolygonPoints, " points in all its rings"));
  *points_left -= static_cast<size_t>(line.points_size());
  GeoRing ring;
  for (const qdrant::GeoPoint& point : line.points()) {
    ASSIGN_OR_RETURN(const GeoPoint converted, ConvertPoint(point));
    ring.push_back(converted);
  }
  if (!IsRing(ring))
    return FormatError("not a ring: at least 4 points are needed, and the last one must be the same as the first");
  return ring;
}

Status ConvertTime(bool present, const google::protobuf::Timestamp& time, std::optional<int64_t>* out) {
  if (!present) return OkStatus();
  if (time.seconds() < kFirstSecond || time.seconds() > kLastSecond || time.nanos() < 0 ||
      time.nanos() >= kNanosPerSecond)
    return FormatError("a timestamp outside of the years 1 to 9999");
  *out = time.seconds() * 1'000'000 + time.nanos() / 1000;
  return OkStatus();
}

}  // namespace

Result<Predicate> ConvertMatch(const qdrant::Match& match) {
  switch (match.match_value_case()) {
    case qdrant::Match::kKeyword: return Predicate(MatchValue{match.keyword()});
    case qdrant::Match::kInteger: return Predicate(MatchValue{int64_t{match.integer()}});
    case qdrant::Match::kBoolean: return Predicate(MatchValue{match.boolean()});
    case qdrant::Match::kKeywords: return Predicate(MatchAny{CopyOf(match.keywords().strings())});
    case qdrant::Match::kIntegers: return Predicate(MatchAny{CopyOf(match.integers().integers())});
    case qdrant::Match::kExceptKeywords: return Predicate(MatchExcept{CopyOf(match.except_keywords().strings())});
    case qdrant::Match::kExceptIntegers: return Predicate(MatchExcept{CopyOf(match.except_integers().integers())});
    case qdrant::Match::kText: return ConvertText<MatchText>(match.text());
    case qdrant::Match::kPhrase: return ConvertText<MatchPhrase>(match.phrase());
    case qdrant::Match::kTextAny: return ConvertText<MatchTextAny>(match.text_any());
    case qdrant::Match::kPrefix: return Predicate(MatchPrefix{match.prefix()});
    case qdrant::Match::kSubstring: return Unsupported("match by `substring`");
    case qdrant::Match::MATCH_VALUE_NOT_SET: break;
  }
  return FormatError("Malformed Match condition: no value to match");
}

Result<Predicate> ConvertGeoBoundingBox(const qdrant::GeoBoundingBox& box) {
  if (!box.has_top_left() || !box.has_bottom_right())
    return FormatError("Malformed GeoBoundingBox condition: `top_left` and `bottom_right` are needed");
  GeoBoundingBox out;
  ASSIGN_OR_RETURN(out.top_left, ConvertPoint(box.top_left()));
  ASSIGN_OR_RETURN(out.bottom_right, ConvertPoint(box.bottom_right()));
  return Predicate(out);
}

Result<Predicate> ConvertGeoRadius(const qdrant::GeoRadius& circle) {
  if (!circle.has_center()) return FormatError("Malformed GeoRadius condition: `center` is needed");
  GeoRadius out;
  ASSIGN_OR_RETURN(out.center, ConvertPoint(circle.center()));
  out.radius = circle.radius();
  return Predicate(out);
}

Result<Predicate> ConvertGeoPolygon(const qdrant::GeoPolygon& polygon) {
  if (!polygon.has_exterior()) return FormatError("Malformed GeoPolygon condition: `exterior` is needed");
  GeoPolygon out;
  size_t points_left = kMaxPolygonPoints;
  ASSIGN_OR_RETURN(out.exterior, ConvertRing(polygon.exterior(), &points_left));
  for (const qdrant::GeoLineString& line : polygon.interiors()) {
    ASSIGN_OR_RETURN(GeoRing ring, ConvertRing(line, &points_left));
    out.interiors.push_back(std::move(ring));
  }
  return Predicate(std::move(out));
}

Result<Predicate> ConvertDatetimeRange(const qdrant::DatetimeRange& range) {
  DatetimeRange out;
  RETURN_IF_ERROR(ConvertTime(range.has_lt(), range.lt(), &out.lt));
  RETURN_IF_ERROR(ConvertTime(range.has_gt(), range.gt(), &out.gt));
  RETURN_IF_ERROR(ConvertTime(range.has_lte(), range.lte(), &out.lte));
  RETURN_IF_ERROR(ConvertTime(range.has_gte(), range.gte(), &out.gte));
  return Predicate(out);
}

}  // namespace sextant::wire
