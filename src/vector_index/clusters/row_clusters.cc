#include "vector_index/clusters/row_clusters.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace sextant::vector_index {
namespace {

constexpr size_t kRankSteps = 2048;

}  // namespace

std::vector<uint32_t> RankClusters(const RowClusters& clusters, const CodeQuery& query) {
  const size_t count = clusters.count();
  std::vector<uint32_t> ids(count);
  std::iota(ids.begin(), ids.end(), 0U);
  std::vector<int32_t> distances(count);
  std::vector<float> similarities(count);
  ScoreRows(clusters.centers, query, ids, distances.data(), similarities.data());

  // A counting sort of steps between the least and the largest similarity.
  const auto [least, largest] = std::minmax_element(similarities.begin(), similarities.end());
  const float scale = static_cast<float>(kRankSteps - 1) / (*largest - *least);
  std::vector<uint32_t> steps(count);
  std::array<uint32_t, kRankSteps + 1> starts{};
  for (size_t i = 0; i < count; ++i) {
    // Not a number, of equal or of overflowing similarities: all in one step.
    const float step = (*largest - similarities[i]) * scale;
    steps[i] = step > 0 ? static_cast<uint32_t>(std::min(step, static_cast<float>(kRankSteps - 1))) : 0;
    ++starts[steps[i] + 1];
  }
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  for (uint32_t i = 0; i < count; ++i) ids[starts[steps[i]]++] = i;
  return ids;
}

}  // namespace sextant::vector_index
