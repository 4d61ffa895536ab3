#include "wire/rest/uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant::wire {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Uri, DecodesPercent) {
  EXPECT_EQ(DecodePercent("a%20b%2Fc%c3%a9", false), "a b/c\u00e9");
  EXPECT_EQ(DecodePercent("a+b", false), "a+b");
  EXPECT_EQ(DecodePercent("a+b", true), "a b");
  EXPECT_EQ(DecodePercent("100%", false), "100%");
  EXPECT_EQ(DecodePercent("%zz%4", false), "%zz%4");
  EXPECT_EQ(DecodePercent("%00", false), std::string(1, '\0'));
}

TEST(Uri, SplitsPaths) {
  EXPECT_THAT(SplitPath("/"), ElementsAre());
  EXPECT_THAT(SplitPath("/collections/a%2Fb//points/"), ElementsAre("collections", "a/b", "points"));
  EXPECT_THAT(SplitPath("/c/index/a[].b"), ElementsAre("c", "index", "a[].b"));
}

TEST(Uri, SplitsQueries) {
  EXPECT_THAT(SplitQuery(""), ElementsAre());
  EXPECT_THAT(SplitQuery("wait=true&&timeout=5&x&y=a%26b=c"),
              ElementsAre(Pair("wait", "true"), Pair("timeout", "5"), Pair("x", ""), Pair("y", "a&b=c")));
}

}  // namespace
}  // namespace sextant::wire
