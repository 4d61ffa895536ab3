#include "app/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/ascii.h"

namespace sextant::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<ServerConfig> FromYaml(const std::string& yaml) {
  ASSIGN_OR_RETURN(const RawSettings settings, ParseConfigText(yaml, "file test.yaml"));
  return BuildConfig(settings);
}

Result<ServerConfig> FromEnvironment(std::vector<std::string> variables) {
  ConfigSources sources;
  sources.environment = std::move(variables);
  return LoadConfig(sources);
}

std::string ErrorOf(const Result<ServerConfig>& config) {
  return config.ok() ? "ok" : std::string(config.status().message());
}

// A directory of its own that goes away with it.
class ConfigFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/sextant_config_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Write(const std::string& name, const std::string& text) {
    const auto path = std::filesystem::path(directory_) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }

  std::string directory_;
};

TEST(Config, DefaultsListenOnLoopback) {
  const auto config = BuildConfig({});
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->host, "127.0.0.1");
  EXPECT_EQ(config->http_port, 6333);
  EXPECT_EQ(config->grpc_port, 6334);
  EXPECT_EQ(config->storage_path, "./storage");
  EXPECT_TRUE(config->sync);
  EXPECT_EQ(config->defaults.optimizers.indexing_threshold_kb, 10000u);
  EXPECT_EQ(config->defaults.wal_config.Dump(),
            R"({"wal_capacity_mb":32,"wal_segments_ahead":0,"wal_retain_closed":1})");
}

TEST_F(ConfigFiles, LaterSourcesWin) {
  ConfigSources sources;
  sources.files = {
      Write("a.yaml",
            "service: {http_port: 1, grpc_port: 1, max_workers: 1}\nstorage: {storage_path: a}\nlog_level: error"),
      Write("b.yaml", "service: {http_port: 2, grpc_port: 2, max_workers: 2}\nstorage: {storage_path: b}")};
  sources.environment = {"SEXTANT__SERVICE__GRPC_PORT=4",    "QDRANT__SERVICE__HTTP_PORT=3",
                         "QDRANT__SERVICE__GRPC_PORT=3",     "QDRANT__STORAGE__STORAGE_PATH=c",
                         "SEXTANT__STORAGE__STORAGE_PATH=d", "PATH=/bin"};
  sources.command_line = {{"storage.storage_path", {"e", "--storage-path"}}};
  const auto config = LoadConfig(sources);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->log_level, LogLevel::kError);
  EXPECT_EQ(config->max_workers, 2u);
  EXPECT_EQ(config->http_port, 3);
  EXPECT_EQ(config->grpc_port, 4);
  EXPECT_EQ(config->storage_path, "e");
}

TEST_F(ConfigFiles, FindsTheFilesOfADeployment) {
  const std::string config = Write("config/config.yaml", ""), mode = Write("config/production.yml", ""),
                    local = Write("config/local.yaml", "");
  Write("config/development.yaml", "");
  EXPECT_THAT(FindConfigFiles(directory_, "production"), ElementsAre(config, mode, local));
  EXPECT_THAT(FindConfigFiles(directory_ + "/none", "production"), ElementsAre());
}

TEST_F(ConfigFiles, BrokenFilesAreErrors) {
  ConfigSources sources;
  sources.files = {directory_ + "/missing.yaml"};
  EXPECT_THAT(ErrorOf(LoadConfig(sources)), HasSubstr("missing.yaml cannot be read"));
  sources.files = {Write("broken.yaml", "service: [1")};
  EXPECT_THAT(ErrorOf(LoadConfig(sources)), HasSubstr("broken.yaml is not valid YAML"));
  sources.files = {Write("list.yaml", "- a")};
  EXPECT_THAT(ErrorOf(LoadConfig(sources)), HasSubstr("is not a map of settings"));
  sources.files = {Write("empty.yaml", "")};
  EXPECT_EQ(ErrorOf(LoadConfig(sources)), "ok");
}

TEST(Config, FeedsTheDefaultsOfCollections) {
  const auto config = FromYaml(R"(
storage:
  on_disk_payload: false
  payload: {memory: cached}
  wal: {wal_capacity_mb: 64}
  max_collections: 7
  sync_policy: never
  optimizers: {deleted_threshold: 0.5, max_segment_size_kb: 100, memmap_threshold: 200, indexing_threshold_kb: 0,
               max_optimization_threads: auto, flush_interval_sec: null}
  hnsw_index: {m: 32, ef_construct: 200, full_scan_threshold_kb: 20, payload_m: 4, on_disk: true}
  collection: {replication_factor: 2, shard_number: 3}
  performance: {max_search_threads: 5, optimizer_cpu_budget: 6}
)");
  ASSERT_TRUE(config.ok()) << config.status();
  const CollectionConfig& defaults = config->defaults;
  EXPECT_FALSE(defaults.on_disk_payload);
  EXPECT_EQ(defaults.payload->Dump(), R"({"memory":"cached"})");
  EXPECT_EQ(defaults.wal_config.Find("wal_capacity_mb")->as_int(), 64);
  EXPECT_EQ(config->max_collections, 7u);
  EXPECT_FALSE(config->sync);
  EXPECT_EQ(defaults.optimizers.deleted_threshold, 0.5);
  EXPECT_EQ(defaults.optimizers.max_segment_size_kb, 100u);
  EXPECT_EQ(defaults.optimizers.memmap_threshold_kb, 200u);
  EXPECT_EQ(defaults.optimizers.indexing_threshold_kb, 0u);
  EXPECT_EQ(defaults.optimizers.max_optimization_threads->Dump(), "\"auto\"");
  EXPECT_EQ(defaults.optimizers.flush_interval_sec, 5u);
  EXPECT_EQ(defaults.hnsw.m, 32u);
  EXPECT_EQ(defaults.hnsw.full_scan_threshold_kb, 20u);
  EXPECT_EQ(defaults.hnsw.payload_m, 4u);
  EXPECT_EQ(defaults.shard_number, 3u);
  EXPECT_EQ(config->max_search_threads, 5u);
  EXPECT_EQ(config->optimizer_cpu_budget, 6u);
}

TEST(Config, BadValuesNameSettingOriginValueAndLimit) {
  EXPECT_EQ(ErrorOf(FromEnvironment({"SEXTANT__SERVICE__HTTP_PORT=70000"})),
            "service.http_port (environment variable SEXTANT__SERVICE__HTTP_PORT): value \"70000\" invalid, must be an "
            "integer "
            "from 0 to 65535");
  for (const char* yaml :
       {"service: {http_port: x}", "service: {http_port: -1}", "service: {enable_cors: perhaps}", "log_level: loud",
        "service: {max_request_size_mb: 0}", "storage: {optimizers: {deleted_threshold: 2}}",
        "storage: {hnsw_index: {ef_construct: 3}}", "storage: {sync_policy: sometimes}", "storage: {storage_path: ''}",
        "storage: {collection: {shard_number: 0}}", "storage: {optimizers: {max_optimization_threads: many}}",
        "storage: {payload: {memory: pinned}}", "service: {host: [1, 2]}"}) {
    EXPECT_FALSE(FromYaml(yaml).ok()) << yaml;
  }
}

TEST(Config, RefusesToIgnoreASettingThatRestrictsAccess) {
  for (const char* key : {"api_key", "alt_api_key", "read_only_api_key"}) {
    const std::string upper = absl::AsciiStrToUpper(key);
    EXPECT_THAT(ErrorOf(FromEnvironment({"QDRANT__SERVICE__" + upper + "=secret"})), HasSubstr("restricts access"))
        << key;
    EXPECT_THAT(ErrorOf(FromEnvironment({"SEXTANT__SERVICE__" + upper + "=0"})), HasSubstr("restricts access")) << key;
    EXPECT_THAT(ErrorOf(FromYaml("service: {" + std::string(key) + ": secret}")), HasSubstr(key)) << key;
    EXPECT_EQ(ErrorOf(FromEnvironment({"QDRANT__SERVICE__" + upper + "="})), "ok") << key;
    EXPECT_EQ(ErrorOf(FromYaml("service: {" + std::string(key) + ": null}")), "ok") << key;
  }
  for (const char* key : {"jwt_rbac", "enable_tls"}) {
    for (const char* on : {"true", "True", "1", "yes", "on", "anything"}) {
      EXPECT_THAT(ErrorOf(FromYaml("service: {" + std::string(key) + ": " + on + "}")), HasSubstr("restricts access"))
          << key << on;
    }
    for (const char* off : {"false", "False", "0", "no", "''", "null"})
      EXPECT_EQ(ErrorOf(FromYaml("service: {" + std::string(key) + ": " + off + "}")), "ok") << key << off;
  }
}

TEST(Config, ListensOnLoopbackOnly) {
  for (const char* host : {"0.0.0.0", "'::'", "192.168.1.5", "example.org", "1270.0.0.1"}) {
    EXPECT_THAT(ErrorOf(FromYaml("service: {host: " + std::string(host) + "}")), HasSubstr("listens on loopback only"))
        << host;
  }
  for (const char* host : {"127.0.0.1", "127.1.2.3", "'::1'", "localhost"})
    EXPECT_EQ(ErrorOf(FromYaml("service: {host: " + std::string(host) + "}")), "ok") << host;
}

TEST(Config, TellsUnusedFromUnknownSettings) {
  const auto config = FromYaml(R"(
telemetry_disabled: true
cluster: {enabled: true, p2p: {port: 6335}}
storage: {snapshots_path: ./snapshots, unheard_of: 1}
servcie: {http_port: 1}
)");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_THAT(config->unused,
              ElementsAre("cluster.enabled (file test.yaml)", "cluster.p2p.port (file test.yaml)",
                          "storage.snapshots_path (file test.yaml)", "telemetry_disabled (file test.yaml)"));
  EXPECT_THAT(config->unknown,
              ElementsAre("servcie.http_port (file test.yaml)", "storage.unheard_of (file test.yaml)"));
}

TEST(Config, TheFirstOfSeveralLogFiltersCounts) {
  EXPECT_EQ(FromYaml("log_level: 'WARN,raft=debug'")->log_level, LogLevel::kWarning);
}

}  // namespace
}  // namespace sextant::app
