#include "wire/grpc/config/config_shape.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"

namespace sextant::wire {
namespace {

constexpr std::array<std::pair<std::string_view, ConfigShape>, 13> kShapes = {{
    {"VectorsConfig", ConfigShape::kOnlyMember},
    {"VectorsConfigDiff", ConfigShape::kOnlyMember},
    {"VectorParamsMap", ConfigShape::kOnlyMember},
    {"VectorParamsDiffMap", ConfigShape::kOnlyMember},
    {"SparseVectorConfig", ConfigShape::kOnlyMember},
    {"StrictModeSparseConfig", ConfigShape::kOnlyMember},
    {"StrictModeMultivectorConfig", ConfigShape::kOnlyMember},
    {"MaxOptimizationThreads", ConfigShape::kOnlyMember},
    {"BinaryQuantizationQueryEncoding", ConfigShape::kOnlyMember},
    {"Value", ConfigShape::kValue},
    {"KeywordPrefixParams", ConfigShape::kFlag},
    {"Disabled", ConfigShape::kDisabled},
    {"StemmingAlgorithm", ConfigShape::kStemmer},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kKeys = {{
    {"vectors_config", "vectors"},
    {"sparse_vectors_config", "sparse_vectors"},
    {"turboquant", "turbo"},
    {"deprecated_max_optimization_threads", "max_optimization_threads"},
}};

}  // namespace

ConfigShape ShapeOf(const google::protobuf::Descriptor& type) {
  for (const auto& [name, shape] : kShapes)
    if (type.name() == name) return shape;
  return ConfigShape::kObject;
}

std::string_view JsonKeyOf(const google::protobuf::FieldDescriptor& field) {
  for (const auto& [name, key] : kKeys)
    if (field.name() == name) return key;
  return field.name();
}

std::string JsonNameOf(const google::protobuf::EnumValueDescriptor& value) {
  if (value.type()->name() == "Distance") return value.name();
  std::string out;
  for (const char c : value.name()) {
    if (absl::ascii_isupper(c) && !out.empty() && absl::ascii_islower(out.back())) out.push_back('_');
    out.push_back(absl::ascii_tolower(c));
  }
  return out;
}

bool SaysNothing(const google::protobuf::EnumValueDescriptor& value) {
  return value.full_name() == "qdrant.MemoryUnknown" || value.full_name() == "qdrant.Default";
}

}  // namespace sextant::wire
