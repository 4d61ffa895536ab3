#include "app/command_line.h"

#include <gtest/gtest.h>

#include <vector>

namespace sextant::app {
namespace {

std::variant<CommandLine, int> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "sextant");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

TEST(CommandLine, OptionsBecomeSettings) {
  const auto parsed = Parse({"--host", "::1", "--http-port=0", "--grpc-port", "7", "--storage-path",
                             ":memory:", "--log-level", "debug", "--config-path", "x.yaml"});
  ASSERT_TRUE(std::holds_alternative<CommandLine>(parsed));
  const auto& line = std::get<CommandLine>(parsed);
  EXPECT_EQ(line.settings.at("service.host").value, "::1");
  EXPECT_EQ(line.settings.at("service.http_port").value, "0");
  EXPECT_EQ(line.settings.at("service.grpc_port").origin, "--grpc-port");
  EXPECT_EQ(line.settings.at("storage.storage_path").value, ":memory:");
  EXPECT_EQ(line.settings.at("log_level").value, "debug");
  EXPECT_EQ(line.config_path, "x.yaml");
}

TEST(CommandLine, SilenceSetsNothing) {
  const auto parsed = Parse({});
  ASSERT_TRUE(std::holds_alternative<CommandLine>(parsed));
  EXPECT_TRUE(std::get<CommandLine>(parsed).settings.empty());
}

TEST(CommandLine, HelpEndsWellAndErrorsDoNot) {
  EXPECT_EQ(std::get<int>(Parse({"--help"})), 0);
  EXPECT_EQ(std::get<int>(Parse({"--version"})), 0);
  EXPECT_NE(std::get<int>(Parse({"--nonsense"})), 0);
  EXPECT_NE(std::get<int>(Parse({"--host"})), 0);
}

}  // namespace
}  // namespace sextant::app
