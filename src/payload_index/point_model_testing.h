#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "payload_index/index_snapshot.h"
#include "text/text_analyzer.h"

namespace sextant::payload_index {

// What: the simplest thing that answers what a snapshot answers: payloads in a map, filters by trying every point.
// It is also the PointSource of the snapshot under test.
class PointModel : public PointSource {
 public:
  static PointId IdOf(uint32_t ordinal);

  void Apply(std::span<const PayloadChange> changes);
  void SetField(const PayloadPath& path, const FieldSchema& schema);
  void RemoveField(const PayloadPath& path);
  void FailFrom(size_t reads) { reads_left_ = reads; }  // reads of payloads fail after this many

  std::vector<uint32_t> Points() const;
  std::vector<uint32_t> Matching(const Filter& filter) const;
  // The points of one field's index.
  size_t IndexedPoints(const PayloadPath& path) const;
  std::vector<std::pair<double, uint32_t>> Ordered(const PayloadPath& path, OrderDirection direction,
                                                   std::optional<double> start_from, const OrdinalSet* accept,
                                                   size_t limit) const;
  std::vector<FacetCount> Facet(const PayloadPath& path, const OrdinalSet* accept, size_t limit) const;

  Result<std::string> Payload(Ordinal ordinal) const override;
  Status ForEachPayload(OrdinalRange range,
                        const std::function<Status(Ordinal, std::string_view)>& visit) const override;
  Result<std::optional<Ordinal>> Find(const PointId& id) const override;
  Result<bool> HasVector(Ordinal ordinal, std::string_view name) const override;
  PointId Id(Ordinal ordinal) const override { return IdOf(Index(ordinal)); }

 private:
  bool HoldsOfSeveral(const FieldCondition& condition, uint32_t ordinal, const Json& payload) const;
  bool Holds(const Condition& condition, uint32_t ordinal, const Json& payload) const;
  bool Holds(const Filter& filter, uint32_t ordinal, const Json& payload) const;
  // What an index of the field holds for a payload.
  std::vector<Json> KeysOf(const PayloadPath& path, FieldType type, const Json& payload) const;
  text::TextAnalyzer TextAnalyzerOf(const PayloadPath& path) const;
  std::optional<bool> HoldsByTokens(const FieldCondition& condition, const Json& payload) const;
  std::optional<bool> HoldsByIndex(const FieldCondition& condition, const Json& payload) const;
  Status CountRead() const;

  std::map<uint32_t, std::string> payloads_;
  std::map<std::string, std::pair<PayloadPath, FieldSchema>> fields_;
  mutable size_t reads_left_ = SIZE_MAX;
};

// Random input of little variety, so that conditions often hold.
std::string RandomPayload(std::mt19937_64& random);
Filter RandomFilter(std::mt19937_64& random, int depth);
PayloadPath RandomPath(std::mt19937_64& random);
std::string RandomDatetime(std::mt19937_64& random);

std::vector<uint32_t> ToVector(const OrdinalSet& set);

}  // namespace sextant::payload_index
