#include "wire/grpc/convert/query/convert_query_parts.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "wire/grpc/convert/convert_point_id.h"
#include "wire/grpc/convert/convert_vectors.h"

namespace sextant::wire {
namespace {

Status CheckFraction(const char* field, double value, double least, double most) {
  // Written so that NaN fails.
  if (value >= least && value <= most) return OkStatus();
  return ValidationError(
      absl::StrCat("[", field, ": value ", value, " invalid, must be from ", least, " to ", most, "]"));
}

}  // namespace

Status QueryBudget::Take() {
  if (left == 0) return BadRequest("the request has too many queries and prefetches");
  --left;
  return OkStatus();
}

Result<service::VectorInput> ConvertVectorInput(const qdrant::VectorInput& input) {
  VectorValue vector;
  switch (input.variant_case()) {
    case qdrant::VectorInput::kId: {
      ASSIGN_OR_RETURN(const PointId id, ConvertPointId(input.id()));
      return service::VectorInput(id);
    }
    case qdrant::VectorInput::kDense: vector = ConvertDense(input.dense().data()); break;
    case qdrant::VectorInput::kSparse: {
      ASSIGN_OR_RETURN(vector, ConvertSparse(input.sparse().indices(), input.sparse().values()));
      break;
    }
    case qdrant::VectorInput::kMultiDense: {
      ASSIGN_OR_RETURN(vector, ConvertMulti(input.multi_dense()));
      break;
    }
    case qdrant::VectorInput::kDocument: {
      ASSIGN_OR_RETURN(vector, ConvertDocument(input.document(), service::VectorUse::kQuery));
      break;
    }
    case qdrant::VectorInput::kImage: {
      ASSIGN_OR_RETURN(vector, ConvertNoText(service::InferenceInput::Kind::kImage, input.image().model()));
      break;
    }
    case qdrant::VectorInput::kObject: {
      ASSIGN_OR_RETURN(vector, ConvertNoText(service::InferenceInput::Kind::kObject, input.object().model()));
      break;
    }
    case qdrant::VectorInput::VARIANT_NOT_SET: return FormatError("VectorInput variant is missing");
  }
  return service::VectorInput(std::move(vector));
}

Result<service::RecommendStrategy> ConvertStrategy(qdrant::RecommendStrategy strategy) {
  switch (strategy) {
    case qdrant::AverageVector: return service::RecommendStrategy::kAverageVector;
    case qdrant::BestScore: return service::RecommendStrategy::kBestScore;
    case qdrant::SumScores: return service::RecommendStrategy::kSumScores;
    default: break;
  }
  return FormatError(absl::StrCat("unknown recommend strategy: ", static_cast<int>(strategy)));
}

Result<search::SearchParams> ConvertSearchParams(const qdrant::SearchParams& params) {
  search::SearchParams out;
  if (params.has_hnsw_ef())
    out.hnsw_ef = static_cast<uint32_t>(std::min<uint64_t>(params.hnsw_ef(), std::numeric_limits<uint32_t>::max()));
  out.exact = params.exact();
  out.indexed_only = params.indexed_only();
  out.ignore_quantization = params.quantization().ignore();
  if (params.quantization().has_rescore()) out.rescore = params.quantization().rescore();
  if (params.quantization().has_oversampling()) {
    RETURN_IF_ERROR(CheckFraction("params.quantization.oversampling", params.quantization().oversampling(), 1.0,
                                  std::numeric_limits<double>::infinity()));
    out.oversampling = params.quantization().oversampling();
  }
  // Switches of ACORN steer how the reference searches, never what is right: checked, then unused.
  if (params.acorn().has_max_selectivity())
    RETURN_IF_ERROR(CheckFraction("params.acorn.max_selectivity", params.acorn().max_selectivity(), 0.0, 1.0));
  if (params.has_idf()) {
    Filter corpus;  // of all points
    if (params.idf().has_corpus()) {
      ASSIGN_OR_RETURN(corpus, ConvertFilter(params.idf().corpus()));
    }
    out.idf_corpus = std::make_shared<const Filter>(std::move(corpus));
  }
  return out;
}

Result<service::LookupLocation> ConvertLookupFrom(const qdrant::LookupLocation& lookup) {
  RETURN_IF_ERROR(RejectShardKeysOf(lookup));
  service::LookupLocation out;
  out.collection = lookup.collection_name();
  if (lookup.has_vector_name()) out.vector = lookup.vector_name();
  return out;
}

Result<service::GroupLookup> ConvertWithLookup(const qdrant::WithLookup& lookup) {
  service::GroupLookup out;
  out.collection = lookup.collection();
  if (lookup.has_with_payload()) {
    ASSIGN_OR_RETURN(out.with_payload, ConvertWithPayload(lookup.with_payload()));
  }
  if (lookup.has_with_vectors()) out.with_vector = ConvertWithVectors(lookup.with_vectors());
  return out;
}

}  // namespace sextant::wire
