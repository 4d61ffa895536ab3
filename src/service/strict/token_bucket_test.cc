#include "service/strict/token_bucket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/retry_after.h"

namespace sextant::service {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

const TokenBucket::Time kStart = TokenBucket::Time() + std::chrono::hours(1);

TEST(TokenBucket, IsFullAtTheStartAndRefilledEvenly) {
  TokenBucket bucket(60, kStart);
  EXPECT_TRUE(bucket.Take(60, "Read", kStart).ok());
  EXPECT_FALSE(bucket.Take(1, "Read", kStart).ok());
  EXPECT_FALSE(bucket.Take(1, "Read", kStart + milliseconds(900)).ok());
  EXPECT_TRUE(bucket.Take(1, "Read", kStart + milliseconds(1100)).ok());
  EXPECT_FALSE(bucket.Take(1, "Read", kStart + milliseconds(1100)).ok());
}

TEST(TokenBucket, NeverHoldsMoreThanAMinutesTokens) {
  TokenBucket bucket(10, kStart);
  EXPECT_TRUE(bucket.Take(10, "Read", kStart + seconds(3600)).ok());
  EXPECT_FALSE(bucket.Take(1, "Read", kStart + seconds(3600)).ok());
}

TEST(TokenBucket, TellsWhenToRetryRoundedUp) {
  TokenBucket bucket(30, kStart);
  ASSERT_TRUE(bucket.Take(29, "Write", kStart).ok());
  const Status refused = bucket.Take(4, "Write", kStart);
  EXPECT_EQ(ErrorClassOf(refused), ErrorClass::kBusy);
  EXPECT_EQ(refused.message(),
            "Write rate limit exceeded: Operation requires 4 tokens but only 1 were available. Retry after 6s");
  EXPECT_EQ(RetryAfterOf(refused), 6u);
  EXPECT_TRUE(bucket.Take(4, "Write", kStart + seconds(6)).ok());
}

TEST(TokenBucket, RefusesForGoodWhatItNeverHolds) {
  TokenBucket bucket(5, kStart);
  const Status refused = bucket.Take(6, "Read", kStart);
  EXPECT_EQ(ErrorClassOf(refused), ErrorClass::kBusy);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("capacity of 5"));
  EXPECT_EQ(RetryAfterOf(refused), std::nullopt);
  EXPECT_TRUE(bucket.Take(5, "Read", kStart).ok());  // nothing was taken
}

}  // namespace
}  // namespace sextant::service
