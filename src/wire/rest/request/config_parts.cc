#include "wire/rest/request/config_parts.h"

#include <array>
#include <string_view>
#include <utility>

namespace sextant::wire {
namespace {

// Copies checked members of a request object into an object for the echo, in a fixed order and without nulls.
class Echo {
 public:
  explicit Echo(Value from) : from_(from) {}

  template <typename T>
  void Keep(std::string_view name) {
    std::optional<T> checked;
    from_[name].Read(&checked);
    Copy(name);
  }
  void KeepAtLeast(std::string_view name, uint64_t least) {
    uint64_t checked = 0;
    from_[name].ReadAtLeast(least, &checked);
    Copy(name);
  }
  void KeepBetween(std::string_view name, uint64_t least, uint64_t most) {
    uint64_t checked = 0;
    from_[name].ReadBetween(least, most, &checked);
    Copy(name);
  }
  void KeepFraction(std::string_view name, double least, double most) {
    double checked = 0;
    from_[name].ReadFraction(least, most, &checked);
    Copy(name);
  }
  void KeepChoice(std::string_view name, std::initializer_list<std::string_view> choices) {
    if (from_[name].Choice(choices)) Copy(name);
  }
  void Copy(std::string_view name) {
    if (Value value = from_[name]) json_.Set(name, value.ToJson());
  }
  Json Take() { return std::move(json_); }

 private:
  Value from_;
  Json json_{Json::Object{}};
};

void KeepPlacement(Echo* echo) {
  echo->Keep<bool>("always_ram");
  echo->KeepChoice("memory", {"cold", "cached", "pinned"});
}

Json DecodeScalar(Value value) {
  Echo echo(value);
  if (value.Required("type")) echo.KeepChoice("type", {"int8"});
  echo.KeepFraction("quantile", 0.5, 1.0);
  KeepPlacement(&echo);
  return echo.Take();
}

Json DecodeProduct(Value value) {
  Echo echo(value);
  if (value.Required("compression")) echo.KeepChoice("compression", {"x4", "x8", "x16", "x32", "x64"});
  KeepPlacement(&echo);
  return echo.Take();
}

Json DecodeBinary(Value value) {
  Echo echo(value);
  KeepPlacement(&echo);
  echo.KeepChoice("encoding", {"one_bit", "two_bits", "one_and_half_bits"});
  echo.KeepChoice("query_encoding", {"default", "binary", "scalar4bits", "scalar8bits"});
  return echo.Take();
}

Json DecodeTurbo(Value value) {
  Echo echo(value);
  KeepPlacement(&echo);
  echo.KeepChoice("bits", {"bits1", "bits1_5", "bits2", "bits4"});
  return echo.Take();
}

// {name: {limit: n}} with n at least 1.
void KeepLimits(Value value, std::string_view limit) {
  if (!value) return;
  value.ForEachMember([&](std::string_view, Value entry) {
    uint64_t checked = 0;
    entry[limit].ReadAtLeast(1, &checked);
  });
}

}  // namespace

void DecodeHnswDiff(Value value, HnswConfigDiff* out) {
  if (!value || !value.Expect(value.is_object(), "an HNSW configuration object")) return;
  value["m"].Read(&out->m);
  value["ef_construct"].ReadAtLeast(4, &out->ef_construct);
  value.Either("full_scan_threshold", "full_scan_threshold_kb").ReadAtLeast(10, &out->full_scan_threshold_kb);
  value["max_indexing_threads"].Read(&out->max_indexing_threads);
  value["on_disk"].Read(&out->on_disk);
  DecodeMemory(value["memory"], false, &out->memory);
  value["payload_m"].Read(&out->payload_m);
  value["inline_storage"].Read(&out->inline_storage);
}

void DecodeOptimizersDiff(Value value, service::OptimizersConfigDiff* out) {
  if (!value || !value.Expect(value.is_object(), "an optimizers configuration object")) return;
  value["deleted_threshold"].ReadFraction(0.0, 1.0, &out->deleted_threshold);
  value["vacuum_min_vector_number"].ReadAtLeast(100, &out->vacuum_min_vector_number);
  value["default_segment_number"].Read(&out->default_segment_number);
  value["max_segment_size"].ReadAtLeast(1, &out->max_segment_size_kb);
  value["memmap_threshold"].Read(&out->memmap_threshold_kb);
  value["indexing_threshold"].Read(&out->indexing_threshold_kb);
  value["flush_interval_sec"].Read(&out->flush_interval_sec);
  value["prevent_unoptimized"].Read(&out->prevent_unoptimized);
  const Value threads = value["max_optimization_threads"];
  uint64_t number = 0;
  if (!threads) return;
  if (threads.is_string() ? threads.Choice({"auto"}).has_value() : (threads.Read(&number), true))
    out->max_optimization_threads = threads.ToJson();
}

void DecodeQuantization(Value value, bool may_disable, std::optional<Json>* out) {
  using Decode = Json (*)(Value);
  static constexpr std::array<std::pair<const char*, Decode>, 4> kKinds = {
      {{"scalar", DecodeScalar}, {"product", DecodeProduct}, {"binary", DecodeBinary}, {"turbo", DecodeTurbo}}};
  if (!value) return;
  if (may_disable && value.is_string()) {
    if (value.Choice({"Disabled"})) *out = Json("Disabled");
    return;
  }
  if (!value.Expect(value.is_object(), "a quantization configuration object")) return;
  for (const auto& [kind, decode] : kKinds) {
    const Value config = value[kind];
    if (!config) continue;
    if (!config.Expect(config.is_object(), "an object")) return;
    Json echo{Json::Object{}};
    echo.Set(kind, decode(config));
    *out = std::move(echo);
    return;
  }
  value.Fail("unknown quantization, expected one of `scalar`, `product`, `binary`, `turbo`");
}

void DecodeMemory(Value value, bool refuse_pinned, std::optional<std::string>* out) {
  const auto choice = value.Choice({"cold", "cached", "pinned"});
  if (!choice) return;
  if (refuse_pinned && *choice == 2) return value.Invalid("value \"pinned\" invalid, must be \"cold\" or \"cached\"");
  value.Read(out);
}

void DecodePayloadStorage(Value value, std::optional<Json>* out) {
  if (!value || !value.Expect(value.is_object(), "a payload storage object")) return;
  std::optional<std::string> memory;
  DecodeMemory(value["memory"], true, &memory);
  Json echo{Json::Object{}};
  if (memory) echo.Set("memory", Json(*memory));
  *out = std::move(echo);
}

void DecodeStrictMode(Value value, std::optional<Json>* out) {
  if (!value || !value.Expect(value.is_object(), "a strict mode object")) return;
  Echo echo(value);
  echo.Keep<bool>("enabled");
  echo.KeepAtLeast("max_query_limit", 1);
  echo.KeepAtLeast("max_timeout", 1);
  echo.Keep<bool>("unindexed_filtering_retrieve");
  echo.Keep<bool>("unindexed_filtering_update");
  echo.Keep<uint64_t>("search_max_hnsw_ef");
  echo.Keep<bool>("search_allow_exact");
  echo.Keep<double>("search_max_oversampling");
  echo.Keep<uint64_t>("upsert_max_batchsize");
  echo.Keep<uint64_t>("search_max_batchsize");
  echo.Keep<uint64_t>("max_collection_vector_size_bytes");
  echo.KeepAtLeast("read_rate_limit", 1);
  echo.KeepAtLeast("write_rate_limit", 1);
  echo.Keep<uint64_t>("max_collection_payload_size_bytes");
  echo.KeepAtLeast("max_points_count", 1);
  echo.Keep<uint64_t>("filter_max_conditions");
  echo.Keep<uint64_t>("condition_max_size");
  KeepLimits(value["multivector_config"], "max_vectors");
  echo.Copy("multivector_config");
  KeepLimits(value["sparse_config"], "max_length");
  echo.Copy("sparse_config");
  echo.Keep<uint64_t>("max_payload_index_count");
  echo.KeepBetween("max_resident_memory_percent", 1, 100);
  *out = echo.Take();
}

void DecodeMetadata(Value value, std::optional<Json>* out) {
  if (value && value.Expect(value.is_object(), "a metadata object")) *out = value.ToJson();
}

void DecodeWal(Value value, Json* out) {
  if (!value || !value.Expect(value.is_object(), "a WAL configuration object")) return;
  Echo echo(value);
  echo.KeepAtLeast("wal_capacity_mb", 1);
  echo.Keep<uint64_t>("wal_segments_ahead");
  echo.KeepAtLeast("wal_retain_closed", 1);
  const Json given = echo.Take();
  if (!out->is_object()) *out = Json(Json::Object{});
  for (const auto& [name, setting] : given.object()) out->Set(name, setting);
}

}  // namespace sextant::wire
