#include "service/service_testing.h"

#include <future>
#include <utility>

#include "base/check.h"

namespace sextant::service {

void TestService::Reopen() {
  node_.Reopen();
  service_.emplace(node_.get());
}

Result<UpdateResult> TestService::Write(std::string_view collection, shard::Operation operation, bool wait) {
  std::promise<Result<UpdateResult>> answer;
  WriteOptions options;
  options.wait = wait;
  service_->Write(collection, std::move(operation), options,
                  [&](Result<UpdateResult> result) { answer.set_value(std::move(result)); });
  return answer.get_future().get();
}

Result<UpdateResult> TestService::Upsert(std::string_view collection, std::vector<PointInput> points) {
  return Write(collection, shard::Upsert{std::move(points)});
}

VectorInput Point(uint64_t id) {
  return PointId::Number(id);
}

PayloadPath Path(std::string_view text) {
  auto path = PayloadPath::Parse(text);
  SEXTANT_CHECK(path.ok());
  return *std::move(path);
}

Query NearestTo(std::vector<float> vector) {
  return NearestQuery{VectorValue(std::move(vector)), std::nullopt};
}

Query NearestTo(const PointId& id) {
  return NearestQuery{id, std::nullopt};
}

Filter MatchKeyword(std::string_view key, std::string value) {
  Filter filter;
  filter.must.emplace();
  filter.must->push_back(FieldCondition{Path(key), MatchValue{std::move(value)}});
  return filter;
}

std::vector<uint64_t> IdsOf(const std::vector<ScoredPoint>& points) {
  std::vector<uint64_t> ids;
  for (const ScoredPoint& point : points) ids.push_back(point.record.id.number());
  return ids;
}

std::vector<uint64_t> IdsOf(const std::vector<Record>& records) {
  std::vector<uint64_t> ids;
  for (const Record& record : records) ids.push_back(record.id.number());
  return ids;
}

std::vector<uint64_t> IdsOf(const ScrollResult& page) {
  std::vector<uint64_t> ids;
  for (const ScrolledRecord& scrolled : page.points) ids.push_back(scrolled.record.id.number());
  return ids;
}

}  // namespace sextant::service
