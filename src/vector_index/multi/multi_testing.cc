#include "vector_index/multi/multi_testing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "vector_index/segment_testing.h"

namespace sextant::vector_index {

RowIdentity MultiArrayRows::identity(uint32_t i) const {
  const PointId id = i % 2 == 0 ? PointId::Number(i) : PointId::Uuid(0x0123456789abcdefull, i);
  return {.ordinal = Ordinal{first_ordinal + i * ordinal_step}, .version = 1000 + uint64_t{i}, .id = id};
}

uint64_t MultiArrayRows::tokens() const {
  uint64_t values = 0;
  for (const auto& row : rows_) values += row.size();
  return values / dim_;
}

std::vector<std::vector<float>> CutIntoRows(uint32_t dim, std::span<const float> tokens, uint32_t most_tokens,
                                            uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::vector<float>> rows;
  for (size_t at = 0; at < tokens.size();) {
    const size_t count = std::min<size_t>((1 + random() % most_tokens) * dim, tokens.size() - at);
    rows.emplace_back(tokens.begin() + static_cast<ptrdiff_t>(at), tokens.begin() + static_cast<ptrdiff_t>(at + count));
    at += count;
  }
  return rows;
}

std::vector<std::vector<float>> RandomMulti(const MultiShape& shape, uint32_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint32_t> tokens(count);
  for (uint32_t& of_row : tokens) of_row = 1 + static_cast<uint32_t>(random() % shape.most_tokens);
  const uint32_t all = std::accumulate(tokens.begin(), tokens.end(), 0U);
  const std::vector<float> topics = ClusteredVectors(shape.dim, count, shape.clusters, seed + 1);
  const std::vector<float> values = ClusteredVectors(shape.dim, all, shape.clusters, seed + 2);
  std::vector<std::vector<float>> rows(count);
  size_t at = 0;
  for (uint32_t row = 0; row < count; ++row) {
    for (uint32_t i = 0; i < tokens[row] * shape.dim; ++i)
      rows[row].push_back(0.5F * values[at++] + 0.7F * topics[size_t{row} * shape.dim + i % shape.dim]);
    if (shape.distance == Distance::kCosine) NormalizeRows(shape.dim, &rows[row]);
  }
  return rows;
}

double TrueMaxSim(Distance distance, uint32_t dim, std::span<const float> query, std::span<const float> stored) {
  double sum = 0;
  for (size_t q = 0; q < query.size(); q += dim) {
    double best = -std::numeric_limits<double>::infinity();
    for (size_t s = 0; s < stored.size(); s += dim) {
      double similarity = 0;
      for (uint32_t d = 0; d < dim; ++d) {
        const double a = query[q + d], b = stored[s + d];
        switch (distance) {
          case Distance::kEuclid: similarity -= (a - b) * (a - b); break;
          case Distance::kManhattan: similarity -= std::fabs(a - b); break;
          case Distance::kCosine:
          case Distance::kDot: similarity += a * b; break;
        }
      }
      best = std::max(best, similarity);
    }
    sum += best;
  }
  return sum;
}

std::vector<float> MultiBruteForce(const MultiArrayRows& rows, Distance distance, std::span<const float> query,
                                   uint32_t k, const std::function<bool(uint32_t)>& accepts) {
  std::vector<float> similarities;
  for (uint32_t i = 0; i < rows.size(); ++i)
    if (accepts == nullptr || accepts(i))
      similarities.push_back(static_cast<float>(TrueMaxSim(distance, rows.dim(), query, rows.row(i).values)));
  std::sort(similarities.begin(), similarities.end(), std::greater<>());
  if (similarities.size() > k) similarities.resize(k);
  return similarities;
}

}  // namespace sextant::vector_index
