#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/config_source.h"
#include "base/status.h"
#include "runtime/log.h"
#include "types/config.h"

namespace sextant::app {

// The storage path that means: keep everything in memory.
inline constexpr char kMemoryPath[] = ":memory:";

// What a server needs to know, understood and checked.
struct ServerConfig {
  LogLevel log_level = LogLevel::kInfo;
  std::string host = "127.0.0.1";
  uint16_t http_port = 6333;
  uint16_t grpc_port = 6334;
  uint64_t max_request_size_mb = 32;
  uint64_t max_workers = 0;  // event loops; 0: one per core but one
  bool enable_cors = true;
  uint64_t http_keep_alive_timeout_sec = 75;
  uint64_t http_client_request_timeout_sec = 10;

  std::string storage_path = "./storage";
  bool sync = true;
  uint64_t max_search_threads = 0;    // 0: one per core
  uint64_t optimizer_cpu_budget = 0;  // threads of one graph build; 0: one per core
  std::optional<uint64_t> max_collections;
  CollectionConfig defaults;  // of new collections

  // For the log: what was set and is not used, and what was not understood.
  std::vector<std::string> unused;
  std::vector<std::string> unknown;
};

// Checks and understands settings. kWrongInput names the setting, where it comes from and what would work: a value out
// of range, a setting that restricts access and is not there yet, a host that is not loopback.
Result<ServerConfig> BuildConfig(const RawSettings& settings);

// Where settings come from; later members win over earlier ones.
struct ConfigSources {
  std::vector<std::string> files;        // must exist
  std::vector<std::string> environment;  // as in `environ`: QDRANT__…, then SEXTANT__…
  RawSettings command_line;
};
Result<ServerConfig> LoadConfig(const ConfigSources& sources);

// The configuration files that a server started in `directory` reads by itself, as far as they exist:
// config/config, config/<run mode>, config/local, with the ending .yaml, .yml or .json.
std::vector<std::string> FindConfigFiles(const std::string& directory, const std::string& run_mode);

}  // namespace sextant::app
