#include "app/config_source.h"

#include <yaml-cpp/yaml.h>

#include <exception>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace sextant::app {
namespace {

constexpr char kSeparator[] = "__";

void Flatten(const YAML::Node& node, const std::string& key, const std::string& origin, RawSettings* out) {
  if (node.IsNull()) return;
  if (node.IsMap()) {
    for (const auto& member : node) {
      const std::string name = absl::AsciiStrToLower(member.first.as<std::string>());
      Flatten(member.second, key.empty() ? name : absl::StrCat(key, ".", name), origin, out);
    }
    return;
  }
  (*out)[key] = {node.IsScalar() ? node.Scalar() : YAML::Dump(node), origin};
}

}  // namespace

Result<RawSettings> ParseConfigText(const std::string& yaml, const std::string& origin) {
  // The fence of yaml-cpp, which reports by exceptions.
  try {
    const YAML::Node root = YAML::Load(yaml);
    RawSettings settings;
    if (!root.IsNull() && !root.IsMap()) return WrongInput(absl::StrCat(origin, " is not a map of settings"));
    Flatten(root, "", origin, &settings);
    return settings;
  } catch (const std::exception& error) {
    return WrongInput(absl::StrCat(origin, " is not valid YAML: ", error.what()));
  }
}

Result<RawSettings> ReadConfigFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || file.bad()) return WrongInput(absl::StrCat("the configuration file ", path, " cannot be read"));
  return ParseConfigText(text.str(), absl::StrCat("file ", path));
}

RawSettings ReadEnvironment(const std::vector<std::string>& variables, std::string_view prefix) {
  const std::string start = std::string(prefix) + kSeparator;
  RawSettings settings;
  for (const std::string& variable : variables) {
    const size_t equals = variable.find('=');
    if (equals == std::string::npos || !absl::StartsWith(variable, start)) continue;
    const std::string name = variable.substr(0, equals);
    const std::string key = absl::AsciiStrToLower(absl::StrReplaceAll(name.substr(start.size()), {{kSeparator, "."}}));
    settings[key] = {variable.substr(equals + 1), absl::StrCat("environment variable ", name)};
  }
  return settings;
}

void MergeSettings(const RawSettings& upper, RawSettings* lower) {
  for (const auto& [key, setting] : upper) (*lower)[key] = setting;
}

}  // namespace sextant::app
