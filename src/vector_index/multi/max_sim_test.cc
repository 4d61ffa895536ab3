#include "vector_index/multi/max_sim.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "vector_index/multi/multi_testing.h"
#include "vector_index/segment_testing.h"

namespace sextant::vector_index {
namespace {

TEST(MaxSim, EqualsItsDefinitionForEveryShape) {
  for (Distance distance : {Distance::kCosine, Distance::kEuclid, Distance::kDot, Distance::kManhattan}) {
    for (const uint32_t dim : {1, 2, 3, 33, 384}) {
      for (const uint32_t query_rows : {1, 5, 6, 16, 21, 22, 40}) {
        const std::vector<float> query = ClusteredVectors(dim, query_rows, 3, query_rows);
        MaxSim max_sim({.kind = VectorKind::kMulti, .dim = dim, .distance = distance}, query);
        EXPECT_EQ(max_sim.query_rows(), query_rows);
        for (const uint32_t tokens : {1, 2, 7, 8, 9, 23}) {
          const std::vector<float> stored = ClusteredVectors(dim, tokens, 3, 77 + tokens);
          const double expected = TrueMaxSim(distance, dim, query, stored);
          EXPECT_NEAR(max_sim.Similarity(stored), expected, 1e-4 * (1 + std::fabs(expected)))
              << "dim " << dim << ", " << query_rows << " query rows, " << tokens << " tokens";
        }
      }
    }
  }
}

TEST(MaxSim, KnownNumbers) {
  const std::vector<float> query = {1, 0, 0, 2}, stored = {3, 4, -1, 5, 2, 2};
  const auto similarity = [&](Distance distance) {
    return MaxSim({.kind = VectorKind::kMulti, .dim = 2, .distance = distance}, query).Similarity(stored);
  };
  EXPECT_EQ(similarity(Distance::kDot), 3 + 10);
  EXPECT_EQ(similarity(Distance::kEuclid), -5 - 4);
  EXPECT_EQ(similarity(Distance::kManhattan), -3 - 2);
}

TEST(MaxSim, WholeNumbersOfCosineAreComparedNormalised) {
  std::mt19937 random(5);
  std::vector<float> query(20 * 7), stored(9 * 7);
  for (float& value : query) value = static_cast<float>(random() % 256);
  for (float& value : stored) value = static_cast<float>(random() % 256);
  std::fill_n(stored.begin(), 7, 0.0F);  // a zero row stays one
  const SegmentSpec spec{.kind = VectorKind::kMulti, .datatype = Datatype::kUint8, .dim = 7};
  std::vector<float> normal_query = query, normal_stored = stored;
  NormalizeRows(7, &normal_query);
  NormalizeRows(7, &normal_stored);
  EXPECT_NEAR(MaxSim(spec, query).Similarity(stored), TrueMaxSim(Distance::kCosine, 7, normal_query, normal_stored),
              1e-5);
}

TEST(MaxSim, WhatIsNoNumberDoesNotCount) {
  const std::vector<float> query(18, 1);  // 9 rows: grouped; and one row: alone
  for (const size_t rows : {9, 1}) {
    MaxSim max_sim({.kind = VectorKind::kMulti, .dim = 2, .distance = Distance::kDot},
                   std::span(query).first(rows * 2));
    EXPECT_EQ(max_sim.Similarity(std::vector<float>{INFINITY, -INFINITY}), -INFINITY);
    EXPECT_EQ(max_sim.Similarity(std::vector<float>{INFINITY, -INFINITY, 0, 0}), 0);
  }
}

}  // namespace
}  // namespace sextant::vector_index
