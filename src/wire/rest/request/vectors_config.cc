#include <array>
#include <string_view>
#include <utility>

#include "wire/rest/request/config_parts.h"

namespace sextant::wire {
namespace {

constexpr uint64_t kMaxVectorSize = 65536;

void DecodeDatatype(Value value, std::optional<std::string>* out) {
  const auto choice = value.Choice({"float32", "float16", "uint8", "turbo4"});
  if (!choice) return;
  if (*choice != 0) return value.Unsupported("a datatype other than float32");
  value.Read(out);
}

void DecodeVectorParams(Value value, VectorParams* out) {
  static constexpr std::array<Distance, 4> kDistances = {Distance::kCosine, Distance::kEuclid, Distance::kDot,
                                                         Distance::kManhattan};
  if (!value.Expect(value.is_object(), "an object of vector parameters")) return;
  uint64_t size = 0;
  value.Required("size").ReadBetween(1, kMaxVectorSize, &size);
  if (size <= kMaxVectorSize) out->size = static_cast<uint32_t>(size);
  if (const auto choice = value.Required("distance").Choice({"Cosine", "Euclid", "Dot", "Manhattan"}))
    out->distance = kDistances[*choice];
  DecodeHnswDiff(value["hnsw_config"], &out->hnsw);
  DecodeQuantization(value.Either("quantization_config", "quantization"), false, &out->quantization_config);
  value["on_disk"].Read(&out->on_disk);
  DecodeMemory(value["memory"], true, &out->memory);
  DecodeDatatype(value["datatype"], &out->datatype);
  if (Value multi = value["multivector_config"]) multi.Unsupported("a multivector");
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
