#pragma once

#include <optional>
#include <string>
#include <variant>

#include "app/config_source.h"

namespace sextant::app {

struct CommandLine {
  RawSettings settings;
  std::optional<std::string> config_path;
};

// The options of the server, or the exit code when it should end at once (--help, --version, an error), after printing.
std::variant<CommandLine, int> ParseCommandLine(int argc, const char* const* argv);

}  // namespace sextant::app
