#include "runtime/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sextant {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Log, LevelsParseInAnyCase) {
  LogLevel level = LogLevel::kOff;
  EXPECT_TRUE(ParseLogLevel("TRACE", &level));
  EXPECT_EQ(level, LogLevel::kTrace);
  EXPECT_TRUE(ParseLogLevel("Warn", &level));
  EXPECT_EQ(level, LogLevel::kWarning);
  EXPECT_TRUE(ParseLogLevel("warning", &level));
  EXPECT_EQ(level, LogLevel::kWarning);
  EXPECT_TRUE(ParseLogLevel("off", &level));
  EXPECT_EQ(level, LogLevel::kOff);
  EXPECT_FALSE(ParseLogLevel("loud", &level));
  EXPECT_FALSE(ParseLogLevel("", &level));
  EXPECT_EQ(level, LogLevel::kOff);
}

TEST(Log, WritesLinesAtOrAboveTheLevelToStandardError) {
  ::testing::internal::CaptureStderr();
  SetLogLevel(LogLevel::kWarning);
  LogDebug("not one");
  LogInfo("not two");
  LogWarning("three {} %s");
  LogError("four\nfake event");
  SetLogLevel(LogLevel::kOff);
  LogError("not five");
  SetLogLevel(LogLevel::kInfo);
  const std::string out = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(out, Not(HasSubstr("not ")));
  EXPECT_THAT(out, HasSubstr("warning three {} %s\n"));
  EXPECT_THAT(out, HasSubstr("error four fake event\n"));
}

}  // namespace
}  // namespace sextant
