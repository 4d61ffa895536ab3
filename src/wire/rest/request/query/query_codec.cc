#include <utility>

#include "wire/rest/request/filter_codec.h"
#include "wire/rest/request/query/query_parts.h"
#include "wire/rest/request/query/query_requests.h"
#include "wire/rest/request/selectors.h"

namespace sextant::wire {
namespace {

using service::QueryGroupsRequest;
using service::QueryRequest;
using service::QueryStage;

void DecodeStage(Value value, StageBudget* budget, QueryStage* out);

void DecodePrefetch(Value value, StageBudget* budget, std::vector<QueryStage>* out) {
  if (!value) return;
  if (!value.is_array()) return DecodeStage(value, budget, &out->emplace_back());
  value.ForEach([&](Value stage) { DecodeStage(stage, budget, &out->emplace_back()); });
}

// What a query and a prefetch have in common but the limit.
void DecodeStageParts(Value value, StageBudget* budget, QueryStage* out) {
  if (budget->left == 0) return value.Reject(BadRequest("the request has too many queries and prefetches"));
  --budget->left;
  DecodeQueryVariant(value["query"], &out->query);
  DecodePrefetch(value["prefetch"], budget, &out->prefetch);
  value["using"].Read(&out->using_name);
  DecodeLookupFrom(value["lookup_from"], &out->lookup_from);
}

void DecodeStage(Value value, StageBudget* budget, QueryStage* out) {
  if (!value.Expect(value.is_object(), "a prefetch object")) return;
  DecodeStageParts(value, budget, out);
  DecodeOptionalFilter(value["filter"], &out->filter);
  DecodeSearchParams(value["params"], &out->params);
  value["score_threshold"].Read(&out->score_threshold);
  value["limit"].ReadAtLeast(1, &out->limit);
}

void DecodeQueryObject(Value body, StageBudget* budget, QueryRequest* out) {
  if (!body.Expect(body.is_object(), "a query object")) return;
  DecodeStageParts(body, budget, out);
  DecodeCommonParts(body, out);
  body["limit"].ReadAtLeast(1, &out->limit);
  body["offset"].Read(&out->offset);
}

void DecodeQueryBody(Value body, QueryRequest* out) {
  StageBudget budget;
  DecodeQueryObject(body, &budget, out);
}

void DecodeBatchBody(Value body, std::vector<QueryRequest>* out) {
  StageBudget budget;
  body.Required("searches").ForEach([&](Value search) { DecodeQueryObject(search, &budget, &out->emplace_back()); });
}

void DecodeGroupsBody(Value body, QueryGroupsRequest* out) {
  StageBudget budget;
  DecodeStageParts(body, &budget, &out->query);
  DecodeCommonParts(body, &out->query);
  DecodeGroupParts(body, out);
  body["limit"].ReadAtLeast(1, &out->limit);
  body["group_size"].ReadAtLeast(1, &out->group_size);
}

void DecodeFacetBody(Value body, service::FacetRequest* out) {
  const Value key = body.Required("key");
  key.Expect(!key || key.is_string(), "a payload path");
  DecodePayloadPath(key, &out->key);
  body["limit"].ReadAtLeast(1, &out->limit);
  DecodeOptionalFilter(body["filter"], &out->filter);
  body["exact"].Read(&out->exact);
  RejectShardKey(body);
}

void DecodeMatrixBody(Value body, service::MatrixRequest* out) {
  body["using"].Read(&out->using_name);
  DecodeOptionalFilter(body["filter"], &out->filter);
  body["sample"].ReadAtLeast(2, &out->sample);
  body["limit"].ReadAtLeast(1, &out->limit);
  RejectShardKey(body);
}

void DecodeLookup(Value value, std::optional<service::GroupLookup>* out) {
  if (!value) return;
  service::GroupLookup& lookup = out->emplace();
  if (value.is_string()) return value.Read(&lookup.collection);
  if (!value.Expect(value.is_object(), "a collection name or an object with `collection`")) return;
  value.Required("collection").Read(&lookup.collection);
  DecodeWithPayload(value["with_payload"], &lookup.with_payload);
  DecodeWithVector(value.Either("with_vectors", "with_vector"), &lookup.with_vector);
}

}  // namespace

void DecodeGroupParts(Value body, QueryGroupsRequest* out) {
  const Value key = body.Required("group_by");
  key.Expect(!key || key.is_string(), "a payload path");
  DecodePayloadPath(key, &out->group_by);
  DecodeLookup(body["with_lookup"], &out->with_lookup);
}

Result<QueryRequest> DecodeQuery(const std::string& body) {
  return DecodeBody<QueryRequest>(body, DecodeQueryBody);
}
Result<std::vector<QueryRequest>> DecodeQueryBatch(const std::string& body) {
  return DecodeBody<std::vector<QueryRequest>>(body, DecodeBatchBody);
}
Result<QueryGroupsRequest> DecodeQueryGroups(const std::string& body) {
  return DecodeBody<QueryGroupsRequest>(body, DecodeGroupsBody);
}
Result<service::FacetRequest> DecodeFacet(const std::string& body) {
  return DecodeBody<service::FacetRequest>(body, DecodeFacetBody);
}
Result<service::MatrixRequest> DecodeMatrix(const std::string& body) {
  return DecodeBody<service::MatrixRequest>(body, DecodeMatrixBody);
}

}  // namespace sextant::wire
