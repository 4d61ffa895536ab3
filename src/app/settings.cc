#include "app/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <limits>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace sextant::app {
namespace {

using Setter = std::function<Status(const std::string& value, ServerConfig* config)>;

Status Refuse(const std::string& value, std::string_view expected) {
  return WrongInput(absl::StrCat("value \"", value, "\" invalid, must be ", std::string(expected)));
}

Status ReadNumber(const std::string& value, uint64_t least, uint64_t most, uint64_t* out) {
  uint64_t number = 0;
  const auto result = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole = result.ec == std::errc() && result.ptr == value.data() + value.size() && !value.empty();
  if (whole && number >= least && number <= most) {
    *out = number;
    return OkStatus();
  }
  if (most == UINT64_MAX) return Refuse(value, absl::StrCat("an integer of ", least, " or larger"));
  return Refuse(value, absl::StrCat("an integer from ", least, " to ", most));
}

Status ReadFlag(const std::string& value, bool* out) {
  const std::string text = absl::AsciiStrToLower(value);
  if (text != "true" && text != "false" && text != "1" && text != "0") return Refuse(value, "true or false");
  *out = text == "true" || text == "1";
  return OkStatus();
}

Status ReadChoice(const std::string& value, std::initializer_list<std::string_view> choices, std::string* out) {
  std::string expected;
  for (std::string_view choice : choices) {
    if (value == choice) {
      *out = value;
      return OkStatus();
    }
    absl::StrAppend(&expected, expected.empty() ? "" : ", ", std::string(choice));
  }
  return Refuse(value, "one of " + expected);
}

// Makers of appliers. `member` finds the place of the value in the configuration.
template <typename Member>
Setter Number(Member member, uint64_t least = 0, uint64_t most = UINT64_MAX) {
  return [=](const std::string& value, ServerConfig* config) {
    uint64_t number = 0;
    RETURN_IF_ERROR(ReadNumber(value, least, most, &number));
    using Place = std::decay_t<decltype(member(*config))>;
    if constexpr (std::is_integral_v<Place>)
      member(*config) = static_cast<Place>(number);
    else
      member(*config) = number;
    return OkStatus();
  };
}

template <typename Member>
Setter Flag(Member member) {
  return [=](const std::string& value, ServerConfig* config) {
    bool flag = false;
    RETURN_IF_ERROR(ReadFlag(value, &flag));
    member(*config) = flag;
    return OkStatus();
  };
}

template <typename Member>
Setter Text(Member member) {
  return [=](const std::string& value, ServerConfig* config) {
    if (value.empty()) return Refuse(value, "not empty");
    member(*config) = value;
    return OkStatus();
  };
}

Setter Wal(const char* name, uint64_t least) {
  return [=](const std::string& value, ServerConfig* config) {
    uint64_t number = 0;
    RETURN_IF_ERROR(ReadNumber(value, least, UINT64_MAX, &number));
    config->defaults.wal_config.Set(name, Json(number));
    return OkStatus();
  };
}

Status ApplyLogLevel(const std::string& value, ServerConfig* config) {
  // The reference also takes filters by module (`info,raft=debug`); the first one is for everything else.
  const std::string level = value.substr(0, value.find(','));
  if (ParseLogLevel(level, &config->log_level)) return OkStatus();
  return Refuse(value, "one of trace, debug, info, warn, error, off");
}

Status ApplySync(const std::string& value, ServerConfig* config) {
  std::string choice;
  RETURN_IF_ERROR(ReadChoice(value, {"always", "never"}, &choice));
  config->sync = choice == "always";
  return OkStatus();
}

Status ApplyDeletedThreshold(const std::string& value, ServerConfig* config) {
  double number = 0;
  if (!absl::SimpleAtod(value, &number) || !(number >= 0 && number <= 1)) return Refuse(value, "a number from 0 to 1");
  config->defaults.optimizers.deleted_threshold = number;
  return OkStatus();
}

Status ApplyOptimizationThreads(const std::string& value, ServerConfig* config) {
  uint64_t number = 0;
  if (value == "auto") {
    config->defaults.optimizers.max_optimization_threads = Json("auto");
    return OkStatus();
  }
  RETURN_IF_ERROR(ReadNumber(value, 0, UINT64_MAX, &number));
  config->defaults.optimizers.max_optimization_threads = Json(number);
  return OkStatus();
}

Status ApplyPayloadMemory(const std::string& value, ServerConfig* config) {
  std::string memory;
  RETURN_IF_ERROR(ReadChoice(value, {"cold", "cached"}, &memory));
  config->defaults.payload = Json(Json::Object{{"memory", Json(memory)}});
  return OkStatus();
}

using Table = std::map<std::string, Setter, std::less<>>;

void AddService(Table* table) {
  (*table)["log_level"] = ApplyLogLevel;
  (*table)["service.host"] = Text([](ServerConfig& c) -> auto& { return c.host; });
  (*table)["service.http_port"] = Number([](ServerConfig& c) -> auto& { return c.http_port; }, 0, 65535);
  (*table)["service.grpc_port"] = Number([](ServerConfig& c) -> auto& { return c.grpc_port; }, 0, 65535);
  (*table)["service.max_request_size_mb"] =
      Number([](ServerConfig& c) -> auto& { return c.max_request_size_mb; }, 1, 4095);
  (*table)["service.max_workers"] = Number([](ServerConfig& c) -> auto& { return c.max_workers; }, 0, 1024);
  (*table)["service.enable_cors"] = Flag([](ServerConfig& c) -> auto& { return c.enable_cors; });
  (*table)["service.http_keep_alive_timeout_sec"] =
      Number([](ServerConfig& c) -> auto& { return c.http_keep_alive_timeout_sec; }, 1, 86400);
  (*table)["service.http_client_request_timeout_sec"] =
      Number([](ServerConfig& c) -> auto& { return c.http_client_request_timeout_sec; }, 1, 86400);
}

void AddStorage(Table* table) {
  (*table)["storage.storage_path"] = Text([](ServerConfig& c) -> auto& { return c.storage_path; });
  (*table)["storage.sync_policy"] = ApplySync;
  (*table)["storage.max_collections"] = Number([](ServerConfig& c) -> auto& { return c.max_collections; });
  (*table)["storage.performance.max_search_threads"] =
      Number([](ServerConfig& c) -> auto& { return c.max_search_threads; }, 0, 1024);
  (*table)["storage.performance.optimizer_cpu_budget"] =
      Number([](ServerConfig& c) -> auto& { return c.optimizer_cpu_budget; }, 0, 1024);
  (*table)["storage.on_disk_payload"] = Flag([](ServerConfig& c) -> auto& { return c.defaults.on_disk_payload; });
  (*table)["storage.payload.memory"] = ApplyPayloadMemory;
  (*table)["storage.wal.wal_capacity_mb"] = Wal("wal_capacity_mb", 1);
  (*table)["storage.wal.wal_segments_ahead"] = Wal("wal_segments_ahead", 0);
  (*table)["storage.wal.wal_retain_closed"] = Wal("wal_retain_closed", 1);
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
  (*table)["storage.collection.replication_factor"] =
      Number([](ServerConfig& c) -> auto& { return c.defaults.replication_factor; }, 1, kMost);
  (*table)["storage.collection.write_consistency_factor"] =
      Number([](ServerConfig& c) -> auto& { return c.defaults.write_consistency_factor; }, 1, kMost);
  (*table)["storage.collection.shard_number"] =
      Number([](ServerConfig& c) -> auto& { return c.defaults.shard_number; }, 1, kMost);
}

// Also under the name without the unit, which older files use.
void AddKb(Table* table, const std::string& key, const Setter& apply) {
  (*table)[key] = apply;
  (*table)[key + "_kb"] = apply;
}

void AddOptimizers(Table* table) {
  const std::string prefix = "storage.optimizers.";
  (*table)[prefix + "deleted_threshold"] = ApplyDeletedThreshold;
  (*table)[prefix + "max_optimization_threads"] = ApplyOptimizationThreads;
  (*table)[prefix + "vacuum_min_vector_number"] =
      Number([](ServerConfig& c) -> auto& { return c.defaults.optimizers.vacuum_min_vector_number; }, 100);
  (*table)[prefix + "default_segment_number"] =
      Number([](ServerConfig& c) -> auto& { return c.defaults.optimizers.default_segment_number; });
  (*table)[prefix + "flush_interval_sec"] =
      Number([](ServerConfig& c) -> auto& { return c.defaults.optimizers.flush_interval_sec; });
  (*table)[prefix + "prevent_unoptimized"] =
      Flag([](ServerConfig& c) -> auto& { return c.defaults.optimizers.prevent_unoptimized; });
  AddKb(table, prefix + "max_segment_size",
        Number([](ServerConfig& c) -> auto& { return c.defaults.optimizers.max_segment_size_kb; }, 1));
  AddKb(table, prefix + "memmap_threshold",
        Number([](ServerConfig& c) -> auto& { return c.defaults.optimizers.memmap_threshold_kb; }));
  AddKb(table, prefix + "indexing_threshold",
        Number([](ServerConfig& c) -> auto& { return c.defaults.optimizers.indexing_threshold_kb; }));
}

void AddHnsw(Table* table) {
  const std::string prefix = "storage.hnsw_index.";
  (*table)[prefix + "m"] = Number([](ServerConfig& c) -> auto& { return c.defaults.hnsw.m; });
  (*table)[prefix + "ef_construct"] = Number([](ServerConfig& c) -> auto& { return c.defaults.hnsw.ef_construct; }, 4);
  (*table)[prefix + "max_indexing_threads"] =
      Number([](ServerConfig& c) -> auto& { return c.defaults.hnsw.max_indexing_threads; });
  (*table)[prefix + "on_disk"] = Flag([](ServerConfig& c) -> auto& { return c.defaults.hnsw.on_disk; });
  (*table)[prefix + "payload_m"] = Number([](ServerConfig& c) -> auto& { return c.defaults.hnsw.payload_m; });
  AddKb(table, prefix + "full_scan_threshold",
        Number([](ServerConfig& c) -> auto& { return c.defaults.hnsw.full_scan_threshold_kb; }, 10));
}

const Table& Appliers() {
  static const Table* table = [] {
    auto* t = new Table;
    AddService(t);
    AddStorage(t);
    AddOptimizers(t);
    AddHnsw(t);
    return t;
  }();
  return *table;
}

constexpr std::array<std::string_view, 5> kRestricting = {
    "service.api_key", "service.alt_api_key", "service.read_only_api_key", "service.jwt_rbac", "service.enable_tls"};

// Sections of the reference that are unused as a whole, and single settings.
constexpr std::array<std::string_view, 15> kUnusedSections = {"logger.",
                                                              "storage.snapshots_config.",
                                                              "storage.quotas.",
                                                              "storage.optimizers_overwrite.",
                                                              "storage.hnsw_global_config.",
                                                              "storage.collection.vectors.",
                                                              "storage.collection.quantization.",
                                                              "storage.collection.strict_mode.",
                                                              "cluster.",
                                                              "tls.",
                                                              "gpu.",
                                                              "feature_flags.",
                                                              "audit.",
                                                              "inference.",
                                                              "debugger."};
constexpr std::array<std::string_view, 40> kUnused = {
    "telemetry_disabled",
    "storage.snapshots_path",
    "storage.temp_path",
    "storage.low_memory_mode",
    "storage.update_concurrency",
    "storage.update_queue_size",
    "storage.mmap_advice",
    "storage.node_type",
    "storage.handle_collection_load_errors",
    "storage.recovery_mode",
    "storage.shard_transfer_method",
    "storage.performance.max_optimization_runtime_threads",
    "storage.performance.max_optimization_threads",
    "storage.performance.optimizer_io_budget",
    "storage.performance.update_rate_limit",
    "storage.performance.search_timeout_sec",
    "storage.performance.incoming_shard_transfers_limit",
    "storage.performance.outgoing_shard_transfers_limit",
    "storage.performance.async_scorer",
    "storage.performance.io_uring",
    "storage.performance.max_concurrent_collection_loads",
    "storage.performance.max_concurrent_shard_loads",
    "storage.performance.max_concurrent_segment_loads",
    "storage.hnsw_index.memory",
    "storage.hnsw_index.inline_storage",
    "storage.collection.shard_number_per_node",
    "storage.collection.strict_mode",
    "storage.collection.quantization",
    "storage.collection.vectors",
    "service.metrics_port",
    "service.verify_https_client_certificate",
    "service.enforce_internal_auth",
    "service.hide_jwt_dashboard",
    "service.static_content_dir",
    "service.enable_static_content",
    "service.slow_query_secs",
    "service.hardware_reporting",
    "service.metrics_prefix",
    "service.enable_snapshot_url_recovery",
    "service.http_client_disconnect_timeout_sec",
};

template <typename Names>
bool Contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

SettingUse UseOf(std::string_view key) {
  if (Appliers().contains(key)) return SettingUse::kApplied;
  if (Contains(kRestricting, key)) return SettingUse::kRestricts;
  if (Contains(kUnused, key)) return SettingUse::kUnused;
  for (std::string_view section : kUnusedSections)
    if (key.starts_with(section)) return SettingUse::kUnused;
  return SettingUse::kUnknown;
}

Status ApplySetting(std::string_view key, const std::string& value, ServerConfig* config) {
  return Appliers().find(key)->second(value, config);
}

bool IsOn(std::string_view key, const std::string& value) {
  static constexpr std::array<std::string_view, 7> kNo = {"", "false", "no", "off", "0", "null", "~"};
  if (key.ends_with("api_key")) return !value.empty();
  return !Contains(kNo, absl::AsciiStrToLower(std::string(absl::StripAsciiWhitespace(value))));
}

}  // namespace sextant::app
