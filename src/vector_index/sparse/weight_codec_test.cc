#include "vector_index/sparse/weight_codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace sextant::vector_index {
namespace {

TEST(WeightCodec, HalvesAreTheNearestOnesAndTiesAreEven) {
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
    float back = 0;
    kernels::Kernels().expand_halves(&half, &back, 1);
    ASSERT_EQ(back, expected) << value;
    ASSERT_EQ(std::signbit(back), std::signbit(value));
  }
  EXPECT_EQ(FloatToHalf(65519), 0x7BFF);
  EXPECT_EQ(FloatToHalf(65520), 0x7C00);
  EXPECT_EQ(FloatToHalf(-INFINITY), 0xFC00);
  EXPECT_EQ(FloatToHalf(NAN) & 0x7C00, 0x7C00);
}

TEST(WeightCodec, BytesErrByHalfAStepAndKeepOrderAndRange) {
  std::mt19937 random(2);
  for (const auto& [min, max] : {std::pair{-0.7F, 1.9F}, {0.1F, 0.1000001F}, {-3e38F, 3e38F}, {2.0F, 2.0F}}) {
    const WeightCodec codec(SparseDatatype::kUint8, min, max);
    const double step = (static_cast<double>(max) - min) / 255;
    std::uniform_real_distribution<double> any(min, std::nextafter(static_cast<double>(max), HUGE_VAL));
    for (uint32_t i = 0; i < 2000; ++i) {
      const auto a = static_cast<float>(any(random)), b = static_cast<float>(any(random));
      const float stored = codec.Round(a);
      EXPECT_NEAR(stored, a, step / 2 * 1.001 + std::fabs(a) * 1e-6);
      EXPECT_GE(stored, min);
      EXPECT_LE(stored, max);
      EXPECT_EQ(a < b ? codec.Round(a) <= codec.Round(b) : codec.Round(a) >= codec.Round(b), true);
    }
    EXPECT_EQ(codec.Round(min), min);
  }
}

TEST(WeightCodec, HalvesSaturateAndFloatsStay) {
  const float large = 1e30F;
  EXPECT_EQ(WeightCodec(SparseDatatype::kFloat16, -large, large).Round(large), 65504);
  EXPECT_EQ(WeightCodec(SparseDatatype::kFloat16, -large, large).Round(-large), -65504);
  EXPECT_EQ(WeightCodec(SparseDatatype::kFloat32, -large, large).Round(large), large);
}

}  // namespace
}  // namespace sextant::vector_index
