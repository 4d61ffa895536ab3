#include "wire/rest/query_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant::wire {
namespace {

using testing::HasSubstr;

template <typename T>
int StatusOf(const Outcome<T>& outcome) {
  const auto* error = std::get_if<ApiError>(&outcome);
  return error == nullptr ? 200 : error->status;
}

TEST(QueryOptions, ReadsTakeTimeoutAndConsistency) {
  EXPECT_EQ(std::get<0>(ParseReadOptions({{"timeout", "5"}, {"consistency", "majority"}})).timeout_ms, 5000u);
  EXPECT_FALSE(std::get<0>(ParseReadOptions({})).timeout_ms.has_value());
  EXPECT_FALSE(std::get<0>(ParseReadOptions({})).explain);
  EXPECT_TRUE(std::get<0>(ParseReadOptions({{"explain", "true"}})).explain);
  EXPECT_EQ(StatusOf(ParseReadOptions({{"explain", "yes"}})), 400);
  for (const char* good : {"", "1", "quorum", "all"})
    EXPECT_EQ(StatusOf(ParseReadOptions({{"consistency", good}})), 200);
  EXPECT_EQ(StatusOf(ParseReadOptions({{"consistency", "0"}})), 422);
  EXPECT_EQ(StatusOf(ParseReadOptions({{"consistency", "most"}})), 400);
  for (const char* bad : {"0", "-1", "1.5", "x", "", "99999999999999999999", "18446744073709551615"})
    EXPECT_EQ(StatusOf(ParseReadOptions({{"timeout", bad}})), 400) << bad;
}

TEST(QueryOptions, WritesTakeWaitOrderingAndTimeout) {
  const auto options = std::get<0>(ParseWriteOptions({{"wait", "true"}, {"ordering", "strong"}, {"timeout", "2"}}));
  EXPECT_TRUE(options.wait);
  EXPECT_EQ(options.timeout_ms, 2000u);
  EXPECT_FALSE(std::get<0>(ParseWriteOptions({})).wait);
  EXPECT_EQ(StatusOf(ParseWriteOptions({{"wait", "yes"}})), 400);
  EXPECT_EQ(StatusOf(ParseWriteOptions({{"ordering", "strict"}})), 400);
}

TEST(QueryOptions, CollectionOperationsCallAZeroTimeoutAViolation) {
  const auto outcome = CheckMetaOptions({{"timeout", "0"}});
  ASSERT_EQ(StatusOf(outcome), 422);
  EXPECT_EQ(std::get<ApiError>(outcome).message,
            "Validation error in query parameters: [timeout: value 0 invalid, must be 1 or larger]");
  EXPECT_EQ(StatusOf(CheckMetaOptions({{"timeout", "x"}})), 400);
  EXPECT_EQ(StatusOf(CheckMetaOptions({{"timeout", "60"}})), 200);
  EXPECT_THAT(std::get<ApiError>(CheckMetaOptions({{"timeout", "x"}})).message,
              HasSubstr("Deserialize error in query"));
}

}  // namespace
}  // namespace sextant::wire
