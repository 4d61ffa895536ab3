#include <utility>

#include "wire/rest/request/query/query_parts.h"
#include "wire/rest/request/query/query_requests.h"
#include "wire/rest/request/selectors.h"

namespace sextant::wire {
namespace {

using service::QueryGroupsRequest;
using service::QueryRequest;
using service::VectorInput;

// Queries of a batch: each costs much more memory than its text.
constexpr size_t kMaxBatch = 16384;

// `vector` of a search: a list, or {name, vector}.
void DecodeSearchVector(Value vector, QueryRequest* out) {
  service::NearestQuery nearest;
  Value values = vector;
  if (vector.is_object()) {
    vector.Required("name").Read(&out->using_name);
    values = vector.Required("vector");
  }
  const bool fits = values.is_array() || (vector.is_object() && values.is_object());
  if (!values || !values.Expect(fits && !values.StartsWithList(), "a vector or an object with `name` and `vector`"))
    return;
  DecodeVectorInput(values, &nearest.vector);
  out->query = std::move(nearest);
}

// `using`: a name.
void DecodeLegacyLookup(Value body, QueryRequest* out) {
  body["using"].Read(&out->using_name);
  DecodeLookupFrom(body["lookup_from"], &out->lookup_from);
  // These endpoints mean the unnamed vector of the other collection where they name none.
  if (out->lookup_from && !out->lookup_from->vector) out->lookup_from->vector = "";
}

void DecodeSearchParts(Value body, QueryRequest* out) {
  DecodeSearchVector(body.Required("vector"), out);
  DecodeCommonParts(body, out);
}

void DecodeRecommendParts(Value body, QueryRequest* out) {
  service::RecommendQuery recommend;
  DecodeVectorInputs(body["positive"], &recommend.positive);
  DecodeVectorInputs(body["negative"], &recommend.negative);
  DecodeStrategy(body["strategy"], &recommend.strategy);
  out->query = std::move(recommend);
  DecodeLegacyLookup(body, out);
  DecodeCommonParts(body, out);
}

void DecodeDiscoverParts(Value body, QueryRequest* out) {
  std::vector<service::ContextPair> context;
  DecodeContext(body["context"], &context);
  if (const Value target = body["target"]) {
    service::DiscoverQuery discover;
    DecodeVectorInput(target, &discover.target);
    discover.context = std::move(context);
    out->query = std::move(discover);
  } else {
    out->query = service::ContextQuery{std::move(context)};
  }
  DecodeLegacyLookup(body, out);
  DecodeCommonParts(body, out);
}

template <void (*DecodeParts)(Value, QueryRequest*)>
void DecodeOne(Value body, QueryRequest* out) {
  if (!body.Expect(body.is_object(), "a search object")) return;
  DecodeParts(body, out);
  const Value limit = body.Either("limit", "top");
  if (!limit) body.Fail("missing field `limit`");
  limit.ReadAtLeast(1, &out->limit);
  body["offset"].Read(&out->offset);
}

template <void (*DecodeParts)(Value, QueryRequest*)>
void DecodeBatch(Value body, std::vector<QueryRequest>* out) {
  body.Required("searches").ForEach([&](Value search) {
    if (out->size() == kMaxBatch) return search.Reject(BadRequest("the batch has too many searches"));
    DecodeOne<DecodeParts>(search, &out->emplace_back());
  });
}

template <void (*DecodeParts)(Value, QueryRequest*)>
void DecodeGroups(Value body, QueryGroupsRequest* out) {
  DecodeParts(body, &out->query);
  DecodeGroupParts(body, out);
  body.Required("limit").ReadAtLeast(1, &out->limit);
  body.Required("group_size").ReadAtLeast(1, &out->group_size);
}

using Batch = std::vector<QueryRequest>;

}  // namespace

Result<QueryRequest> DecodeSearch(const std::string& body) {
  return DecodeBody<QueryRequest>(body, DecodeOne<DecodeSearchParts>);
}
Result<Batch> DecodeSearchBatch(const std::string& body) {
  return DecodeBody<Batch>(body, DecodeBatch<DecodeSearchParts>);
}
Result<QueryGroupsRequest> DecodeSearchGroups(const std::string& body) {
  return DecodeBody<QueryGroupsRequest>(body, DecodeGroups<DecodeSearchParts>);
}
Result<QueryRequest> DecodeRecommend(const std::string& body) {
  return DecodeBody<QueryRequest>(body, DecodeOne<DecodeRecommendParts>);
}
Result<Batch> DecodeRecommendBatch(const std::string& body) {
  return DecodeBody<Batch>(body, DecodeBatch<DecodeRecommendParts>);
}
Result<QueryGroupsRequest> DecodeRecommendGroups(const std::string& body) {
  return DecodeBody<QueryGroupsRequest>(body, DecodeGroups<DecodeRecommendParts>);
}
Result<QueryRequest> DecodeDiscover(const std::string& body) {
  return DecodeBody<QueryRequest>(body, DecodeOne<DecodeDiscoverParts>);
}
Result<Batch> DecodeDiscoverBatch(const std::string& body) {
  return DecodeBody<Batch>(body, DecodeBatch<DecodeDiscoverParts>);
}

}  // namespace sextant::wire
