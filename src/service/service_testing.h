#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collection/node_testing.h"
#include "service/service.h"

namespace sextant::service {

using collection::MakePoint;
using collection::Medium;
using collection::TestNode;
using collection::UnnamedConfig;

// What: a service over a node of its own, for tests.
class TestService {
 public:
  explicit TestService(Medium medium) : node_(medium) { service_.emplace(node_.get()); }

  Service* operator->() { return &*service_; }
  TestNode& node() { return node_; }
  void Reopen();

  // Writes and waits for the answer.
  Result<UpdateResult> Write(std::string_view collection, shard::Operation operation, bool wait = true);
  Result<UpdateResult> Upsert(std::string_view collection, std::vector<PointInput> points);

 private:
  TestNode node_;
  std::optional<Service> service_;
};

// The collection of most tests.
constexpr std::string_view kName = "a";

VectorInput Point(uint64_t id);
PayloadPath Path(std::string_view text);
Query NearestTo(std::vector<float> vector);
Query NearestTo(const PointId& id);
// {"must": [{key: match value}]}
Filter MatchKeyword(std::string_view key, std::string value);
std::vector<uint64_t> IdsOf(const std::vector<ScoredPoint>& points);
std::vector<uint64_t> IdsOf(const std::vector<Record>& records);
std::vector<uint64_t> IdsOf(const ScrollResult& page);

}  // namespace sextant::service
