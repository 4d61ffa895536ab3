#include "vector_index/sparse/sparse_testing.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <unordered_map>

namespace sextant::vector_index {
namespace {

// What: draws ranks with probability proportional to 1 / (rank + 1)^skew.
class Zipf {
 public:
  Zipf(uint32_t ranks, double skew) : sums_(ranks) {
    double sum = 0;
    for (uint32_t rank = 0; rank < ranks; ++rank) sums_[rank] = sum += std::pow(rank + 1, -skew);
  }
  uint32_t Draw(std::mt19937* random) const {
    const double at = std::uniform_real_distribution<double>(0, sums_.back())(*random);
    const auto found = std::upper_bound(sums_.begin(), sums_.end(), at) - sums_.begin();
    return static_cast<uint32_t>(std::min<ptrdiff_t>(found, static_cast<ptrdiff_t>(sums_.size()) - 1));
  }

 private:
  std::vector<double> sums_;
};

}  // namespace

RowIdentity SparseArrayRows::identity(uint32_t i) const {
  const PointId id = i % 2 == 0 ? PointId::Number(i) : PointId::Uuid(0x0123456789abcdefull, i);
  return {.ordinal = Ordinal{first_ordinal + i * ordinal_step}, .version = 1000 + uint64_t{i}, .id = id};
}

std::vector<SparseVector> RandomSparse(const SparseShape& shape, uint32_t count, uint32_t seed) {
  std::mt19937 random(seed);
  const Zipf zipf(shape.vocabulary, shape.skew);
  std::uniform_real_distribution<double> share(0, 1);
  std::vector<SparseVector> vectors(count);
  for (SparseVector& vector : vectors) {
    if (share(random) < shape.empty_share) continue;
    const uint32_t terms = shape.bm25 ? shape.terms / 2 + random() % (shape.terms + 1) : shape.terms;
    std::map<uint32_t, float> elements;
    for (uint32_t i = 0; i < terms; ++i) {
      // Ranks are spread over the indices: frequent ones are not all small.
      const auto index = static_cast<uint32_t>(uint64_t{zipf.Draw(&random)} * 7919 % shape.vocabulary);
      if (shape.bm25) {
        elements[index] += 1;
        continue;
      }
      const double size = shape.equal_values ? 1 : 0.2 + 2 * share(random);
      elements[index] = static_cast<float>(share(random) < shape.negative_share ? -size : size);
    }
    const float length = static_cast<float>(terms) / static_cast<float>(shape.terms);
    if (shape.bm25)
      for (auto& [index, value] : elements) value = value * 2.2F / (value + 1.2F * (0.25F + 0.75F * length));
    for (const auto& [index, value] : elements) {
      vector.indices.push_back(index);
      vector.values.push_back(value);
    }
  }
  return vectors;
}

SparseTruth SparseBruteForce(const SparseArrayRows& rows, VectorRef query, uint32_t k,
                             const std::function<bool(uint32_t)>& accepts, const WeightOf& weight) {
  std::unordered_map<uint32_t, float> weights;
  for (size_t i = 0; i < query.size(); ++i) weights[query.indices[i]] = query.values[i];
  std::vector<std::pair<RowHit, double>> found;
  for (uint32_t number = 0; number < rows.size(); ++number) {
    if (accepts != nullptr && !accepts(number)) continue;
    const VectorRef row = rows.row(number);
    bool shared = false;
    double sum = 0;
    for (size_t i = 0; i < row.size(); ++i) {
      const auto asked = weights.find(row.indices[i]);
      if (asked == weights.end()) continue;
      shared = true;
      const float value = weight == nullptr ? row.values[i] : weight(row.indices[i], row.values[i]);
      sum += static_cast<double>(asked->second) * static_cast<double>(value);
    }
    if (shared) found.push_back({{static_cast<float>(sum), number}, sum});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return a.first.similarity != b.first.similarity ? a.first.similarity > b.first.similarity
                                                    : a.first.row < b.first.row;
  });
  found.resize(std::min<size_t>(found.size(), k));
  SparseTruth truth;
  for (const auto& [hit, score] : found) {
    truth.hits.push_back(hit);
    truth.scores.push_back(score);
  }
  return truth;
}

}  // namespace sextant::vector_index
