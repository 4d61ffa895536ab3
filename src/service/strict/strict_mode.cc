#include "service/strict/strict_mode.h"

#include <fmt/format.h>

namespace sextant::service {
namespace {

std::optional<uint64_t> Number(const Json& json, std::string_view key) {
  const Json* value = json.Find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_uint()) return value->as_uint();
  if (value->is_int() && value->as_int() >= 0) return static_cast<uint64_t>(value->as_int());
  return std::nullopt;
}

std::optional<bool> Flag(const Json& json, std::string_view key) {
  const Json* value = json.Find(key);
  return value != nullptr && value->is_bool() ? std::optional(value->as_bool()) : std::nullopt;
}

std::optional<double> Fraction(const Json& json, std::string_view key) {
  const Json* value = json.Find(key);
  return value != nullptr && value->is_number() ? std::optional(value->as_double()) : std::nullopt;
}

std::map<std::string, uint64_t> LimitsByName(const Json& json, std::string_view key, std::string_view limit) {
  std::map<std::string, uint64_t> limits;
  const Json* names = json.Find(key);
  if (names == nullptr || !names->is_object()) return limits;
  for (const auto& [name, settings] : names->object()) {
    if (!settings.is_object()) continue;
    if (const auto value = Number(settings, limit)) limits[name] = *value;
  }
  return limits;
}

template <typename T>
Status CheckLimitOf(std::optional<T> value, std::optional<T> limit, std::string_view name) {
  if (!value || !limit || *value <= *limit) return OkStatus();
  return StrictError(fmt::format("Limit exceeded {} > {} for \"{}\"", *value, *limit, name),
                     fmt::format("Reduce the \"{}\" parameter to or below {}.", name, *limit));
}

}  // namespace

bool IsStrict(const CollectionConfig& config) {
  if (!config.strict_mode_config) return false;
  const Json* enabled = config.strict_mode_config->Find("enabled");
  return enabled != nullptr && enabled->is_bool() && enabled->as_bool();
}

StrictMode ReadStrictMode(const Json& json) {
  StrictMode mode;
  mode.max_query_limit = Number(json, "max_query_limit");
  mode.max_timeout_s = Number(json, "max_timeout");
  mode.unindexed_filtering_retrieve = Flag(json, "unindexed_filtering_retrieve");
  mode.unindexed_filtering_update = Flag(json, "unindexed_filtering_update");
  mode.search_allow_exact = Flag(json, "search_allow_exact");
  mode.search_max_hnsw_ef = Number(json, "search_max_hnsw_ef");
  mode.upsert_max_batchsize = Number(json, "upsert_max_batchsize");
  mode.search_max_batchsize = Number(json, "search_max_batchsize");
  mode.search_max_oversampling = Fraction(json, "search_max_oversampling");
  mode.max_collection_vector_size_bytes = Number(json, "max_collection_vector_size_bytes");
  mode.max_collection_payload_size_bytes = Number(json, "max_collection_payload_size_bytes");
  mode.max_points_count = Number(json, "max_points_count");
  mode.read_rate_limit = Number(json, "read_rate_limit");
  mode.write_rate_limit = Number(json, "write_rate_limit");
  mode.filter_max_conditions = Number(json, "filter_max_conditions");
  mode.condition_max_size = Number(json, "condition_max_size");
  mode.multivector_max_vectors = LimitsByName(json, "multivector_config", "max_vectors");
  mode.sparse_max_length = LimitsByName(json, "sparse_config", "max_length");
  mode.max_payload_index_count = Number(json, "max_payload_index_count");
  mode.max_resident_memory_percent = Number(json, "max_resident_memory_percent");
  return mode;
}

Status StrictError(std::string_view what, std::string_view advice) {
  return BadRequest(fmt::format("{}. Help: {}", what, advice));
}

Status CheckLimit(std::optional<uint64_t> value, std::optional<uint64_t> limit, std::string_view name) {
  return CheckLimitOf(value, limit, name);
}

Status CheckLimit(std::optional<double> value, std::optional<double> limit, std::string_view name) {
  return CheckLimitOf(value, limit, name);
}

}  // namespace sextant::service
