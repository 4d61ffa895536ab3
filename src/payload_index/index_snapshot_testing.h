#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "payload_index/index_snapshot.h"
#include "payload_index/point_model_testing.h"

// What tests of snapshots share: a snapshot beside its model, random histories, and the comparison of the two.
namespace sextant::payload_index {

using Snapshot = std::shared_ptr<const IndexSnapshot>;

PayloadPath Path(std::string_view text);
FieldSchema Schema(FieldType type);

// A snapshot beside the model that says what it must answer.
struct Pair {
  Snapshot snapshot = IndexSnapshot::Empty();
  PointModel model;

  void Apply(const std::vector<std::pair<uint32_t, std::optional<std::string>>>& changes);
  void SetField(std::string_view path, const FieldSchema& schema);
  void Declare(std::string_view path, const FieldSchema& schema);
  void RemoveField(std::string_view path);
  std::vector<uint32_t> Evaluate(const Filter& filter) const;
};

// Compares `filters` random filters, facets and orders.
void ExpectSame(const Pair& pair, std::mt19937_64& random, int filters);
// Changes up to `largest_group` of `ordinals` points, or sets or removes a field.
void RandomStep(Pair* pair, std::mt19937_64& random, uint32_t ordinals, uint32_t largest_group);

}  // namespace sextant::payload_index
