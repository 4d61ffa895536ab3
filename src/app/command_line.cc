#include "app/command_line.h"

#include <CLI/CLI.hpp>

namespace sextant::app {
namespace {

constexpr char kFooter[] =
    "Every setting can also be given in a YAML file (config/config.yaml lists them all) or in the environment:\n"
    "service.http_port is SEXTANT__SERVICE__HTTP_PORT. The names QDRANT__... are understood too. Order of precedence,\n"
    "low to high: built-in defaults, ./config/config.yaml, ./config/$RUN_MODE.yaml (development when unset),\n"
    "./config/local.yaml, --config-path, QDRANT__..., SEXTANT__..., the options above.\n"
    "SIGINT (Ctrl-C) and SIGTERM stop the server cleanly.";

}  // namespace

std::variant<CommandLine, int> ParseCommandLine(int argc, const char* const* argv) {
  CLI::App app("Sextant, a vector search engine.", "sextant");
  app.footer(kFooter);
  app.set_version_flag("--version", "sextant 0.1.0", "Print the version and exit");
  app.set_help_flag("-h,--help", "Print this and exit");

  CommandLine parsed;
  // Values stay text: whether they make sense is decided once, for all sources.
  const auto option = [&](const char* name, const char* key, const char* help) {
    app.add_option_function<std::string>(
           name, [&parsed, key, name](const std::string& value) { parsed.settings[key] = {value, name}; }, help)
        ->type_name("TEXT");
  };
  option("--host", "service.host",
         "IP address to listen on, loopback only until access keys are there (default 127.0.0.1)");
  option("--http-port", "service.http_port", "TCP port of the REST interface, 0 for any free one (default 6333)");
  option("--grpc-port", "service.grpc_port", "TCP port of the gRPC interface; 0 takes any free one (default 6334)");
  option("--storage-path", "storage.storage_path",
         "Directory of the data, created when missing; \":memory:\" keeps everything in memory (default ./storage)");
  option("--log-level", "log_level", "trace, debug, info, warn, error or off (default info)");
  app.add_option("--config-path", parsed.config_path, "YAML file with settings; must exist")->type_name("FILE");
  bool disable_telemetry = false;
  app.add_flag("--disable-telemetry", disable_telemetry, "Accepted and ignored: Sextant never sends telemetry");
  // The fence of CLI11, which reports by exceptions, also for --help.
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& end) {
    return app.exit(end);
  }
  return parsed;
}

}  // namespace sextant::app
