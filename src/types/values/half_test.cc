#include "types/values/half.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

namespace sextant {
namespace {

TEST(Half, HalvesAreTheNearestOnesAndTiesAreEven) {
  std::mt19937 random(1);
  for (uint32_t i = 0; i < 300000; ++i) {
    // All magnitudes, half of them on or beside a tie.
    auto bits = static_cast<uint32_t>(random());
    if (i % 2 == 0) bits = (bits & ~0x1FFFU) | 0x1000 | (random() % 3 == 0 ? 0 : random() % 3 - 1);
    float value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    if (!std::isfinite(value) || std::fabs(value) >= 65520) continue;
    int exponent = 0;
    std::frexp(value, &exponent);
    const int unit = std::max(exponent - 11, -24);  // of the last place
    const double expected = std::ldexp(std::nearbyint(std::ldexp(static_cast<double>(value), -unit)), unit);
    const uint16_t half = FloatToHalf(value);
    const float back = HalfToFloat(half);
    ASSERT_EQ(back, expected) << value;
    ASSERT_EQ(std::signbit(back), std::signbit(value));
  }
  EXPECT_EQ(FloatToHalf(65519), 0x7BFF);
  EXPECT_EQ(FloatToHalf(65520), 0x7C00);
  EXPECT_EQ(FloatToHalf(-INFINITY), 0xFC00);
  EXPECT_EQ(FloatToHalf(NAN) & 0x7C00, 0x7C00);
}

}  // namespace
}  // namespace sextant
