#include <array>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "wire/rest/request/config_parts.h"

namespace sextant::wire {
namespace {

constexpr uint64_t kMaxVectorSize = 65536;

void DecodeDatatype(Value value, std::optional<Datatype>* out) {
  static constexpr std::array<Datatype, 3> kDatatypes = {Datatype::kFloat32, Datatype::kFloat16, Datatype::kUint8};
  const auto choice = value.Choice({"float32", "float16", "uint8", "turbo4"});
  if (!choice) return;
  if (*choice >= kDatatypes.size()) return value.Unsupported("the datatype turbo4");
  *out = kDatatypes[*choice];
}

void DecodeMultivector(Value value, VectorParams* out) {
  if (!value || !value.Expect(value.is_object(), "an object with `comparator`")) return;
  if (const Value comparator = value.Required("comparator")) comparator.Choice({"max_sim"});
  out->kind = VectorKind::kMulti;
}

// What makes a dense or multivector space; it never changes.
void DecodeSpace(Value value, VectorParams* out) {
  static constexpr std::array<Distance, 4> kDistances = {Distance::kCosine, Distance::kEuclid, Distance::kDot,
                                                         Distance::kManhattan};
  uint64_t size = 0;
  value.Required("size").ReadBetween(1, kMaxVectorSize, &size);
  if (size <= kMaxVectorSize) out->size = static_cast<uint32_t>(size);
  if (const auto choice = value.Required("distance").Choice({"Cosine", "Euclid", "Dot", "Manhattan"}))
    out->distance = kDistances[*choice];
  DecodeDatatype(value["datatype"], &out->datatype);
  DecodeMultivector(value["multivector_config"], out);
}

void DecodeVectorParams(Value value, VectorParams* out) {
  if (!value.Expect(value.is_object(), "an object of vector parameters")) return;
  DecodeSpace(value, out);
  DecodeHnswDiff(value["hnsw_config"], &out->hnsw);
  DecodeQuantization(value.Either("quantization_config", "quantization"), false, &out->quantization_config);
  value["on_disk"].Read(&out->on_disk);
  DecodeMemory(value["memory"], true, &out->memory);
}

void DecodeModifier(Value value, std::optional<SparseModifier>* out) {
  if (const auto choice = value.Choice({"none", "idf"}))
    *out = std::array{SparseModifier::kNone, SparseModifier::kIdf}[*choice];
}

// `Params`: VectorParams, or a diff of them.
template <typename Params>
void DecodeSparseParams(Value value, Params* out) {
  if (!value.Expect(value.is_object(), "an object of sparse vector parameters")) return;
  DecodeModifier(value["modifier"], &out->modifier);
  const Value index = value["index"];
  if (!index || !index.Expect(index.is_object(), "an object of index parameters")) return;
  out->index_given = true;
  index["full_scan_threshold"].Read(&out->full_scan_threshold);
  index["on_disk"].Read(&out->on_disk);
  DecodeMemory(index["memory"], false, &out->memory);
  DecodeDatatype(index["datatype"], &out->datatype);
}

VectorParams& MakeSparse(VectorParams* params) {
  params->kind = VectorKind::kSparse;
  params->distance = Distance::kDot;
  return *params;
}

}  // namespace

void DecodeVectorsConfig(Value value, CollectionConfig* out) {
  if (!value || !value.Expect(value.is_object(), "vector parameters or a map of named vectors")) return;
  // A vector named "size" or "distance" would be an object.
  const bool single =
      (value.Has("size") && !value["size"].is_object()) || (value.Has("distance") && !value["distance"].is_object());
  if (single) {
    out->single_unnamed = true;
    return DecodeVectorParams(value, &out->vectors[""]);
  }
  value.ForEachMember(
      [&](std::string_view name, Value params) { DecodeVectorParams(params, &out->vectors[std::string(name)]); });
}

void DecodeSparseVectorsConfig(Value value, CollectionConfig* out) {
  if (!value) return;
  value.ForEachMember([&](std::string_view name, Value params) {
    const auto [place, fresh] = out->vectors.try_emplace(std::string(name));
    if (!fresh)
      return params.Reject(WrongInput(
          absl::StrCat("the vector name \"", place->first, "\" is given to a dense and to a sparse vector")));
    DecodeSparseParams(params, &MakeSparse(&place->second));
  });
}

void DecodeVectorNameConfig(Value body, VectorParams* out) {
  if (const Value dense = body["dense"]) {
    if (dense.Expect(dense.is_object(), "an object of vector parameters")) DecodeSpace(dense, out);
  } else if (const Value sparse = body["sparse"]) {
    if (!sparse.Expect(sparse.is_object(), "an object of sparse vector parameters")) return;
    DecodeModifier(sparse["modifier"], &MakeSparse(out).modifier);
    DecodeDatatype(sparse["datatype"], &out->datatype);
    out->index_given = out->datatype.has_value();
  } else {
    body.Fail("expected one of `dense`, `sparse`");
  }
}

void DecodeSparseVectorsDiff(Value value, std::map<std::string, service::SparseVectorParamsDiff>* out) {
  if (!value) return;
  value.ForEachMember([&](std::string_view name, Value diff) { DecodeSparseParams(diff, &(*out)[std::string(name)]); });
}

void DecodeVectorsDiff(Value value, std::map<std::string, service::VectorParamsDiff>* out) {
  if (!value) return;
  value.ForEachMember([&](std::string_view name, Value diff) {
    service::VectorParamsDiff& params = (*out)[std::string(name)];
    if (!diff.Expect(diff.is_object(), "an object of vector parameters")) return;
    DecodeHnswDiff(diff["hnsw_config"], &params.hnsw);
    DecodeQuantization(diff.Either("quantization_config", "quantization"), true, &params.quantization_config);
    diff["on_disk"].Read(&params.on_disk);
    DecodeMemory(diff["memory"], true, &params.memory);
  });
}

}  // namespace sextant::wire
