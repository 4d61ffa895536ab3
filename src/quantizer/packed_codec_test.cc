#include "quantizer/packed_codec.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <utility>

#include "quantizer/int8_codec.h"

namespace sextant::quantizer {
namespace {

std::vector<float> RandomRows(uint32_t dim, size_t rows, float mean) {
  std::mt19937 random(dim + 1);
  std::normal_distribution<float> normal;
  std::vector<float> values(dim * rows);
  for (size_t i = 0; i < values.size(); ++i) {
    // A few components carry most, as in embeddings.
    const float weight = i % dim % 16 == 3 ? 5 : 1;
    values[i] = weight * (normal(random) + mean);
  }
  return values;
}

float TrueSimilarity(Distance distance, const float* a, const float* b, uint32_t dim) {
  const kernels::KernelTable& kernels = kernels::Kernels();
  return distance == Distance::kEuclid ? -kernels.l2_squared(a, b, dim) : kernels.dot(a, b, dim);
}

float EstimatedSimilarity(const Codec& codec, uint32_t dim, const float* query, const float* row) {
  std::vector<int8_t> q(codec.query_stride()), x(codec.code_stride());
  std::vector<float> scratch(dim);
  const QueryTerms query_terms = codec.EncodeQuery(query, q.data(), scratch.data());
  const RowTerms row_terms = codec.EncodeRow(row, x.data(), scratch.data());
  const uint32_t id = 0;
  int32_t distance = 0;
  codec.kernel()(q.data(), {x.data(), codec.code_stride(), codec.code_stride(), &id, 1}, &distance);
  return Similarity(query_terms, row_terms, distance);
}

struct Case {
  Distance distance;
  CodeFormat format;
};
class PackedCodecTest : public testing::TestWithParam<Case> {};

TEST_P(PackedCodecTest, EstimatesErrByAsMuchAsTheirBitsAllowAndInNoDirection) {
  // Of the product of two rows of the length of the spread: 2^-bits, about; see the paper.
  const double most = GetParam().format == CodeFormat::kPacked4   ? 0.11
                      : GetParam().format == CodeFormat::kPacked2 ? 0.40
                                                                  : 0.85;
  for (const uint32_t dim : {100U, 128U, 384U, 500U, 1000U}) {
    for (const float mean : {0.0F, 3.0F}) {
      constexpr size_t kRows = 400;
      const std::vector<float> rows = RandomRows(dim, kRows, mean);
      const auto row = [&](size_t i) { return rows.data() + i * dim; };
      CodecParams params = Int8Codec::Train(GetParam().distance, dim, kRows, row);
      params.format = GetParam().format;
      const PackedCodec codec(params);
      double squared_error = 0, error = 0, mean_similarity = 0, squared = 0;
      for (size_t i = 0; i + 1 < kRows; ++i) {
        const double exact = TrueSimilarity(params.distance, row(i), row(i + 1), dim);
        const double off = EstimatedSimilarity(codec, dim, row(i), row(i + 1)) - exact;
        squared_error += off * off / (kRows - 1);
        error += off / (kRows - 1);
        mean_similarity += exact / (kRows - 1);
        squared += exact * exact / (kRows - 1);
      }
      const double spread = std::sqrt(squared - mean_similarity * mean_similarity);
      EXPECT_LT(std::sqrt(squared_error), most * spread) << "dim " << dim << " mean " << mean;
      EXPECT_LT(std::fabs(error), 0.2 * most * spread) << "dim " << dim << " mean " << mean;
    }
  }
}

TEST_P(PackedCodecTest, OddVectorsAreCodedWithoutHarm) {
  for (const uint32_t dim : {1U, 2U, 3U, 7U, 33U}) {
    std::vector<float> center(dim, 0.5F);
    const PackedCodec codec(
        {.format = GetParam().format, .distance = GetParam().distance, .dim = dim, .step = 0, .center = center});
    std::vector<float> huge(dim, 3e38F), tiny(dim, 1e-38F), one(dim, 1.0F);
    for (const auto& vector : {center, tiny, one}) {
      EXPECT_TRUE(std::isfinite(EstimatedSimilarity(codec, dim, vector.data(), one.data()))) << dim;
      EXPECT_TRUE(std::isfinite(EstimatedSimilarity(codec, dim, one.data(), vector.data()))) << dim;
    }
    EstimatedSimilarity(codec, dim, huge.data(), huge.data());  // whatever it is
    EXPECT_FLOAT_EQ(EstimatedSimilarity(codec, dim, one.data(), center.data()),
                    TrueSimilarity(GetParam().distance, one.data(), center.data(), dim));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Formats, PackedCodecTest,
    testing::Values(Case{Distance::kCosine, CodeFormat::kPacked4}, Case{Distance::kDot, CodeFormat::kPacked2},
                    Case{Distance::kCosine, CodeFormat::kPacked1}, Case{Distance::kEuclid, CodeFormat::kPacked4},
                    Case{Distance::kEuclid, CodeFormat::kPacked2}, Case{Distance::kEuclid, CodeFormat::kPacked1}));

TEST(Rotation, KeepsLengthsAndProductsAndSpreadsSingleComponents) {
  for (const uint32_t dim : {1U, 2U, 3U, 64U, 100U, 255U, 384U, 768U, 1023U}) {
    const Rotation rotation(dim);
    std::vector<float> a = RandomRows(dim, 1, 0), b = RandomRows(dim, 2, 1);
    b.resize(dim);
    const auto dot = [&] { return kernels::Kernels().dot(a.data(), b.data(), dim); };
    const float product = dot(), scale = 1e-4F * (1 + kernels::Kernels().dot(a.data(), a.data(), dim));
    rotation.Apply(a.data());
    rotation.Apply(b.data());
    EXPECT_NEAR(dot(), product, scale) << dim;
    for (uint32_t d = 0; d < dim && dim >= 64; d += 7) {
      std::vector<float> unit(dim);
      unit[d] = 1;
      rotation.Apply(unit.data());
      float largest = 0;
      for (const float value : unit) largest = std::max(largest, std::fabs(value));
      EXPECT_LT(largest, 6 / std::sqrt(static_cast<float>(dim))) << dim << " component " << d;
    }
  }
}

// Codes that were written long ago are compared with queries that are rotated now.
TEST(Rotation, StaysTheSameToTheLastBit) {
  for (const auto& [dim, expected] : {std::pair<uint32_t, uint64_t>{1, 0xaf63bdbaf901b7df},
                                      {2, 0x04c385a119136fed},
                                      {3, 0x6d0284d022b8e848},
                                      {7, 0xf1ab37fd49f26ddd},
                                      {8, 0xa8c994cccce37eae},
                                      {24, 0xa8e9dcf1d9183fa6},
                                      {384, 0x29fbc090e3f81109},
                                      {1000, 0x4d1f296828a92633},
                                      {1024, 0x3000af6e8c3e690d}}) {
    std::vector<float> values(dim);
    for (uint32_t i = 0; i < dim; ++i) values[i] = static_cast<float>(i % 17) - 8 + static_cast<float>(i % 5) / 4;
    Rotation(dim).Apply(values.data());
    uint64_t hash = 0xcbf29ce484222325;  // FNV-1a, of words
    for (const float value : values) hash = (hash ^ std::bit_cast<uint32_t>(value)) * 0x100000001b3;
    EXPECT_EQ(hash, expected) << dim;
  }
}

}  // namespace
}  // namespace sextant::quantizer
