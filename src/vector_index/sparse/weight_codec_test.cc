#include "vector_index/sparse/weight_codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace sextant::vector_index {
namespace {

TEST(WeightCodec, BytesErrByHalfAStepAndKeepOrderAndRange) {
  std::mt19937 random(2);
  for (const auto& [min, max] : {std::pair{-0.7F, 1.9F}, {0.1F, 0.1000001F}, {-3e38F, 3e38F}, {2.0F, 2.0F}}) {
    const WeightCodec codec(Datatype::kUint8, min, max);
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
  EXPECT_EQ(WeightCodec(Datatype::kFloat16, -large, large).Round(large), 65504);
  EXPECT_EQ(WeightCodec(Datatype::kFloat16, -large, large).Round(-large), -65504);
  EXPECT_EQ(WeightCodec(Datatype::kFloat32, -large, large).Round(large), large);
}

}  // namespace
}  // namespace sextant::vector_index
