#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace sextant::app {

// One setting as some source gives it, before it is understood.
struct RawSetting {
  std::string value;   // text; a YAML list or the like as YAML
  std::string origin;  // for messages: "--host", "environment variable X", "file Y"
};

// By dotted lower-case key: `service.http_port`. A setting that is null in its source is not there.
using RawSettings = std::map<std::string, RawSetting>;

// A YAML (or JSON) file. kWrongInput when it cannot be read or is no map.
Result<RawSettings> ReadConfigFile(const std::string& path);
Result<RawSettings> ParseConfigText(const std::string& yaml, const std::string& origin);

// Variables `PREFIX__SECTION__KEY=value`, as in `environ`.
RawSettings ReadEnvironment(const std::vector<std::string>& variables, std::string_view prefix);

// Puts `upper` over `lower`.
void MergeSettings(const RawSettings& upper, RawSettings* lower);

}  // namespace sextant::app
