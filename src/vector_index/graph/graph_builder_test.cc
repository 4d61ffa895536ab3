#include "vector_index/graph/graph_builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>

#include "vector_index/graph/graph_links.h"
#include "vector_index/graph/graph_repair.h"
#include "vector_index/graph/locality_order.h"
#include "vector_index/segment_testing.h"

namespace sextant::vector_index {
namespace {

// What: coded rows of an array.
struct Coded {
  Coded(Distance distance, uint32_t dim, const std::vector<float>& values)
      : codec(quantizer::Int8Codec::Train(distance, dim, values.size() / dim,
                                          [&](size_t i) { return values.data() + i * dim; })) {
    const size_t count = values.size() / dim;
    codes.resize(count * codec.code_stride());
    terms.resize(count);
    std::vector<float> scratch(dim);
    for (size_t i = 0; i < count; ++i)
      terms[i] = codec.EncodeRow(values.data() + i * dim, codes.data() + i * codec.code_stride(), scratch.data());
    rows = {.codes = codes.data(),
            .stride = codec.code_stride(),
            .rows = static_cast<uint32_t>(count),
            .terms = terms.data(),
            .lifts = nullptr,
            .kernel = quantizer::Int8Codec::BatchKernel(kernels::Kernels(), distance)};
  }
  quantizer::Int8Codec codec;
  std::vector<int8_t> codes;
  std::vector<quantizer::RowTerms> terms;
  CodeRows rows;
};

void ExpectWellFormed(const Graph& graph, uint32_t rows) {
  ASSERT_EQ(graph.links.size(), size_t{rows} * graph.degree);
  for (uint32_t row = 0; row < rows; ++row) {
    std::set<uint32_t> seen;
    bool ended = false;
    for (uint32_t i = 0; i < graph.degree; ++i) {
      const uint32_t link = graph.links[size_t{row} * graph.degree + i];
      if (link == kNoRow) {
        ended = true;
        continue;
      }
      EXPECT_FALSE(ended) << "a link after the end of row " << row;
      EXPECT_LT(link, rows);
      EXPECT_NE(link, row);
      EXPECT_TRUE(seen.insert(link).second) << "row " << row << " links " << link << " twice";
    }
  }
  EXPECT_EQ(CountUnreachable(rows, graph), 0);
}

TEST(BuildGraph, ReachesEveryRowOfEveryKindOfData) {
  std::mt19937 random(5);
  constexpr uint32_t kDim = 6, kRows = 3000;
  std::vector<float> equal(kDim * kRows, 0.25F), zero(kDim * kRows, 0), few_values(kDim * kRows), mixed;
  for (float& value : few_values) value = static_cast<float>(random() % 2);
  mixed = ClusteredVectors(kDim, kRows, 300, 1);
  std::copy(equal.begin(), equal.begin() + kDim * 1000, mixed.begin());
  for (const auto& values : {equal, zero, few_values, mixed}) {
    for (Distance distance : {Distance::kCosine, Distance::kEuclid, Distance::kDot, Distance::kManhattan}) {
      for (uint32_t degree : {2U, 8U, 32U}) {
        const Coded coded(distance, kDim, values);
        const GraphSpace space(coded.rows, coded.codec);
        const auto graph = BuildGraph(space, {.degree = degree, .ef_construct = 32, .threads = 2});
        ASSERT_TRUE(graph.ok());
        ExpectWellFormed(*graph, kRows);
      }
    }
  }
}

// A graph of `first` rows of `values`, as old rows of a graph of all rows that are not multiples of `gone_step`.
struct Reused {
  Reused(uint32_t dim, uint32_t first, uint32_t gone_step, uint32_t degree, const std::vector<float>& values) {
    const Coded coded(Distance::kEuclid, dim, {values.begin(), values.begin() + size_t{dim} * first});
    const auto built = BuildGraph(GraphSpace(coded.rows, coded.codec), {.degree = degree, .ef_construct = 32});
    EXPECT_TRUE(built.ok());
    graph = *built;
    std::vector<GraphReuse::Place> places;
    for (uint32_t row = 0; row < values.size() / dim; ++row) {
      if (row % gone_step == 0) continue;
      kept.insert(kept.end(), values.begin() + size_t{row} * dim, values.begin() + (size_t{row} + 1) * dim);
      places.push_back(row < first ? GraphReuse::Place{.graph = 0, .row = row} : GraphReuse::Place{});
    }
    reuse = std::make_unique<GraphReuse>(
        std::vector<GraphReuse::OldGraph>{{GraphLinks(graph.links.data(), degree), first}}, std::move(places));
  }
  Graph graph;
  std::vector<float> kept;
  std::unique_ptr<GraphReuse> reuse;
};

TEST(BuildGraph, GrowsFromAGraphWhoseRowsAreGoneInPart) {
  constexpr uint32_t kDim = 6;
  const std::vector<float> values = ClusteredVectors(kDim, 2000, 20, 1);
  for (uint32_t degree : {2U, 8U, 32U})
    for (uint32_t gone_step : {2U, 3U, 10U})
      for (uint32_t first : {2U, 700U, 2000U}) {
        const Reused old(kDim, first, gone_step, degree, values);
        const Coded coded(Distance::kEuclid, kDim, old.kept);
        const auto graph = BuildGraph(GraphSpace(coded.rows, coded.codec),
                                      {.degree = degree, .ef_construct = 32, .threads = 2}, old.reuse.get());
        ASSERT_TRUE(graph.ok());
        ExpectWellFormed(*graph, coded.rows.rows);
      }
}

TEST(BuildGraph, StopsWhenCancelledAlsoIfItReusesAGraph) {
  const Reused old(6, 700, 10, 8, ClusteredVectors(6, 2000, 20, 1));
  const Coded coded(Distance::kEuclid, 6, old.kept);
  CancelToken cancel;
  cancel.Cancel();
  const auto graph = BuildGraph(GraphSpace(coded.rows, coded.codec), {.degree = 8, .cancel = &cancel}, old.reuse.get());
  EXPECT_EQ(ErrorClassOf(graph.status()), ErrorClass::kUnavailable);
}

TEST(ConnectEveryRow, JoinsIslandsWithoutLosingRows) {
  constexpr uint32_t kRows = 500, kDegree = 3;
  std::mt19937 random(6);
  for (int round = 0; round < 20; ++round) {
    // Rows link only inside their own group of ten, with all slots used.
    Graph graph{.degree = kDegree, .entries = {0}, .links = {}};
    for (uint32_t row = 0; row < kRows; ++row) {
      std::set<uint32_t> links;
      while (links.size() < kDegree) {
        const auto link = static_cast<uint32_t>(row / 10 * 10 + random() % 10);
        if (link != row) links.insert(link);
      }
      graph.links.insert(graph.links.end(), links.begin(), links.end());
    }
    EXPECT_GT(CountUnreachable(kRows, graph), 0);
    ConnectEveryRow(kRows, &graph);
    ExpectWellFormed(graph, kRows);
  }
}

TEST(LocalityOrder, IsAPermutationThatPutsNearRowsTogether) {
  constexpr uint32_t kDim = 16, kRows = 4000, kClusters = 16;
  std::vector<float> values(size_t{kDim} * kRows);
  std::mt19937 random(8);
  std::normal_distribution<float> normal;
  // Row i belongs to cluster i % kClusters.
  for (uint32_t i = 0; i < kRows; ++i)
    for (uint32_t d = 0; d < kDim; ++d)
      values[size_t{i} * kDim + d] = (d == i % kClusters ? 10.0F : 0.0F) + 0.1F * normal(random);
  const Coded coded(Distance::kEuclid, kDim, values);
  const std::vector<uint32_t> order = LocalityOrder(coded.rows, 1, 1, nullptr);
  EXPECT_EQ(LocalityOrder(coded.rows, 2, 1, nullptr), order);
  EXPECT_EQ(std::set<uint32_t>(order.begin(), order.end()).size(), kRows);
  uint32_t same = 0;
  for (uint32_t i = 1; i < kRows; ++i) same += order[i] % kClusters == order[i - 1] % kClusters ? 1 : 0;
  EXPECT_GT(same, kRows * 9 / 10);
}

}  // namespace
}  // namespace sextant::vector_index
