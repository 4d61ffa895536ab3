#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "types/config.h"
#include "types/json.h"

namespace sextant::service {

// What: the limits that a collection's `strict_mode_config` sets to its requests; an unset one limits nothing.
// Threads: a value.
struct StrictMode {
  std::optional<uint64_t> max_query_limit, max_timeout_s;
  std::optional<bool> unindexed_filtering_retrieve, unindexed_filtering_update, search_allow_exact;
  std::optional<uint64_t> search_max_hnsw_ef, upsert_max_batchsize, search_max_batchsize;
  std::optional<double> search_max_oversampling;
  std::optional<uint64_t> max_collection_vector_size_bytes, max_collection_payload_size_bytes, max_points_count;
  std::optional<uint64_t> read_rate_limit, write_rate_limit;  // tokens a minute
  std::optional<uint64_t> filter_max_conditions, condition_max_size;
  std::map<std::string, uint64_t> multivector_max_vectors, sparse_max_length;  // by vector name
  std::optional<uint64_t> max_payload_index_count;
  std::optional<uint64_t> max_resident_memory_percent;
};

// Whether the collection's strict mode is on: all there is to do for one without it.
bool IsStrict(const CollectionConfig& config);
// The limits of a `strict_mode_config` as the codecs let it pass; what is of another type sets none.
StrictMode ReadStrictMode(const Json& json);

// A request refused: "Bad request: <what>. Help: <advice>."
Status StrictError(std::string_view what, std::string_view advice);
// Whether `value` is within a limit that clients know by `name`.
Status CheckLimit(std::optional<uint64_t> value, std::optional<uint64_t> limit, std::string_view name);
Status CheckLimit(std::optional<double> value, std::optional<double> limit, std::string_view name);

}  // namespace sextant::service
