#include "app/config.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "app/settings.h"

namespace sextant::app {
namespace {

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || absl::StartsWith(host, "127.");
}

Status CheckHost(const ServerConfig& config, const RawSettings& settings) {
  if (IsLoopback(config.host)) return OkStatus();
  const auto setting = settings.find("service.host");
  return WrongInput(absl::StrCat(
      "service.host is ", config.host, setting == settings.end() ? "" : absl::StrCat(" (", setting->second.origin, ")"),
      ", but this version cannot ask clients for a key yet and therefore listens on loopback only, so that the data is "
      "not open to the network; set it to 127.0.0.1 (and forward the port if other machines must reach it)"));
}

// Every origin once, for a message on a setting.
std::string Describe(const std::string& key, const RawSetting& setting) {
  return absl::StrCat(key, " (", setting.origin, ")");
}

Status Apply(const std::string& key, const RawSetting& setting, ServerConfig* config) {
  switch (UseOf(key)) {
    case SettingUse::kApplied:
      if (Status status = ApplySetting(key, setting.value, config); !status.ok())
        return Annotate(status, Describe(key, setting));
      return OkStatus();
    case SettingUse::kRestricts:
      if (!IsOn(key, setting.value)) return OkStatus();
      return WrongInput(absl::StrCat(Describe(key, setting),
                                     " restricts access, but this version does not support it yet; starting without it "
                                     "would leave the data open. Remove the setting to start on loopback without it"));
    case SettingUse::kUnused: config->unused.push_back(Describe(key, setting)); return OkStatus();
    case SettingUse::kUnknown: config->unknown.push_back(Describe(key, setting)); return OkStatus();
  }
  return OkStatus();
}

}  // namespace

Result<ServerConfig> BuildConfig(const RawSettings& settings) {
  ServerConfig config;
  config.defaults = DefaultCollectionConfig();
  for (const auto& [key, setting] : settings) RETURN_IF_ERROR(Apply(key, setting, &config));
  RETURN_IF_ERROR(CheckHost(config, settings));
  return config;
}

Result<ServerConfig> LoadConfig(const ConfigSources& sources) {
  RawSettings settings;
  for (const std::string& path : sources.files) {
    ASSIGN_OR_RETURN(const RawSettings file, ReadConfigFile(path));
    MergeSettings(file, &settings);
  }
  // The reference's names are understood too; ours win.
  MergeSettings(ReadEnvironment(sources.environment, "QDRANT"), &settings);
  MergeSettings(ReadEnvironment(sources.environment, "SEXTANT"), &settings);
  MergeSettings(sources.command_line, &settings);
  return BuildConfig(settings);
}

std::vector<std::string> FindConfigFiles(const std::string& directory, const std::string& run_mode) {
  std::vector<std::string> found;
  for (const std::string& name : {std::string("config"), run_mode, std::string("local")}) {
    for (const char* ending : {".yaml", ".yml", ".json"}) {
      const auto path = std::filesystem::path(directory) / "config" / (name + ending);
      std::error_code ignored;
      if (std::filesystem::is_regular_file(path, ignored)) found.push_back(path.string());
    }
  }
  return found;
}

}  // namespace sextant::app
