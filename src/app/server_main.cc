#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "app/command_line.h"
#include "app/config.h"
#include "app/server.h"
#include "runtime/log.h"
#include "runtime/memory.h"

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace sextant::app {
namespace {

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

int Fail(const Status& status) {
  std::fprintf(stderr, "sextant: %s\n", std::string(status.message()).c_str());
  return EXIT_FAILURE;
}

ConfigSources SourcesOf(const CommandLine& command_line) {
  ConfigSources sources;
  const char* run_mode = std::getenv("RUN_MODE");
  sources.files = FindConfigFiles(".", run_mode != nullptr ? run_mode : "development");
  if (command_line.config_path) sources.files.push_back(*command_line.config_path);
  for (char** variable = environ; *variable != nullptr; ++variable) sources.environment.emplace_back(*variable);
  sources.command_line = command_line.settings;
  return sources;
}

void LogLeftovers(const ServerConfig& config) {
  if (!config.unused.empty())
    LogWarning("settings that have no effect in this version: " + absl::StrJoin(config.unused, ", "));
  if (!config.unknown.empty()) LogWarning("unknown settings, ignored: " + absl::StrJoin(config.unknown, ", "));
}

int Serve(const ServerConfig& config) {
  // Blocked before any thread starts, so that all inherit it and only sigwait sees the signals.
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  TuneAllocator();
  auto server = Server::Start(config);
  if (!server.ok()) return Fail(server.status());
  std::printf("%s\n", (*server)->Describe().c_str());
  std::fflush(stdout);
  int received = 0;
  sigwait(&signals, &received);
  // A second signal while closing ends the process at once; acknowledged writes are safe.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  LogInfo("stopping");
  server->reset();
  return EXIT_SUCCESS;
}

int Main(int argc, const char* const* argv) {
  const auto command_line = ParseCommandLine(argc, argv);
  if (const int* code = std::get_if<int>(&command_line)) return *code;
  auto config = LoadConfig(SourcesOf(std::get<CommandLine>(command_line)));
  if (!config.ok()) return Fail(config.status());
  SetLogLevel(config->log_level);
  LogLeftovers(*config);
  return Serve(*config);
}

}  // namespace
}  // namespace sextant::app

int main(int argc, char** argv) {
  try {
    return sextant::app::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sextant: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
