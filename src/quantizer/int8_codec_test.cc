#include "quantizer/int8_codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace sextant::quantizer {
namespace {

struct Data {
  uint32_t dim;
  std::vector<float> values;
  const float* row(size_t i) const { return values.data() + i * dim; }
  size_t rows() const { return values.size() / dim; }
};

Data MakeData(uint32_t dim, size_t rows, float mean, bool normalised) {
  std::mt19937 random(dim + 1);
  std::normal_distribution<float> normal;
  Data data{dim, std::vector<float>(dim * rows)};
  for (float& value : data.values) value = normal(random) + mean;
  for (size_t i = 0; normalised && i < rows; ++i)
    kernels::Kernels().normalize(data.row(i), data.values.data() + i * dim, dim);
  return data;
}

float ExactSimilarity(Distance distance, const float* a, const float* b, uint32_t dim) {
  const kernels::KernelTable& kernels = kernels::Kernels();
  if (distance == Distance::kEuclid) return -kernels.l2_squared(a, b, dim);
  if (distance == Distance::kManhattan) return -kernels.l1(a, b, dim);
  return kernels.dot(a, b, dim);
}

float CodedSimilarity(const Int8Codec& codec, const float* query, const float* row) {
  std::vector<int8_t> q(codec.code_stride()), x(codec.code_stride());
  std::vector<float> scratch(codec.params().dim);
  const QueryTerms query_terms = codec.EncodeQuery(query, q.data(), scratch.data());
  const RowTerms row_terms = codec.EncodeRow(row, x.data(), scratch.data());
  const uint32_t id = 0;
  int32_t distance = 0;
  const kernels::CodeBatch batch{x.data(), codec.code_stride(), codec.code_stride(), &id, 1};
  Int8Codec::BatchKernel(kernels::Kernels(), codec.params().distance)(q.data(), batch, &distance);
  return Similarity(query_terms, row_terms, distance);
}

class Int8CodecTest : public testing::TestWithParam<Distance> {};

TEST_P(Int8CodecTest, CodedSimilarityIsNearTheExactOne) {
  for (uint32_t dim : {1U, 2U, 17U, 33U, 100U, 384U}) {
    for (float mean : {0.0F, 3.0F}) {
      const Data data = MakeData(dim, 300, mean, GetParam() == Distance::kCosine);
      const Int8Codec codec(Int8Codec::Train(GetParam(), dim, data.rows(), [&](size_t i) { return data.row(i); }));
      double error = 0, spread = 0;
      for (size_t i = 0; i + 1 < data.rows(); ++i) {
        const float exact = ExactSimilarity(GetParam(), data.row(i), data.row(i + 1), dim);
        error += std::fabs(CodedSimilarity(codec, data.row(i), data.row(i + 1)) - exact);
        spread += std::fabs(exact - ExactSimilarity(GetParam(), data.row(i), data.row(0), dim));
      }
      EXPECT_LT(error, 0.02 * spread + 1e-4) << "dim " << dim << " mean " << mean;
    }
  }
}

TEST_P(Int8CodecTest, EqualAndZeroVectorsHaveFiniteSimilarities) {
  const uint32_t dim = 40;
  for (float value : {0.0F, 1.0F, 1e-38F, 1e18F}) {
    const std::vector<float> row(dim, value);
    const Int8Codec codec(Int8Codec::Train(GetParam(), dim, 5, [&](size_t) { return row.data(); }));
    EXPECT_TRUE(std::isfinite(CodedSimilarity(codec, row.data(), row.data()))) << value;
    EXPECT_NEAR(CodedSimilarity(codec, row.data(), row.data()) /
                    std::max(1.0F, std::fabs(ExactSimilarity(GetParam(), row.data(), row.data(), dim))),
                ExactSimilarity(GetParam(), row.data(), row.data(), dim) /
                    std::max(1.0F, std::fabs(ExactSimilarity(GetParam(), row.data(), row.data(), dim))),
                1e-2)
        << value;
  }
}

TEST_P(Int8CodecTest, CodesStayInTheRangeTheKernelsNeed) {
  const uint32_t dim = 50;
  const Data data = MakeData(dim, 20, 0, false);
  const Int8Codec codec(Int8Codec::Train(GetParam(), dim, data.rows(), [&](size_t i) { return data.row(i); }));
  std::vector<float> wild(dim, 1e30F), scratch(dim);
  wild[3] = -1e30F;
  std::vector<int8_t> code(codec.code_stride(), 77);
  codec.EncodeRow(wild.data(), code.data(), scratch.data());
  for (int8_t c : code) EXPECT_GE(c, -127);
  for (size_t d = dim; d < code.size(); ++d) EXPECT_EQ(code[d], 0);
}

INSTANTIATE_TEST_SUITE_P(Distances, Int8CodecTest,
                         testing::Values(Distance::kCosine, Distance::kEuclid, Distance::kDot, Distance::kManhattan));

}  // namespace
}  // namespace sextant::quantizer
