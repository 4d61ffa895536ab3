#include "payload_index/index_snapshot_testing.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "types/values/datetime.h"

namespace sextant::payload_index {

PayloadPath Path(std::string_view text) {
  return *PayloadPath::Parse(text);
}

FieldSchema Schema(FieldType type) {
  FieldSchema schema;
  schema.type = type;
  return schema;
}

void Pair::Apply(const std::vector<std::pair<uint32_t, std::optional<std::string>>>& changes) {
  std::vector<PayloadChange> out;
  for (const auto& [ordinal, payload] : changes)
    out.push_back({Ordinal{ordinal}, payload.has_value(), payload ? std::string_view(*payload) : std::string_view()});
  snapshot = snapshot->With(out);
  model.Apply(out);
}

void Pair::SetField(std::string_view path, const FieldSchema& schema) {
  auto next = snapshot->WithField(Path(path), schema, model);
  ASSERT_TRUE(next.ok());
  snapshot = *next;
  model.SetField(Path(path), schema);
}

void Pair::Declare(std::string_view path, const FieldSchema& schema) {
  auto next = snapshot->Declare(Path(path), schema);
  ASSERT_TRUE(next.ok());
  snapshot = *next;
  model.SetField(Path(path), schema);
}

void Pair::RemoveField(std::string_view path) {
  snapshot = snapshot->WithoutField(Path(path));
  model.RemoveField(Path(path));
}

std::vector<uint32_t> Pair::Evaluate(const Filter& filter) const {
  auto result = snapshot->Evaluate(filter, model, Deadline());
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? ToVector(**result) : std::vector<uint32_t>();
}

void ExpectSame(const Pair& pair, std::mt19937_64& random, int filters) {
  ASSERT_EQ(ToVector(*pair.snapshot->AllPoints()), pair.model.Points());
  ASSERT_EQ(pair.snapshot->point_count(), pair.model.Points().size());
  for (int i = 0; i < filters; ++i) {
    const Filter filter = RandomFilter(random, 3);
    const auto expected = pair.model.Matching(filter);
    ASSERT_LE(pair.snapshot->Estimate(filter, pair.model), pair.snapshot->point_count());
    ASSERT_EQ(pair.Evaluate(filter), expected);
    ASSERT_EQ(pair.Evaluate(filter), expected) << "from the cache";
  }
  for (const IndexSnapshot::Field& field : pair.snapshot->Fields()) {
    ASSERT_EQ(field.points, pair.model.IndexedPoints(field.path)) << field.path.ToString();
    const FieldType type = field.schema.type;
    const bool ordered = type == FieldType::kFloat || type == FieldType::kDatetime ||
                         (type == FieldType::kInteger && field.schema.range);
    const bool counted = type == FieldType::kKeyword || type == FieldType::kBool || type == FieldType::kUuid ||
                         (type == FieldType::kInteger && field.schema.lookup);
    const auto direction = random() % 2 == 0 ? OrderDirection::kAscending : OrderDirection::kDescending;
    auto start = random() % 2 == 0 ? std::nullopt : std::optional(static_cast<double>(random() % 8) / 2.0);
    if (start && type == FieldType::kDatetime) start = static_cast<double>(*ParseDatetime(RandomDatetime(random)));
    const auto accept = *pair.snapshot->Evaluate(RandomFilter(random, 1), pair.model, Deadline());
    const OrdinalSet* accepted = random() % 2 == 0 ? nullptr : accept.get();
    const size_t limit = random() % 20;
    const auto facet = pair.snapshot->Facet(field.path, accepted, limit);
    ASSERT_EQ(facet.ok(), counted);
    ASSERT_TRUE(!counted || *facet == pair.model.Facet(field.path, accepted, limit)) << field.path.ToString();
    auto got = pair.snapshot->Ordered(field.path, direction, start, accepted, limit);
    ASSERT_EQ(got.ok(), ordered);
    if (!ordered) continue;
    std::vector<std::pair<double, uint32_t>> values;
    for (const OrderedValue& value : *got)
      values.emplace_back(std::visit([](auto v) { return static_cast<double>(v); }, value.value), Index(value.ordinal));
    // Points with equal values come in no particular order.
    const double sign = direction == OrderDirection::kAscending ? 1 : -1;
    std::stable_sort(values.begin(), values.end(), [&](const auto& a, const auto& b) {
      return std::pair(sign * a.first, a.second) < std::pair(sign * b.first, b.second);
    });
    ASSERT_EQ(values, pair.model.Ordered(field.path, direction, start, accepted, limit)) << field.path.ToString();
  }
}

void RandomStep(Pair* pair, std::mt19937_64& random, uint32_t ordinals, uint32_t largest_group) {
  switch (random() % 8) {
    case 0: {
      FieldSchema schema = Schema(static_cast<FieldType>(random() % 8));
      schema.lookup = random() % 5 != 0;
      schema.range = random() % 5 != 0;
      if (schema.type == FieldType::kText && random() % 3 != 0)
        schema.params = *Json::Parse(random() % 2 == 0 ? R"({"phrase_matching":true})" : R"({"tokenizer":"prefix"})");
      pair->SetField(RandomPath(random).ToString(), schema);
      return;
    }
    case 1:
      if (random() % 2 == 0) pair->RemoveField(RandomPath(random).ToString());
      return;
    default: {
      std::vector<std::pair<uint32_t, std::optional<std::string>>> changes(1 + random() % largest_group);
      for (auto& [ordinal, payload] : changes) {
        ordinal = static_cast<uint32_t>(random() % ordinals);
        if (random() % 5 != 0) payload = RandomPayload(random);
      }
      pair->Apply(changes);
    }
  }
}

}  // namespace sextant::payload_index
