#include "kernels/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "kernels/levels.h"

namespace sextant::kernels {
namespace {

std::vector<size_t> Lengths() {
  std::vector<size_t> lengths = {0, 384, 768, 1536, 65536};
  for (size_t n = 1; n <= 65; ++n) lengths.push_back(n);
  return lengths;
}

class KernelLevel : public testing::TestWithParam<const KernelTable*> {
 protected:
  std::vector<float> Floats(size_t n) {
    std::normal_distribution<float> normal;
    std::vector<float> values(n);
    for (float& value : values) value = normal(random_);
    return values;
  }
  // Extremes are as frequent as everything else, so that sums of 16 bits would saturate.
  std::vector<int8_t> Codes(size_t n) {
    std::uniform_int_distribution<int> any(-127, 127);
    std::vector<int8_t> values(n);
    for (int8_t& value : values) {
      const int x = any(random_);
      value = static_cast<int8_t>(x % 3 == 0 ? 127 : x % 3 == 1 ? -127 : x);
    }
    return values;
  }
  std::mt19937 random_{7};
};

TEST_P(KernelLevel, FloatDistancesAgreeWithScalarAtEveryLengthAndOffset) {
  const KernelTable& table = *GetParam();
  const KernelTable& scalar = *ScalarKernels();
  for (size_t n : Lengths()) {
    for (size_t offset : {0, 1, 3}) {
      const std::vector<float> a = Floats(n + offset), b = Floats(n + offset);
      const float *x = a.data() + offset, *y = b.data() + offset;
      const float slack = 1e-4F * (1 + static_cast<float>(n) / 16);
      EXPECT_NEAR(table.dot(x, y, n), scalar.dot(x, y, n), slack) << table.name << " n=" << n;
      EXPECT_NEAR(table.l2_squared(x, y, n), scalar.l2_squared(x, y, n), slack) << table.name << " n=" << n;
      EXPECT_NEAR(table.l1(x, y, n), scalar.l1(x, y, n), slack) << table.name << " n=" << n;
    }
  }
}

TEST_P(KernelLevel, NormalizeGivesLengthOneAndKeepsZeroVectors) {
  const KernelTable& table = *GetParam();
  for (size_t n : Lengths()) {
    if (n == 0) continue;
    std::vector<float> values = Floats(n + 1);
    const float expected = std::sqrt(ScalarKernels()->dot(values.data() + 1, values.data() + 1, n));
    EXPECT_NEAR(table.normalize(values.data() + 1, values.data() + 1, n), expected, 1e-4 * expected);
    EXPECT_NEAR(ScalarKernels()->dot(values.data() + 1, values.data() + 1, n), 1, 1e-5) << table.name << " n=" << n;
    std::vector<float> zero(n), out(n, 1.0F);
    EXPECT_EQ(table.normalize(zero.data(), out.data(), n), 0);
    EXPECT_EQ(out, zero);
  }
}

TEST_P(KernelLevel, CodeDistancesAreExactAtEveryLengthAndOffset) {
  const KernelTable& table = *GetParam();
  for (size_t n : Lengths()) {
    for (size_t offset : {0, 1, 7}) {
      const std::vector<int8_t> a = Codes(n + offset), b = Codes(n + offset);
      const int8_t *x = a.data() + offset, *y = b.data() + offset;
      EXPECT_EQ(table.code_dot(x, y, n), ScalarKernels()->code_dot(x, y, n)) << table.name << " n=" << n;
      EXPECT_EQ(table.code_l1(x, y, n), ScalarKernels()->code_l1(x, y, n)) << table.name << " n=" << n;
    }
  }
}

TEST_P(KernelLevel, ExtremeCodesDoNotSaturate) {
  const KernelTable& table = *GetParam();
  constexpr size_t kLength = 65536;
  const std::vector<int8_t> high(kLength, 127), low(kLength, -127);
  EXPECT_EQ(table.code_dot(high.data(), high.data(), kLength), 127 * 127 * 65536);
  EXPECT_EQ(table.code_dot(high.data(), low.data(), kLength), -127 * 127 * 65536);
  EXPECT_EQ(table.code_dot(low.data(), low.data(), kLength), 127 * 127 * 65536);
  EXPECT_EQ(table.code_l1(high.data(), low.data(), kLength), 254 * 65536);
}

TEST_P(KernelLevel, BatchesEqualSingleDistances) {
  const KernelTable& table = *GetParam();
  for (size_t n : Lengths()) {
    if (n > 2000) continue;
    const size_t stride = n + 3;
    const std::vector<int8_t> rows = Codes(16 * stride), query = Codes(n);
    for (uint32_t count = 0; count <= 11; ++count) {
      std::vector<uint32_t> ids;
      for (uint32_t i = 0; i < count; ++i) ids.push_back((i * 7 + 3) % 16);
      std::vector<int32_t> dots(count + 1, 42), l1s(count + 1, 42);
      const CodeBatch batch{rows.data(), stride, n, ids.data(), count};
      table.code_dot_batch(query.data(), batch, dots.data());
      table.code_l1_batch(query.data(), batch, l1s.data());
      for (uint32_t i = 0; i < count; ++i) {
        const int8_t* row = rows.data() + ids[i] * stride;
        ASSERT_EQ(dots[i], ScalarKernels()->code_dot(query.data(), row, n)) << table.name << " n=" << n;
        ASSERT_EQ(l1s[i], ScalarKernels()->code_l1(query.data(), row, n)) << table.name << " n=" << n;
      }
      EXPECT_EQ(dots[count], 42);
      EXPECT_EQ(l1s[count], 42);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, KernelLevel, testing::ValuesIn(SupportedKernels()),
                         [](const auto& param) { return std::string(param.param->name); });

TEST(Kernels, OverrideNamesASupportedLevelOrIsIgnored) {
  const std::vector<const KernelTable*> supported = SupportedKernels();
  EXPECT_EQ(ChooseKernels(supported, "scalar"), ScalarKernels());
  EXPECT_EQ(ChooseKernels(supported, ""), supported.back());
  EXPECT_EQ(ChooseKernels(supported, "mmx"), supported.back());
  for (const KernelTable* table : supported) {
    const KernelTable* chosen = ChooseKernels(supported, table->name);
    EXPECT_TRUE(chosen->name.starts_with(table->name));
  }
}

}  // namespace
}  // namespace sextant::kernels
