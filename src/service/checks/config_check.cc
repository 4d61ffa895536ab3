#include "service/checks/config_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "service/checks/names.h"

namespace sextant::service {
namespace {

constexpr uint32_t kMaxVectorSize = 65536;
constexpr std::array<std::string_view, 4> kQuantizationKinds = {"scalar", "product", "binary", "turbo"};

Status AtLeast(std::string_view field, std::optional<uint64_t> value, uint64_t least) {
  if (!value || *value >= least) return OkStatus();
  return ValidationError(fmt::format("[{}: value {} invalid, must be {} or larger]", field, *value, least));
}

template <typename Number>
Status Within(std::string_view field, Number value, Number least, Number most) {
  // Written so that NaN fails.
  if (value >= least && value <= most) return OkStatus();
  return ValidationError(fmt::format("[{}: value {} invalid, must be from {} to {}]", field, value, least, most));
}

Status CheckHnsw(const std::string& field, const HnswConfigDiff& hnsw) {
  RETURN_IF_ERROR(AtLeast(field + ".ef_construct", hnsw.ef_construct, 4));
  return AtLeast(field + ".full_scan_threshold", hnsw.full_scan_threshold_kb, 10);
}

Status CheckMemory(const std::string& field, const std::optional<std::string>& memory) {
  if (!memory || *memory == "cold" || *memory == "cached") return OkStatus();
  return ValidationError(fmt::format("[{}.memory: value \"{}\" invalid, must be cold or cached]", field, *memory));
}

Status CheckSparseVector(const std::string& name, const VectorParams& vector) {
  if (name.empty()) return WrongInput("a sparse vector must have a name");
  if (vector.size != 0 || vector.distance != Distance::kDot)
    return WrongInput(fmt::format("the sparse vector \"{}\" has neither a size nor a distance", name));
  return OkStatus();
}

Status CheckDenseVector(const std::string& field, const VectorParams& vector) {
  RETURN_IF_ERROR(Within<uint32_t>(field + ".size", vector.size, 1, kMaxVectorSize));
  RETURN_IF_ERROR(CheckHnsw(field + ".hnsw_config", vector.hnsw));
  RETURN_IF_ERROR(CheckMemory(field, vector.memory));
  return vector.quantization_config ? CheckQuantization(*vector.quantization_config) : OkStatus();
}

std::string FieldOf(const std::string& vector_name) {
  return vector_name.empty() ? "vectors" : fmt::format("vectors[{}]", vector_name);
}

// wal_config is echoed and changes nothing here, but its limits are the reference's.
Status CheckWal(const Json& wal) {
  for (const std::string_view key : {"wal_capacity_mb", "wal_retain_closed"}) {
    const Json* value = wal.Find(key);
    if (value == nullptr || !value->is_int()) continue;
    RETURN_IF_ERROR(AtLeast(fmt::format("wal_config.{}", key), static_cast<uint64_t>(value->as_int()), 1));
  }
  return OkStatus();
}

// "Disabled" removes a quantization; anything else must be one.
Status CheckQuantizationUpdate(const std::optional<Json>& quantization) {
  if (!quantization) return OkStatus();
  if (quantization->is_string() && quantization->as_string() == "Disabled") return OkStatus();
  return CheckQuantization(*quantization);
}

}  // namespace

Status CheckQuantization(const Json& quantization) {
  if (!quantization.is_object() || quantization.object().size() != 1) {
    return FormatError("quantization_config must be an object with one of scalar, product, binary, turbo");
  }
  const auto& [kind, settings] = quantization.object().front();
  if (std::find(kQuantizationKinds.begin(), kQuantizationKinds.end(), kind) == kQuantizationKinds.end()) {
    return FormatError(fmt::format("unknown quantization `{}`, expected one of scalar, product, binary, turbo", kind));
  }
  if (!settings.is_object()) return FormatError(fmt::format("quantization_config.{} must be an object", kind));
  const Json* quantile = settings.Find("quantile");
  if (kind == "scalar" && quantile != nullptr && !quantile->is_null()) {
    if (!quantile->is_number()) return FormatError("quantization_config.scalar.quantile must be a number");
    return Within("quantization_config.scalar.quantile", quantile->as_double(), 0.5, 1.0);
  }
  return OkStatus();
}

Status CheckNamedVector(const std::string& name, const VectorParams& vector) {
  RETURN_IF_ERROR(CheckVectorName(name));
  return vector.kind == VectorKind::kSparse ? CheckSparseVector(name, vector) : CheckDenseVector(FieldOf(name), vector);
}

Status CheckConfig(const CollectionConfig& config) {
  for (const auto& [name, vector] : config.vectors) RETURN_IF_ERROR(CheckNamedVector(name, vector));
  RETURN_IF_ERROR(CheckHnsw("hnsw_config", config.hnsw_given));
  RETURN_IF_ERROR(Within("optimizers_config.deleted_threshold", config.optimizers.deleted_threshold, 0.0, 1.0));
  RETURN_IF_ERROR(
      AtLeast("optimizers_config.vacuum_min_vector_number", config.optimizers.vacuum_min_vector_number, 100));
  RETURN_IF_ERROR(CheckWal(config.wal_config));
  RETURN_IF_ERROR(AtLeast("shard_number", config.shard_number, 1));
  RETURN_IF_ERROR(AtLeast("replication_factor", config.replication_factor, 1));
  RETURN_IF_ERROR(AtLeast("write_consistency_factor", config.write_consistency_factor, 1));
  if (config.sharding_method && *config.sharding_method == "custom") {
    return WrongInput("sharding_method custom is not supported, use auto");
  }
  return config.quantization_config ? CheckQuantization(*config.quantization_config) : OkStatus();
}

Status CheckUpdate(const UpdateCollection& update) {
  for (const auto& [name, vector] : update.vectors) {
    RETURN_IF_ERROR(CheckHnsw(FieldOf(name) + ".hnsw_config", vector.hnsw));
    RETURN_IF_ERROR(CheckMemory(FieldOf(name), vector.memory));
    RETURN_IF_ERROR(CheckQuantizationUpdate(vector.quantization_config));
  }
  RETURN_IF_ERROR(CheckHnsw("hnsw_config", update.hnsw));
  if (update.optimizers.deleted_threshold) {
    RETURN_IF_ERROR(Within("optimizers_config.deleted_threshold", *update.optimizers.deleted_threshold, 0.0, 1.0));
  }
  RETURN_IF_ERROR(
      AtLeast("optimizers_config.vacuum_min_vector_number", update.optimizers.vacuum_min_vector_number, 100));
  RETURN_IF_ERROR(AtLeast("params.replication_factor", update.replication_factor, 1));
  RETURN_IF_ERROR(AtLeast("params.write_consistency_factor", update.write_consistency_factor, 1));
  return CheckQuantizationUpdate(update.quantization_config);
}

}  // namespace sextant::service
