#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "wire/rest/json/json_value.h"
#include "wire/rest/request/filter_codec.h"
#include "wire/rest/request/read_requests.h"
#include "wire/rest/request/selectors.h"

namespace sextant::wire {
namespace {

using service::QueryRequest;

void DecodeSearchParams(Value value, search::SearchParams* out) {
  if (!value || !value.Expect(value.is_object(), "an object of search parameters")) return;
  value["hnsw_ef"].ReadAtLeast(1, &out->hnsw_ef);
  value["exact"].Read(&out->exact);
  value["indexed_only"].Read(&out->indexed_only);
  // Quantization and ACORN switches steer how the reference searches, never what is right: checked, then unused.
  bool flag = false;
  double number = 0;
  const Value quantization = value["quantization"];
  quantization["ignore"].Read(&flag);
  quantization["rescore"].Read(&flag);
  quantization["oversampling"].ReadFraction(1.0, std::numeric_limits<double>::infinity(), &number);
  const Value acorn = value["acorn"];
  acorn["enable"].Read(&flag);
  acorn["max_selectivity"].ReadFraction(0.0, 1.0, &number);
}

void DecodeQueryVector(Value value, QueryRequest* out) {
  if (value.StartsWithList()) return value.Unsupported("a multivector query");
  std::vector<float> vector;
  value.ReadFloats(&vector);
  if (value.size() == 0) value.Invalid("vector must not be empty");
  out->query = std::move(vector);
}

// What `nearest` takes: a vector or a point id.
void DecodeVectorInput(Value value, QueryRequest* out) {
  if (value.is_array()) return DecodeQueryVector(value, out);
  if (value.is_object()) {
    if (value.Has("indices")) return value.Unsupported("a sparse query");
    for (const char* key : {"text", "image", "object"})
      if (value.Has(key)) return value.Unsupported("server-side inference of a query");
    return value.Fail("unknown form of query");
  }
  if (!value.Expect(value.is_string() || value.is_integer(), "a vector, a point ID or a query object")) return;
  PointId id;
  DecodePointId(value, &id);
  out->query = id;
}

void DecodeQueryVariant(Value query, QueryRequest* out) {
  static constexpr std::array<const char*, 10> kLater = {
      "recommend", "discover", "context", "order_by",           "fusion",
      "rrf",       "formula",  "sample",  "relevance_feedback", "mmr"};
  if (!query.is_object()) return DecodeVectorInput(query, out);
  if (Value nearest = query["nearest"]) {
    if (Value mmr = query["mmr"]) return mmr.Unsupported("the query variant `mmr`");
    return DecodeVectorInput(nearest, out);
  }
  for (const char* variant : kLater)
    if (Value other = query[variant]) return other.Unsupported(absl::StrCat("the query variant `", variant, "`"));
  DecodeVectorInput(query, out);
}

void RejectUnsupportedParts(Value body) {
  const Value prefetch = body["prefetch"];
  const bool empty_list = prefetch.is_array() && prefetch.size() == 0;
  if (prefetch && !empty_list) {
    if (!body["query"])
      return body.Reject(
          BadRequest("A query is needed to merge the prefetches. Can't have prefetches without defining a query."));
    return prefetch.Unsupported("a query over prefetches");
  }
  if (Value lookup = body["lookup_from"]) lookup.Unsupported("a lookup in another collection");
}

void DecodeQueryBody(Value body, QueryRequest* out) {
  if (!body.Expect(body.is_object(), "a query object")) return;
  RejectUnsupportedParts(body);
  const Value query = body["query"];
  if (query) DecodeQueryVariant(query, out);
  body["using"].Read(&out->using_name);
  DecodeOptionalFilter(body["filter"], &out->filter);
  DecodeSearchParams(body["params"], &out->params);
  body["limit"].ReadAtLeast(1, &out->limit);
  body["offset"].Read(&out->offset);
  body["score_threshold"].Read(&out->score_threshold);
  if (out->score_threshold && !query)
    body.Reject(BadRequest(
        "A query is needed to use the score_threshold. Can't have score_threshold without defining a query."));
  DecodeWithPayload(body["with_payload"], &out->with_payload);
  DecodeWithVector(body.Either("with_vector", "with_vectors"), &out->with_vector);
  RejectShardKey(body);
}

// `vector` of a search: a list, or {name, vector}.
void DecodeSearchVector(Value vector, QueryRequest* out) {
  if (!vector.is_object()) {
    if (vector && vector.Expect(vector.is_array(), "a vector or an object with `name` and `vector`"))
      DecodeQueryVector(vector, out);
    return;
  }
  vector.Required("name").Read(&out->using_name);
  const Value values = vector.Required("vector");
  if (values.is_object()) return values.Unsupported("a sparse query");
  if (values && values.Expect(values.is_array(), "a vector")) DecodeQueryVector(values, out);
}

void DecodeSearchBody(Value body, QueryRequest* out) {
  if (!body.Expect(body.is_object(), "a search object")) return;
  DecodeSearchVector(body.Required("vector"), out);
  DecodeOptionalFilter(body["filter"], &out->filter);
  DecodeSearchParams(body["params"], &out->params);
  const Value limit = body.Either("limit", "top");
  if (!limit) body.Fail("missing field `limit`");
  limit.ReadAtLeast(1, &out->limit);
  body["offset"].Read(&out->offset);
  body["score_threshold"].Read(&out->score_threshold);
  DecodeWithPayload(body["with_payload"], &out->with_payload);
  DecodeWithVector(body.Either("with_vector", "with_vectors"), &out->with_vector);
  RejectShardKey(body);
}

template <void (*Decode)(Value, QueryRequest*)>
void DecodeSearches(Value body, std::vector<QueryRequest>* out) {
  body.Required("searches").ForEach([&](Value search) { Decode(search, &out->emplace_back()); });
}

}  // namespace

Result<QueryRequest> DecodeQuery(const std::string& body) {
  return DecodeBody<QueryRequest>(body, DecodeQueryBody);
}
Result<QueryRequest> DecodeSearch(const std::string& body) {
  return DecodeBody<QueryRequest>(body, DecodeSearchBody);
}
Result<std::vector<QueryRequest>> DecodeQueryBatch(const std::string& body) {
  return DecodeBody<std::vector<QueryRequest>>(body, DecodeSearches<DecodeQueryBody>);
}
Result<std::vector<QueryRequest>> DecodeSearchBatch(const std::string& body) {
  return DecodeBody<std::vector<QueryRequest>>(body, DecodeSearches<DecodeSearchBody>);
}

}  // namespace sextant::wire
