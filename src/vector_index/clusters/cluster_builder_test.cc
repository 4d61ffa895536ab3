#include "vector_index/clusters/cluster_builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "vector_index/row_similarity.h"
#include "vector_index/segment_testing.h"

namespace sextant::vector_index {
namespace {

constexpr uint32_t kClusteredDim = 24;

// Rows as byte codes.
struct CodedRows {
  CodedRows(Distance distance, const std::vector<float>& values)
      : codec(quantizer::Int8Codec::Train(distance, kClusteredDim, values.size() / kClusteredDim,
                                          [&](size_t i) { return values.data() + i * kClusteredDim; })),
        codes(values.size() / kClusteredDim * codec.code_stride()),
        terms(values.size() / kClusteredDim) {
    std::vector<float> scratch(kClusteredDim);
    for (size_t i = 0; i < terms.size(); ++i)
      terms[i] =
          codec.EncodeRow(values.data() + i * kClusteredDim, codes.data() + i * codec.code_stride(), scratch.data());
  }
  CodeRows view() const {
    return {.codes = codes.data(),
            .stride = codec.code_stride(),
            .rows = static_cast<uint32_t>(terms.size()),
            .terms = terms.data(),
            .lifts = nullptr,
            .kernel = codec.kernel()};
  }
  quantizer::Int8Codec codec;
  std::vector<int8_t> codes;
  std::vector<quantizer::RowTerms> terms;
};

float SquaredDistance(const float* a, const float* b) {
  return kernels::Kernels().l2_squared(a, b, kClusteredDim);
}

class ClustersOfEveryDistance : public testing::TestWithParam<Distance> {};

TEST_P(ClustersOfEveryDistance, RowsGoToANearCentre) {
  std::vector<float> values = ClusteredVectors(kClusteredDim, 20'000, 60, 1);
  if (GetParam() == Distance::kCosine) NormalizeRows(kClusteredDim, &values);
  const CodedRows rows(GetParam(), values);
  const auto clusters = ClusterRows(rows.view(), rows.codec, {.threads = 2});
  ASSERT_TRUE(clusters.ok());
  ASSERT_EQ(clusters->count, 20'000u / 256);
  double own = 0, nearest = 0, all = 0;
  for (uint32_t row = 0; row < 20'000; row += 7) {
    std::vector<float> distances;
    for (uint32_t c = 0; c < clusters->count; ++c)
      distances.push_back(
          SquaredDistance(&values[size_t{row} * kClusteredDim], &clusters->centers[size_t{c} * kClusteredDim]));
    own += distances[clusters->cluster_of[row]];
    nearest += *std::min_element(distances.begin(), distances.end());
    all += std::accumulate(distances.begin(), distances.end(), 0.0) / clusters->count;
  }
  EXPECT_LT(own, 1.05 * nearest);
  EXPECT_LT(own, all / 2);
}

INSTANTIATE_TEST_SUITE_P(Distances, ClustersOfEveryDistance,
                         testing::Values(Distance::kCosine, Distance::kEuclid, Distance::kDot, Distance::kManhattan));

TEST(Clusters, OrderAndStartsDescribeThem) {
  const std::vector<float> values = ClusteredVectors(kClusteredDim, 17'000, 20, 1);
  const CodedRows rows(Distance::kEuclid, values);
  const auto clusters = ClusterRows(rows.view(), rows.codec, {});
  ASSERT_TRUE(clusters.ok());
  const std::vector<uint32_t> order = clusters->Order(), starts = clusters->Starts();
  ASSERT_EQ(starts.size(), clusters->count + 1);
  EXPECT_EQ(starts.back(), 17'000u);
  for (uint32_t c = 0; c < clusters->count; ++c) {
    for (uint32_t place = starts[c]; place < starts[c + 1]; ++place) EXPECT_EQ(clusters->cluster_of[order[place]], c);
    EXPECT_TRUE(std::is_sorted(order.begin() + starts[c], order.begin() + starts[c + 1]));
  }
}

TEST(Clusters, TheNumberOfThreadsMakesNoDifference) {
  const std::vector<float> values = ClusteredVectors(kClusteredDim, 18'000, 20, 1);
  const CodedRows rows(Distance::kEuclid, values);
  const auto one = ClusterRows(rows.view(), rows.codec, {.threads = 1});
  const auto four = ClusterRows(rows.view(), rows.codec, {.threads = 4});
  ASSERT_TRUE(one.ok() && four.ok());
  EXPECT_EQ(one->cluster_of, four->cluster_of);
  EXPECT_EQ(one->centers, four->centers);
}

TEST(Clusters, EqualRowsAndFewRowsAreNoProblem) {
  const CodedRows equal(Distance::kCosine, std::vector<float>(size_t{20'000} * kClusteredDim, 1.0F));
  const auto clusters = ClusterRows(equal.view(), equal.codec, {});
  ASSERT_TRUE(clusters.ok());
  EXPECT_EQ(clusters->Starts().back(), 20'000u);
  const CodedRows few(Distance::kCosine, ClusteredVectors(kClusteredDim, 16'000, 30, 1));
  EXPECT_EQ(ClusterRows(few.view(), few.codec, {})->count, 0u);
}

TEST(Clusters, CanBeCancelled) {
  const CodedRows rows(Distance::kEuclid, ClusteredVectors(kClusteredDim, 17'000, 20, 1));
  CancelToken cancel;
  cancel.Cancel();
  EXPECT_EQ(ErrorClassOf(ClusterRows(rows.view(), rows.codec, {.cancel = &cancel}).status()), ErrorClass::kUnavailable);
}

}  // namespace
}  // namespace sextant::vector_index
