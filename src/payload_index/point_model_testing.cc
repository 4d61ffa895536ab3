#include "payload_index/point_model_testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "types/text_params.h"
#include "types/values/datetime.h"

namespace sextant::payload_index {
namespace {

Json ParsePayload(std::string_view text) {
  return text.empty() ? Json() : *Json::Parse(text);
}

bool IsIndexKey(const Json& value, FieldType type) {
  switch (type) {
    case FieldType::kKeyword: return value.is_string();
    case FieldType::kBool: return value.is_bool();
    case FieldType::kFloat: return value.is_number();
    case FieldType::kInteger:
      return value.is_int() ||
             (value.kind() == Json::Kind::kDouble && std::floor(value.as_double()) == value.as_double() &&
              std::abs(value.as_double()) < 9e18);
    case FieldType::kDatetime: return value.is_string() && ParseDatetime(value.as_string()).has_value();
    case FieldType::kText: return value.is_string();
    case FieldType::kUuid: return value.is_string() && PointId::ParseUuid(value.as_string()).has_value();
    case FieldType::kGeo: {
      const Json* lon = value.Find("lon");
      const Json* lat = value.Find("lat");
      return lon != nullptr && lat != nullptr && lon->is_number() && lat->is_number() &&
             IsValid(GeoPoint{lon->as_double(), lat->as_double()});
    }
  }
  return false;
}

// The form in which an index of this type holds a value that is a key of it.
Json IndexKey(const Json& value, FieldType type) {
  if (type == FieldType::kInteger && !value.is_int()) return Json(static_cast<int64_t>(value.as_double()));
  if (type == FieldType::kFloat) return Json(value.as_double());
  if (type == FieldType::kDatetime) return Json(*ParseDatetime(value.as_string()));
  if (type == FieldType::kUuid) return Json(PointId::ParseUuid(value.as_string())->ToString());
  return value;
}

// The list with UUIDs in one form; nothing when one of its strings is no UUID.
std::optional<std::variant<std::vector<std::string>, std::vector<int64_t>>> CanonicalUuids(
    const std::variant<std::vector<std::string>, std::vector<int64_t>>& list) {
  if (list.index() != 0) return std::nullopt;
  std::vector<std::string> out;
  for (const std::string& text : std::get<0>(list)) {
    if (!PointId::ParseUuid(text)) return std::nullopt;
    out.push_back(PointId::ParseUuid(text)->ToString());
  }
  return out;
}

template <typename Bounds, typename T>
bool InBounds(const Bounds& b, T v) {
  return !(b.lt && v >= *b.lt) && !(b.gt && v <= *b.gt) && !(b.lte && v > *b.lte) && !(b.gte && v < *b.gte);
}

template <typename T>
bool ListHolds(const std::vector<T>& list, const Json& key) {
  return std::any_of(list.begin(), list.end(), [&](const T& value) { return Json(value) == key; });
}
bool InList(const std::variant<std::vector<std::string>, std::vector<int64_t>>& list, const Json& key) {
  return std::visit([&](const auto& values) { return ListHolds(values, key); }, list);
}

}  // namespace

PointId PointModel::IdOf(uint32_t ordinal) {
  return ordinal % 2 == 0 ? PointId::Number(1000 - ordinal) : PointId::Uuid(7, ordinal);
}

void PointModel::Apply(std::span<const PayloadChange> changes) {
  for (const PayloadChange& change : changes) {
    if (change.exists)
      payloads_[Index(change.ordinal)] = std::string(change.payload);
    else
      payloads_.erase(Index(change.ordinal));
  }
}

void PointModel::SetField(const PayloadPath& path, const FieldSchema& schema) {
  fields_[path.ToString()] = {path, schema};
}
void PointModel::RemoveField(const PayloadPath& path) {
  fields_.erase(path.ToString());
}

std::vector<uint32_t> PointModel::Points() const {
  std::vector<uint32_t> out;
  for (const auto& [ordinal, payload] : payloads_) out.push_back(ordinal);
  return out;
}

std::vector<uint32_t> PointModel::Matching(const Filter& filter) const {
  std::vector<uint32_t> out;
  for (const auto& [ordinal, payload] : payloads_)
    if (Holds(filter, ordinal, ParsePayload(payload))) out.push_back(ordinal);
  return out;
}

std::vector<Json> PointModel::KeysOf(const PayloadPath& path, FieldType type, const Json& payload) const {
  std::vector<Json> keys;
  const auto add_tokens = [&](const Json& value) {
    for (const std::string& token : TextAnalyzerOf(path).TokenizeDocument(value.as_string()))
      if (std::find(keys.begin(), keys.end(), Json(token)) == keys.end()) keys.emplace_back(token);
  };
  const auto add = [&](const Json& value) {
    if (!IsIndexKey(value, type)) return;
    if (type == FieldType::kText) return add_tokens(value);
    Json key = IndexKey(value, type);
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(std::move(key));
  };
  path.Visit(payload, [&](const Json& value) {
    if (value.is_array())
      std::for_each(value.array().begin(), value.array().end(), add);
    else
      add(value);
  });
  return keys;
}

text::TextAnalyzer PointModel::TextAnalyzerOf(const PayloadPath& path) const {
  TextParams params;
  const auto& given = fields_.at(path.ToString()).second.params;
  EXPECT_TRUE(!given || ReadTextParams(*given, &params).ok());
  return text::TextAnalyzer(params);
}

// The verdict of a text index, if it serves the predicate.
std::optional<bool> PointModel::HoldsByTokens(const FieldCondition& condition, const Json& payload) const {
  const text::TextAnalyzer analyzer = TextAnalyzerOf(condition.key);
  const std::vector<Json> keys = KeysOf(condition.key, FieldType::kText, payload);
  const auto has = [&](const std::string& token) {
    return std::find(keys.begin(), keys.end(), Json(token)) != keys.end();
  };
  if (const auto* match = std::get_if<MatchText>(&condition.predicate)) {
    const auto tokens = analyzer.TokenizeQuery(match->text);
    return !tokens.empty() && std::all_of(tokens.begin(), tokens.end(), has);
  }
  if (const auto* match = std::get_if<MatchTextAny>(&condition.predicate)) {
    const auto tokens = analyzer.TokenizeQuery(match->text);
    return std::any_of(tokens.begin(), tokens.end(), has);
  }
  const auto* match = std::get_if<MatchPhrase>(&condition.predicate);
  if (match == nullptr || !analyzer.params().phrase_matching) return std::nullopt;
  const auto tokens = analyzer.TokenizeQuery(match->text);
  bool found = false;
  const auto look = [&](const Json& value) {
    if (!value.is_string()) return;
    const auto words = analyzer.TokenizeDocument(value.as_string());
    found |= std::search(words.begin(), words.end(), tokens.begin(), tokens.end()) != words.end();
  };
  condition.key.Visit(payload, [&](const Json& value) {
    if (value.is_array())
      std::for_each(value.array().begin(), value.array().end(), look);
    else
      look(value);
  });
  return found && !tokens.empty();
}

// The verdict of the field's index, if there is one and it serves the predicate (sections 4.2 and 5.2 of the rules:
// keyword, integer and UUID indexes decide on matches, integer and float ones on ranges, every one on is_empty and
// is_null; where an index does not change what a condition means, there is no verdict).
std::optional<bool> PointModel::HoldsByIndex(const FieldCondition& condition, const Json& payload) const {
  const auto found = fields_.find(condition.key.ToString());
  if (found == fields_.end()) return std::nullopt;
  const FieldSchema& schema = found->second.second;
  if (schema.type == FieldType::kText)
    if (const auto verdict = HoldsByTokens(condition, payload)) return verdict;
  const bool keyword = schema.type == FieldType::kKeyword;
  const bool lookup = schema.type == FieldType::kInteger && schema.lookup;
  const bool uuid = schema.type == FieldType::kUuid;
  const std::vector<Json> keys = KeysOf(condition.key, schema.type, payload);
  const auto any = [&](auto pred) { return std::any_of(keys.begin(), keys.end(), pred); };
  if (const auto* match = std::get_if<MatchValue>(&condition.predicate)) {
    Json wanted = std::visit([](const auto& value) { return Json(value); }, match->value);
    if (uuid && IsIndexKey(wanted, schema.type))
      wanted = IndexKey(wanted, schema.type);
    else if (!(wanted.is_string() && keyword) && !(wanted.is_int() && lookup) &&
             !(wanted.is_bool() && schema.type == FieldType::kBool))
      return std::nullopt;
    return any([&](const Json& key) { return key == wanted; });
  }
  if (const auto* match = std::get_if<MatchAny>(&condition.predicate)) {
    if (const auto uuids = CanonicalUuids(match->values); uuid && uuids)
      return any([&](const Json& key) { return InList(*uuids, key); });
    if (!(match->values.index() == 0 && keyword) && !(match->values.index() == 1 && lookup)) return std::nullopt;
    return any([&](const Json& key) { return InList(match->values, key); });
  }
  if (const auto* match = std::get_if<MatchExcept>(&condition.predicate)) {
    if (const auto uuids = CanonicalUuids(match->values); uuid && uuids)
      return any([&](const Json& key) { return !InList(*uuids, key); });
    if (!keyword && !lookup) return std::nullopt;
    return any([&](const Json& key) { return !InList(match->values, key); });
  }
  if (const auto* range = std::get_if<Range>(&condition.predicate)) {
    if (schema.type != FieldType::kFloat && !(schema.type == FieldType::kInteger && schema.range)) return std::nullopt;
    return any([&](const Json& key) { return InBounds(*range, key.as_double()); });
  }
  bool not_empty = false;
  bool holds_null = false;
  condition.key.Visit(payload, [&](const Json& value) {
    const bool array = value.is_array();
    not_empty |= array ? !value.array().empty() : !value.is_null();
    holds_null |= array ? ListHolds(value.array(), Json()) : value.is_null();
  });
  if (const auto* empty = std::get_if<IsEmpty>(&condition.predicate)) return empty->expected != not_empty;
  if (const auto* null = std::get_if<IsNull>(&condition.predicate)) return null->expected == holds_null;
  return std::nullopt;
}

// The first predicate on which the index has a verdict decides; without any, one that holds is enough.
bool PointModel::HoldsOfSeveral(const FieldCondition& condition, uint32_t ordinal, const Json& payload) const {
  std::vector<FieldCondition> single = {{condition.key, condition.predicate}};
  for (const Predicate& alternative : condition.alternatives) single.push_back({condition.key, alternative});
  for (const FieldCondition& one : single)
    if (const auto verdict = HoldsByIndex(one, payload)) return *verdict;
  return std::any_of(single.begin(), single.end(),
                     [&](const FieldCondition& one) { return Holds(one, ordinal, payload); });
}

bool PointModel::Holds(const Condition& condition, uint32_t ordinal, const Json& payload) const {
  std::optional<bool> by_index;
  if (const auto* field = std::get_if<FieldCondition>(&condition); field != nullptr && !field->alternatives.empty())
    return HoldsOfSeveral(*field, ordinal, payload);
  if (const auto* field = std::get_if<FieldCondition>(&condition)) by_index = HoldsByIndex(*field, payload);
  if (const auto* empty = std::get_if<IsEmptyCondition>(&condition))
    by_index = HoldsByIndex({empty->key, IsEmpty{true}}, payload);
  if (const auto* null = std::get_if<IsNullCondition>(&condition))
    by_index = HoldsByIndex({null->key, IsNull{true}}, payload);
  if (by_index) return *by_index;
  if (const auto* inner = std::get_if<FilterCondition>(&condition)) return Holds(*inner->filter, ordinal, payload);
  Filter alone;
  alone.must.emplace().push_back(condition);
  return *IndexSnapshot::Empty()->Holds(alone, payload, IdOf(ordinal),
                                        [&](std::string_view name) { return *HasVector(Ordinal{ordinal}, name); });
}

bool PointModel::Holds(const Filter& filter, uint32_t ordinal, const Json& payload) const {
  const auto count = [&](const std::vector<Condition>& conditions) {
    return static_cast<size_t>(std::count_if(conditions.begin(), conditions.end(),
                                             [&](const Condition& c) { return Holds(c, ordinal, payload); }));
  };
  if (filter.must && count(*filter.must) < filter.must->size()) return false;
  if (filter.must_not && count(*filter.must_not) > 0) return false;
  if (filter.should && !filter.should->empty() && count(*filter.should) == 0) return false;
  return !filter.min_should || filter.min_should->conditions.empty() ||
         count(filter.min_should->conditions) >= filter.min_should->min_count;
}

size_t PointModel::IndexedPoints(const PayloadPath& path) const {
  const FieldType type = fields_.at(path.ToString()).second.type;
  return static_cast<size_t>(std::count_if(payloads_.begin(), payloads_.end(), [&](const auto& point) {
    return !KeysOf(path, type, ParsePayload(point.second)).empty();
  }));
}

std::vector<std::pair<double, uint32_t>> PointModel::Ordered(const PayloadPath& path, OrderDirection direction,
                                                             std::optional<double> start_from, const OrdinalSet* accept,
                                                             size_t limit) const {
  const double sign = direction == OrderDirection::kAscending ? 1 : -1;
  std::set<std::pair<double, uint32_t>> sorted;  // by the value as walked
  const FieldType type = fields_.at(path.ToString()).second.type;
  for (const auto& [ordinal, payload] : payloads_) {
    if (accept != nullptr && !accept->Contains(Ordinal{ordinal})) continue;
    for (const Json& key : KeysOf(path, type, ParsePayload(payload))) {
      if (start_from && sign * key.as_double() < sign * *start_from) continue;
      sorted.emplace(sign * key.as_double(), ordinal);
    }
  }
  std::vector<std::pair<double, uint32_t>> out;
  for (const auto& [value, ordinal] : sorted) {
    if (out.size() >= limit && (out.empty() || out.back().first != sign * value)) break;
    out.emplace_back(sign * value, ordinal);
  }
  return out;
}

std::vector<FacetCount> PointModel::Facet(const PayloadPath& path, const OrdinalSet* accept, size_t limit) const {
  const FieldType type = fields_.at(path.ToString()).second.type;
  std::map<decltype(FacetCount::value), uint64_t> counts;
  for (const auto& [ordinal, payload] : payloads_) {
    if (accept != nullptr && !accept->Contains(Ordinal{ordinal})) continue;
    for (const Json& key : KeysOf(path, type, ParsePayload(payload))) {
      if (key.is_string()) ++counts[key.as_string()];
      if (key.is_int()) ++counts[key.as_int()];
      if (key.is_bool()) ++counts[key.as_bool()];
    }
  }
  std::vector<FacetCount> out;
  for (const auto& [value, count] : counts) out.push_back({value, count});
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  if (out.size() > limit) out.resize(limit);
  return out;
}

Status PointModel::CountRead() const {
  if (reads_left_ == 0) return Corruption("a broken payload");
  --reads_left_;
  return OkStatus();
}

Result<std::string> PointModel::Payload(Ordinal ordinal) const {
  RETURN_IF_ERROR(CountRead());
  return payloads_.at(Index(ordinal));
}

Status PointModel::ForEachPayload(OrdinalRange range,
                                  const std::function<Status(Ordinal, std::string_view)>& visit) const {
  for (const auto& [ordinal, payload] : payloads_) {
    if (payload.empty() || ordinal < range.first || ordinal > range.last) continue;
    RETURN_IF_ERROR(CountRead());
    RETURN_IF_ERROR(visit(Ordinal{ordinal}, payload));
  }
  return OkStatus();
}

Result<std::optional<Ordinal>> PointModel::Find(const PointId& id) const {
  for (const auto& [ordinal, payload] : payloads_)
    if (IdOf(ordinal) == id) return Ordinal{ordinal};
  return std::nullopt;
}

Result<bool> PointModel::HasVector(Ordinal ordinal, std::string_view name) const {
  return name == "image" && Index(ordinal) % 3 == 0;
}

namespace {

std::string RandomUuid(std::mt19937_64& random) {
  static constexpr std::string_view kForms[] = {
      "550e8400-e29b-41d4-a716-446655440000", "550E8400E29B41D4A716446655440000",
      "{550e8400-e29b-41d4-a716-446655440000}", "00000000-0000-0000-0000-000000000007",
      "urn:uuid:00000000-0000-0000-0000-000000000007"};
  return std::string(kForms[random() % std::size(kForms)]);
}

GeoPoint RandomPoint(std::mt19937_64& random) {
  static constexpr double kLons[] = {-180, -179.5, -20, 0, 0.5, 13.4, 30, 179.5, 180};
  static constexpr double kLats[] = {-90, -30, 0, 0.5, 45, 52.5, 89.9};
  return {kLons[random() % std::size(kLons)], kLats[random() % std::size(kLats)]};
}

Json RandomGeo(std::mt19937_64& random) {
  const GeoPoint point = RandomPoint(random);
  Json value(Json::Object{});
  value.Set("lon", random() % 6 == 0 ? Json(int64_t{30}) : Json(point.lon));
  if (random() % 12 != 0) value.Set("lat", random() % 12 == 0 ? Json(90.5) : Json(point.lat));
  return value;
}

std::string RandomText(std::mt19937_64& random) {
  static constexpr std::string_view kTexts[] = {"a", "b c", "aa b", "", "2020-01", "00", "550", "c\xE2\x80\x83 a",
                                                "ab"};
  return std::string(kTexts[random() % std::size(kTexts)]);
}

Json RandomScalar(std::mt19937_64& random) {
  switch (random() % 20) {
    case 14:
    case 15: return Json(RandomDatetime(random));
    case 16: return Json(RandomUuid(random));
    case 17:
    case 18: return RandomGeo(random);
    case 19: return Json(RandomText(random));
    case 0: return {};
    case 1: return Json(random() % 2 == 0);
    case 2: return Json(static_cast<double>(random() % 4));        // integral
    case 3: return Json(static_cast<double>(random() % 8) / 2.0);  // often not
    case 4: return Json(UINT64_MAX - random() % 2);
    case 5: return Json(-static_cast<int64_t>(random() % 3));
    case 6:
    case 7:
    case 8: return Json(std::string(1, static_cast<char>('a' + random() % 4)));
    case 9: return Json(1e300);
    default: return Json(static_cast<int64_t>(random() % 5));
  }
}

Json RandomValue(std::mt19937_64& random, int depth) {
  Json::Array array;
  Json object(Json::Object{});
  switch (random() % 8) {
    case 0:
      for (uint64_t n = random() % 4; n > 0; --n)
        array.push_back(depth > 0 && random() % 5 == 0 ? RandomValue(random, depth - 1) : RandomScalar(random));
      return Json(std::move(array));
    case 1:
      if (depth > 0) object.Set("x", RandomValue(random, depth - 1));
      return object;
    default: return RandomScalar(random);
  }
}

Range RandomRange(std::mt19937_64& random) {
  const auto bound = [&]() -> std::optional<double> {
    if (random() % 2 == 0) return std::nullopt;
    return static_cast<double>(random() % 12) / 2.0 - 1;
  };
  return {.lt = bound(), .gt = bound(), .lte = bound(), .gte = bound()};
}

std::variant<std::vector<std::string>, std::vector<int64_t>> RandomList(std::mt19937_64& random) {
  std::vector<std::string> texts;
  std::vector<int64_t> numbers;
  const bool uuids = random() % 3 == 0;
  for (uint64_t n = random() % 4; n > 0; --n) {
    texts.push_back(uuids ? RandomUuid(random) : std::string(1, static_cast<char>('a' + random() % 4)));
    numbers.push_back(static_cast<int64_t>(random() % 5));
  }
  if (random() % 2 == 0) return texts;
  return numbers;
}

DatetimeRange RandomDatetimeRange(std::mt19937_64& random) {
  const auto bound = [&]() -> std::optional<int64_t> {
    if (random() % 2 == 0) return std::nullopt;
    return *ParseDatetime(RandomDatetime(random)) + static_cast<int64_t>(random() % 3) - 1;
  };
  return {.lt = bound(), .gt = bound(), .lte = bound(), .gte = bound()};
}

// Conditions that a geo, datetime, UUID or keyword index may serve, or no index.
Predicate RandomOtherPredicate(std::mt19937_64& random) {
  switch (random() % 9) {
    case 0: return MatchValue{RandomUuid(random)};
    case 1: return MatchPrefix{RandomText(random)};
    case 2: return MatchText{RandomText(random)};
    case 3: return MatchTextAny{RandomText(random)};
    case 4: return MatchPhrase{RandomText(random)};
    case 5: return RandomDatetimeRange(random);
    case 6: return GeoBoundingBox{RandomPoint(random), RandomPoint(random)};
    case 7: return GeoRadius{RandomPoint(random), std::pow(10.0, static_cast<double>(random() % 8))};
    default: {
      GeoPolygon polygon;
      for (int corner = 0; corner < 4; ++corner) polygon.exterior.push_back(RandomPoint(random));
      polygon.exterior.push_back(polygon.exterior.front());
      if (random() % 2 == 0) polygon.interiors = {{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}, {-1, -1}}};
      return polygon;
    }
  }
}

FieldCondition RandomField(std::mt19937_64& random) {
  FieldCondition condition{RandomPath(random), {}};
  if (random() % 3 == 0) {
    condition.predicate = RandomOtherPredicate(random);
    return condition;
  }
  switch (random() % 10) {
    case 0: condition.predicate = MatchValue{std::string(1, static_cast<char>('a' + random() % 4))}; break;
    case 1:
    case 2: condition.predicate = MatchValue{static_cast<int64_t>(random() % 5)}; break;
    case 3: condition.predicate = MatchValue{random() % 2 == 0}; break;
    case 4: condition.predicate = MatchAny{RandomList(random)}; break;
    case 5: condition.predicate = MatchExcept{RandomList(random)}; break;
    case 6:
    case 7: condition.predicate = RandomRange(random); break;
    case 8: {
      const uint64_t count = random() % 3;
      condition.predicate = random() % 2 == 0 ? ValuesCount{.lt = count, .gt = {}, .lte = {}, .gte = {}}
                                              : ValuesCount{.lt = {}, .gt = {}, .lte = {}, .gte = count};
      break;
    }
    default:
      if (random() % 2 == 0)
        condition.predicate = IsEmpty{random() % 2 == 0};
      else
        condition.predicate = IsNull{random() % 2 == 0};
  }
  if (std::holds_alternative<MatchValue>(condition.predicate) && random() % 4 == 0)
    condition.alternatives.emplace_back(RandomRange(random));
  return condition;
}

Condition RandomCondition(std::mt19937_64& random, int depth) {
  switch (random() % (depth > 0 ? 14 : 11)) {
    case 0: return IsEmptyCondition{RandomPath(random)};
    case 1: return IsNullCondition{RandomPath(random)};
    case 2: {
      HasIdCondition condition;
      for (uint64_t n = random() % 40; n > 0; --n)
        condition.ids.push_back(PointModel::IdOf(static_cast<uint32_t>(random() % 80)));
      return condition;
    }
    case 3: return HasVectorCondition{random() % 4 == 0 ? "other" : "image"};
    case 4: {
      const auto total = static_cast<uint32_t>(1 + random() % 3);
      return SliceCondition{total, static_cast<uint32_t>(random() % total)};
    }
    case 11: {
      const auto key = *PayloadPath::Parse(random() % 2 == 0 ? "l" : "l[]");
      return NestedCondition{key, std::make_shared<const Filter>(RandomFilter(random, depth - 1))};
    }
    case 12:
    case 13: return FilterCondition{std::make_shared<const Filter>(RandomFilter(random, depth - 1))};
    default: return RandomField(random);
  }
}

std::vector<Condition> RandomConditions(std::mt19937_64& random, int depth) {
  std::vector<Condition> out;
  for (uint64_t n = random() % 4; n > 0; --n) out.push_back(RandomCondition(random, depth));
  return out;
}

}  // namespace

std::string RandomDatetime(std::mt19937_64& random) {
  static constexpr std::string_view kTexts[] = {
      "2020-01-02", "2020-01-02T00:00:00Z", "2020-01-02 01:00:00+01", "2020-01-02T00:00:00.000001", "1969-12-31 23:59",
      "9999-12-31"};
  return std::string(kTexts[random() % std::size(kTexts)]);
}

std::string RandomPayload(std::mt19937_64& random) {
  if (random() % 12 == 0) return "";
  Json payload(Json::Object{});
  for (const char* key : {"a", "b", "c"})
    if (random() % 4 != 0) payload.Set(key, RandomValue(random, 2));
  if (random() % 3 != 0) {
    Json::Array list;
    for (uint64_t n = random() % 3; n > 0; --n) {
      Json element(Json::Object{});
      for (const char* key : {"a", "b"})
        if (random() % 3 != 0) element.Set(key, RandomValue(random, 1));
      list.push_back(random() % 8 == 0 ? RandomScalar(random) : std::move(element));
    }
    payload.Set("l", Json(std::move(list)));
  }
  return payload.Dump();
}

Filter RandomFilter(std::mt19937_64& random, int depth) {
  Filter filter;
  if (random() % 2 == 0) filter.must = RandomConditions(random, depth);
  if (random() % 3 == 0) filter.should = RandomConditions(random, depth);
  if (random() % 3 == 0) filter.must_not = RandomConditions(random, depth);
  if (random() % 4 == 0) filter.min_should = MinShould{RandomConditions(random, depth), 1 + random() % 3};
  return filter;
}

PayloadPath RandomPath(std::mt19937_64& random) {
  static constexpr std::string_view kPaths[] = {"a", "a", "b", "b", "c", "a.x", "c[]", "b[0]", "l[].a", "l[].b", "l"};
  return *PayloadPath::Parse(kPaths[random() % std::size(kPaths)]);
}

std::vector<uint32_t> ToVector(const OrdinalSet& set) {
  std::vector<uint32_t> out;
  set.ForEach([&](Ordinal ordinal) {
    out.push_back(Index(ordinal));
    return true;
  });
  return out;
}

}  // namespace sextant::payload_index
