#include "kernels/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

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
  const std::vector<int8_t> full(kLength / 8, -1);
  const uint32_t first = 0;
  int32_t product = 0;
  table.packed1_dot_batch(low.data(), {full.data(), 0, kLength / 8, &first, 1}, &product);
  EXPECT_EQ(product, -127 * 65536);
  table.packed2_dot_batch(high.data(), {full.data(), 0, kLength / 8, &first, 1}, &product);
  EXPECT_EQ(product, 3 * 127 * 32768);
  table.packed4_dot_batch(low.data(), {full.data(), 0, kLength / 8, &first, 1}, &product);
  EXPECT_EQ(product, -15 * 127 * 16384);
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

TEST_P(KernelLevel, PackedProductsAreThoseOfTheCodesInOrder) {
  const KernelTable& table = *GetParam();
  const CodeBatchKernel kernels[] = {table.packed1_dot_batch, table.packed2_dot_batch, table.packed4_dot_batch};
  for (const unsigned bits : {1U, 2U, 4U}) {
    const CodeBatchKernel kernel = kernels[bits / 2];
    for (const size_t n : {1, 3, 15, 16, 17, 32, 33, 48, 63, 64, 65, 96, 100, 192, 384, 1024}) {
      const size_t stride = n + 5, planes = 8 / bits;
      const std::vector<int8_t> query = Codes(planes * n);
      std::vector<uint8_t> rows(16 * stride);
      for (uint8_t& byte : rows) byte = random_() % 4 == 0 ? 0xFF : static_cast<uint8_t>(random_());
      for (uint32_t count = 0; count <= 13; ++count) {
        std::vector<uint32_t> ids;
        for (uint32_t i = 0; i < count; ++i) ids.push_back((i * 7 + 3) % 16);
        std::vector<int32_t> products(count + 1, 42);
        kernel(query.data(), {reinterpret_cast<const int8_t*>(rows.data()), stride, n, ids.data(), count},
               products.data());
        for (uint32_t i = 0; i < count; ++i) {
          int32_t expected = 0;
          for (size_t code = 0; code < planes * n; ++code) {
            const unsigned byte = rows[ids[i] * stride + code % n];
            expected += query[code] * static_cast<int32_t>(byte >> code / n * bits & ((1U << bits) - 1));
          }
          ASSERT_EQ(products[i], expected) << table.name << " bits=" << bits << " n=" << n << " count=" << count;
        }
        EXPECT_EQ(products[count], 42);
      }
    }
  }
}

TEST_P(KernelLevel, QueriesTogetherAsOneByOne) {
  const KernelTable& table = *GetParam();
  for (const size_t n : {1, 3, 63, 64, 65, 100, 384, 513}) {
    const size_t stride = n + 3;
    const std::vector<int8_t> rows = Codes(16 * stride), codes = Codes(11 * n);
    for (size_t count = 0; count <= 11; ++count) {
      std::vector<const int8_t*> queries;
      for (size_t q = 0; q < count; ++q) queries.push_back(codes.data() + q * n);
      for (uint32_t picked = 0; picked <= 9; ++picked) {
        std::vector<uint32_t> ids;
        for (uint32_t i = 0; i < picked; ++i) ids.push_back((i * 7 + 3) % 16);
        std::vector<int32_t> dots(count * picked + 1, 42), l1s(count * picked + 1, 42);
        const CodeBatch batch{rows.data(), stride, n, ids.data(), picked};
        table.code_dot_queries(queries.data(), count, batch, dots.data());
        table.code_l1_queries(queries.data(), count, batch, l1s.data());
        for (size_t q = 0; q < count; ++q) {
          for (size_t i = 0; i < picked; ++i) {
            const int8_t* const row = rows.data() + ids[i] * stride;
            ASSERT_EQ(dots[q * picked + i], ScalarKernels()->code_dot(queries[q], row, n))
                << table.name << " n=" << n << " queries " << count << " rows " << picked;
            ASSERT_EQ(l1s[q * picked + i], ScalarKernels()->code_l1(queries[q], row, n))
                << table.name << " n=" << n << " queries " << count << " rows " << picked;
          }
        }
        ASSERT_EQ(dots[count * picked], 42);
        ASSERT_EQ(l1s[count * picked], 42);
      }
    }
  }
}

TEST_P(KernelLevel, MaximaAreTheBestSimilarityOfEachQueryRow) {
  const KernelTable& table = *GetParam();
  const auto term = [](int metric, double q, double r) {
    return metric == 0 ? q * r : metric == 1 ? -(q - r) * (q - r) : -std::fabs(q - r);
  };
  for (const size_t dim : {1, 2, 3, 4, 5, 7, 16, 33, 384, 513, 1100}) {
    for (const size_t groups : {0, 1, 2, 3}) {
      const std::vector<float> query = Floats(groups * dim * kQueryLanes), rows = Floats(19 * dim + 1);
      for (size_t count = 0; count <= 19; count += dim > 100 ? 3 : 1) {
        std::vector<std::vector<float>> best(3, std::vector<float>(groups * kQueryLanes + 1, -INFINITY));
        table.max_dot({query.data(), groups, dim}, rows.data() + 1, count, best[0].data());
        table.max_l2({query.data(), groups, dim}, rows.data() + 1, count, best[1].data());
        table.max_l1({query.data(), groups, dim}, rows.data() + 1, count, best[2].data());
        for (int metric = 0; metric < 3; ++metric) {
          for (size_t i = 0; i < groups * kQueryLanes; ++i) {
            double expected = -INFINITY;
            for (size_t r = 0; r < count; ++r) {
              double sum = 0;
              for (size_t d = 0; d < dim; ++d)
                sum += term(metric,
                            static_cast<double>(query[(i / kQueryLanes * dim + d) * kQueryLanes + i % kQueryLanes]),
                            static_cast<double>(rows[r * dim + d + 1]));
              expected = std::max(expected, sum);
            }
            if (count == 0) {
              ASSERT_EQ(best[metric][i], -INFINITY);
            } else {
              ASSERT_NEAR(best[metric][i], expected, 1e-5 * (4 + static_cast<double>(dim)))
                  << table.name << " metric " << metric << " dim " << dim << " count " << count << " query row " << i;
            }
          }
          ASSERT_EQ(best[metric].back(), -INFINITY);
        }
      }
    }
  }
}

TEST_P(KernelLevel, MaximaKeepWhatWasBetterAndPassOverWhatIsNoNumber) {
  const KernelTable& table = *GetParam();
  for (size_t count = 1; count <= 9; ++count) {
    const std::vector<float> query(2 * kQueryLanes, 1);  // dim 2
    std::vector<float> rows(2 * count, 1);
    std::vector<float> best(kQueryLanes, 1);
    best[3] = 5;
    rows[2 * (count - 1)] = INFINITY, rows[2 * (count - 1) + 1] = -INFINITY;
    table.max_dot({query.data(), 1, 2}, rows.data(), count, best.data());
    for (size_t i = 0; i < kQueryLanes; ++i) EXPECT_EQ(best[i], i == 3 ? 5 : count == 1 ? 1 : 2) << table.name;
  }
}

TEST_P(KernelLevel, PostingsAreAddedAsByScalarAndTouchEveryRowOfTheirs) {
  const KernelTable& table = *GetParam();
  for (size_t n = 0; n <= 65; ++n) {
    constexpr uint32_t kFirstRow = 3'000'000'000;
    std::vector<uint32_t> rows(200);
    std::iota(rows.begin(), rows.end(), kFirstRow);
    std::shuffle(rows.begin(), rows.end(), random_);
    rows.resize(n + 1);
    std::vector<float> weights = Floats(n + 1);
    for (size_t i = 0; i < weights.size(); i += 5) weights[i] = 0;  // as -0, a sum would look untouched
    std::vector<double> scores(200, kUntouched), expected(200, kUntouched);
    for (const float query : {-1.5F, 0.3F, 0.0F, -0.0F}) {
      const PostingBatch batch{rows.data() + 1, weights.data() + 1, n, kFirstRow};
      table.add_postings(batch, query, scores.data());
      for (size_t i = 1; i <= n; ++i)
        expected[rows[i] - kFirstRow] += static_cast<double>(query) * static_cast<double>(weights[i]) + 0.0;
    }
    ASSERT_EQ(scores, expected) << table.name << " n=" << n;
    std::vector<uint32_t> touched(200), sorted;
    for (size_t i = 1; i <= n; ++i) sorted.push_back(rows[i] - kFirstRow);
    std::sort(sorted.begin(), sorted.end());
    touched.resize(table.select_above(scores.data(), scores.size(), -INFINITY, touched.data()));
    ASSERT_EQ(touched, sorted) << table.name << " n=" << n;
  }
}

TEST_P(KernelLevel, SelectionFindsWhatIsTouchedAndAboveTheFloor) {
  const KernelTable& table = *GetParam();
  for (size_t n = 0; n <= 65; ++n) {
    std::vector<double> scores(n + 1);
    for (double& score : scores) {
      const uint32_t kind = random_() % 8;
      score = kind == 0 ? kUntouched : kind == 1 ? 0.0 : kind == 2 ? NAN : static_cast<double>(random_() % 7) - 3;
    }
    for (const double floor : {-HUGE_VAL, -1.0, 0.0, 2.0, 3.0, HUGE_VAL}) {
      std::vector<uint32_t> expected, found(n + 1, 42);
      for (uint32_t i = 0; i < n; ++i)
        if (!(scores[i + 1] <= floor) && !(scores[i + 1] == 0 && std::signbit(scores[i + 1]))) expected.push_back(i);
      const size_t count = table.select_above(scores.data() + 1, n, floor, found.data());
      EXPECT_EQ(found[n], 42);
      found.resize(count);
      ASSERT_EQ(found, expected) << table.name << " n=" << n << " floor " << floor;
    }
  }
}

TEST_P(KernelLevel, MembersOfASetAreSelected) {
  const KernelTable& table = *GetParam();
  for (const size_t word_count : {0u, 1u, 3u, 50u}) {
    std::vector<uint64_t> words(word_count);
    for (uint64_t& word : words) word = uint64_t{random_()} << 32 | random_();
    for (size_t n = 0; n <= 70; ++n) {
      std::vector<uint32_t> values(n + 1);
      // Beyond the set, and negative as a signed number, too.
      for (uint32_t& value : values)
        value = random_() % 9 == 0 ? static_cast<uint32_t>(random_())
                                   : static_cast<uint32_t>(random_() % (64 * word_count + 70));
      std::vector<uint32_t> expected, found(n + 1, 42);
      for (uint32_t i = 0; i < n; ++i) {
        const uint32_t value = values[i + 1];
        if (value / 64 < word_count && (words[value / 64] >> (value % 64) & 1) != 0)
          expected.push_back(4'000'000'000 + i);
      }
      const size_t count =
          table.select_members(values.data() + 1, n, {words.data(), words.size()}, 4'000'000'000, found.data());
      EXPECT_EQ(found[n], 42);
      ASSERT_LE(count, n);
      found.resize(count);
      ASSERT_EQ(found, expected) << table.name << " n=" << n << " words " << word_count;
    }
  }
}

TEST_P(KernelLevel, SparseProductsEqualThoseOfSharedIndices) {
  const KernelTable& table = *GetParam();
  for (size_t n = 0; n <= 40; ++n) {
    for (size_t few = 0; few <= 9; ++few) {
      std::vector<uint32_t> row(n + 1), query(few + 1);
      for (uint32_t spread : {7, 60, 4000}) {
        // Index 0 too, and ones that are negative as signed numbers.
        const auto fill = [&](std::vector<uint32_t>* indices) {
          std::set<uint32_t> drawn;
          while (drawn.size() < indices->size()) drawn.insert(random_() % (spread + 40) * 0x1234567);
          std::copy(drawn.begin(), drawn.end(), indices->begin());
        };
        fill(&row);
        fill(&query);
        const std::vector<float> values = Floats(n + 1), weights = Floats(few + 1);
        double sum = 0;
        bool shared = false;
        for (size_t i = 0; i < few; ++i) {
          for (size_t j = 0; j < n; ++j) {
            if (query[i] != row[j]) continue;
            sum += static_cast<double>(weights[i]) * static_cast<double>(values[j]);
            shared = true;
          }
        }
        const auto found = table.sparse_dot({query.data(), weights.data(), few}, {row.data(), values.data(), n});
        ASSERT_EQ(found.has_value(), shared) << table.name << " n=" << n << " few " << few;
        if (shared) {
          ASSERT_NEAR(*found, sum, 1e-13) << table.name << " n=" << n << " few " << few;
        }
      }
    }
  }
}

TEST_P(KernelLevel, UnitsAddUpAsByScalarAndStopAtTheLargest) {
  const KernelTable& table = *GetParam();
  for (size_t n = 0; n <= 130; ++n) {
    std::vector<uint8_t> bytes(n + 1);
    std::vector<uint16_t> sums(n + 2), expected;
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random_());
    for (uint16_t& sum : sums) sum = static_cast<uint16_t>(random_());
    for (const uint16_t factor : {0, 1, 256, 40000, 65535}) {
      expected = sums;
      for (size_t i = 0; i < n; ++i)
        expected[i + 1] = static_cast<uint16_t>(std::min<uint32_t>(sums[i + 1] + (bytes[i + 1] * factor >> 8), 65535));
      table.add_bytes(bytes.data() + 1, n, factor, sums.data() + 1);
      ASSERT_EQ(sums, expected) << table.name << " n=" << n;
    }
    constexpr uint32_t kFirstRow = 3'000'000'000;
    std::vector<uint32_t> rows(n + 1);
    for (size_t i = 1; i <= n; ++i) rows[i] = kFirstRow + static_cast<uint32_t>(n - i);
    const std::vector<float> weights = Floats(n + 1);
    const float largest = std::fabs(*std::max_element(weights.begin(), weights.end()));
    for (const double factor : {-3.0, 0.0, 1.5, 65535.0 / static_cast<double>(largest)}) {
      expected = sums;
      for (size_t i = 1; i <= n; ++i) {
        const double units = std::floor(std::max(0.0, factor * static_cast<double>(weights[i])));
        uint16_t& sum = expected[n - i];
        sum = static_cast<uint16_t>(std::min<double>(sum + 1 + units, 65535));
      }
      table.add_ceilings({rows.data() + 1, weights.data() + 1, n, kFirstRow}, factor, sums.data());
      ASSERT_EQ(sums, expected) << table.name << " n=" << n << " factor " << factor;
    }
    for (const uint16_t least : {1, 300, 32768, 65535}) {
      std::vector<uint32_t> above, found(n + 1, 42);
      for (uint32_t i = 0; i < n; ++i)
        if (sums[i + 1] >= least) above.push_back(i);
      const size_t count = table.select_at_least(sums.data() + 1, n, least, found.data());
      EXPECT_EQ(found[n], 42);
      found.resize(count);
      ASSERT_EQ(found, above) << table.name << " n=" << n << " least " << least;
    }
  }
}

TEST_P(KernelLevel, StoredWeightsExpandAsByScalar) {
  const KernelTable& table = *GetParam();
  std::vector<uint16_t> halves(65536);
  std::iota(halves.begin(), halves.end(), uint16_t{0});
  std::vector<uint8_t> bytes(300);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 7);
  const ByteScale scale{.min = -0.7F, .max = 1.9F, .step = 2.6F / 255};
  const auto compare = [&](const std::vector<float>& found, const std::vector<float>& expected, size_t n) {
    for (size_t i = 0; i < n; ++i)
      ASSERT_TRUE(found[i] == expected[i] || (std::isnan(found[i]) && std::isnan(expected[i]))) << i << " of " << n;
    ASSERT_EQ(found[n], 42) << n;
  };
  for (size_t n : Lengths()) {
    std::vector<float> found(n + 1, 42), expected(n + 1, 42);
    if (n <= halves.size()) {
      table.expand_halves(halves.data() + (n < 60000 ? 15001 : 0), found.data(), n);
      ScalarKernels()->expand_halves(halves.data() + (n < 60000 ? 15001 : 0), expected.data(), n);
      compare(found, expected, n);
    }
    if (n < bytes.size()) {
      found.assign(n + 1, 42);
      table.expand_bytes(bytes.data() + 1, scale, found.data(), n);
      ScalarKernels()->expand_bytes(bytes.data() + 1, scale, expected.data(), n);
      compare(found, expected, n);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, KernelLevel, testing::ValuesIn(SupportedKernels()),
                         [](const auto& param) { return std::string(param.param->name); });

TEST(Kernels, HalvesMeanWhatTheStandardSays) {
  const std::vector<uint16_t> halves = {0x0000, 0x3C00, 0xC000, 0x7BFF, 0x0001, 0x0400, 0x3555, 0x7C00, 0x83FF};
  std::vector<float> found(halves.size());
  ScalarKernels()->expand_halves(halves.data(), found.data(), halves.size());
  EXPECT_EQ(found, (std::vector<float>{0, 1, -2, 65504, 0x1p-24F, 0x1p-14F, 0.333251953125F, INFINITY, -0x3FFp-24F}));
}

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
