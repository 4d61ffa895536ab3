#include "wire/rest/request/query/query_parts.h"

#include <limits>
#include <memory>
#include <utility>

#include "wire/rest/request/filter_codec.h"
#include "wire/rest/request/selectors.h"
#include "wire/rest/request/vector_codec.h"

namespace sextant::wire {
namespace {

void DecodePair(Value value, std::vector<service::ContextPair>* out) {
  if (!value.Expect(value.is_object(), "an object with `positive` and `negative`")) return;
  service::ContextPair& pair = out->emplace_back();
  DecodeVectorInput(value.Required("positive"), &pair.positive);
  DecodeVectorInput(value.Required("negative"), &pair.negative);
}

// "global", or {"corpus": filter}.
void DecodeIdf(Value value, search::SearchParams* out) {
  if (!value) return;
  Filter corpus;  // of all points
  if (value.is_string()) {
    value.Choice({"global"});
  } else if (value.Expect(value.is_object(), "`global` or an object with `corpus`")) {
    DecodeFilter(value.Required("corpus"), &corpus);
  }
  out->idf_corpus = std::make_shared<const Filter>(std::move(corpus));
}

}  // namespace

void DecodeVectorInput(Value value, service::VectorInput* out) {
  if (!value) return;
  if (value.is_array() || value.Has("indices") || AsksForInference(value)) {
    VectorValue vector;
    DecodeVector(value, service::VectorUse::kQuery, &vector);
    *out = std::move(vector);
    return;
  }
  if (value.is_object()) return value.Fail("unknown form of query");
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
  value["recall_target"].Read(&out->recall_target);
  value["exact"].Read(&out->exact);
  value["indexed_only"].Read(&out->indexed_only);
  double number = 0;
  const Value quantization = value["quantization"];
  quantization["ignore"].Read(&out->ignore_quantization);
  quantization["rescore"].Read(&out->rescore);
  if (const Value oversampling = quantization["oversampling"]) {
    oversampling.ReadFraction(1.0, std::numeric_limits<double>::infinity(), &number);
    out->oversampling = number;
  }
  // Switches of ACORN steer how the reference searches, never what is right: checked, then unused.
  bool flag = false;
  const Value acorn = value["acorn"];
  acorn["enable"].Read(&flag);
  acorn["max_selectivity"].ReadFraction(0.0, 1.0, &number);
  DecodeIdf(value["idf"], out);
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
