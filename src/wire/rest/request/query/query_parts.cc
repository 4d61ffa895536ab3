#include "wire/rest/request/query/query_parts.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "wire/rest/request/filter_codec.h"
#include "wire/rest/request/selectors.h"

namespace sextant::wire {
namespace {

constexpr size_t kMaxMultiVectorSize = 1048576;

void DecodeDense(Value value, VectorValue* out) {
  DenseVector vector;
  value.ReadFloats(&vector);
  if (value.size() == 0) value.Invalid("vector must not be empty");
  *out = std::move(vector);
}

void DecodeMulti(Value value, VectorValue* out) {
  MultiVector vector;
  value.ForEach([&](Value row) {
    std::vector<float> values;
    row.ReadFloats(&values);
    if (values.empty()) row.Invalid("a row of a multivector must not be empty");
    if (vector.dim == 0) vector.dim = static_cast<uint32_t>(values.size());
    if (values.size() != vector.dim) row.Invalid("all rows of a multivector must have the same length");
    vector.values.insert(vector.values.end(), values.begin(), values.end());
  });
  if (vector.values.size() >= kMaxMultiVectorSize) value.Invalid("the multivector is too large");
  *out = std::move(vector);
}

// Components come in any order.
void DecodeSparse(Value value, VectorValue* out) {
  std::vector<uint32_t> indices;
  std::vector<float> values;
  value.Required("indices").ForEach([&](Value index) { index.Read(&indices.emplace_back()); });
  value.Required("values").ReadFloats(&values);
  if (indices.size() != values.size()) return value.Invalid("must be the same length as indices");
  std::vector<size_t> order(indices.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return indices[a] < indices[b]; });
  SparseVector vector;
  for (const size_t at : order) {
    if (!vector.indices.empty() && vector.indices.back() == indices[at]) return value.Invalid("indices must be unique");
    vector.indices.push_back(indices[at]);
    vector.values.push_back(values[at]);
  }
  *out = std::move(vector);
}

void DecodePair(Value value, std::vector<service::ContextPair>* out) {
  if (!value.Expect(value.is_object(), "an object with `positive` and `negative`")) return;
  service::ContextPair& pair = out->emplace_back();
  DecodeVectorInput(value.Required("positive"), &pair.positive);
  DecodeVectorInput(value.Required("negative"), &pair.negative);
}

}  // namespace

void DecodeVectorInput(Value value, service::VectorInput* out) {
  if (!value) return;
  if (value.is_array()) {
    VectorValue vector;
    value.StartsWithList() ? DecodeMulti(value, &vector) : DecodeDense(value, &vector);
    *out = std::move(vector);
    return;
  }
  if (value.is_object()) {
    if (value.Has("indices")) {
      VectorValue vector;
      DecodeSparse(value, &vector);
      *out = std::move(vector);
      return;
    }
    for (const char* key : {"text", "image", "object"})
      if (value.Has(key)) return value.Unsupported("server-side inference of a query");
    return value.Fail("unknown form of query");
  }
  if (!value.Expect(value.is_string() || value.is_integer(), "a vector, a point ID or a query object")) return;
  PointId id;
  DecodePointId(value, &id);
  *out = id;
}

void DecodeVectorInputs(Value value, std::vector<service::VectorInput>* out) {
  if (!value) return;
  value.ForEach([&](Value input) {
    input.Expect(static_cast<bool>(input), "a vector or a point ID");
    DecodeVectorInput(input, &out->emplace_back());
  });
}

void DecodeContext(Value value, std::vector<service::ContextPair>* out) {
  if (!value) return;
  if (!value.is_array()) return DecodePair(value, out);
  value.ForEach([&](Value pair) { DecodePair(pair, out); });
}

void DecodeStrategy(Value value, service::RecommendStrategy* out) {
  using service::RecommendStrategy;
  const auto choice = value.Choice({"average_vector", "best_score", "sum_scores"});
  if (!choice) return;
  *out = *choice == 0   ? RecommendStrategy::kAverageVector
         : *choice == 1 ? RecommendStrategy::kBestScore
                        : RecommendStrategy::kSumScores;
}

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
  if (const Value idf = value["idf"])
    idf.Reject(WrongInput("params.idf is for sparse vectors with the modifier idf, the vectors here are dense"));
}

void DecodeLookupFrom(Value value, std::optional<service::LookupLocation>* out) {
  if (!value || !value.Expect(value.is_object(), "an object with `collection`")) return;
  service::LookupLocation& lookup = out->emplace();
  value.Required("collection").Read(&lookup.collection);
  value["vector"].Read(&lookup.vector);
  RejectShardKey(value);
}

void DecodeCommonParts(Value body, service::QueryRequest* out) {
  DecodeOptionalFilter(body["filter"], &out->filter);
  DecodeSearchParams(body["params"], &out->params);
  body["score_threshold"].Read(&out->score_threshold);
  DecodeWithPayload(body["with_payload"], &out->with_payload);
  DecodeWithVector(body.Either("with_vector", "with_vectors"), &out->with_vector);
  RejectShardKey(body);
}

}  // namespace sextant::wire
