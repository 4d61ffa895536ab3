#include "service/query/examples.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <variant>
#include <vector>

#include "service/query/stages.h"

namespace sextant::service {
namespace {

std::vector<float>& ValuesOf(DenseVector* vector) {
  return *vector;
}
template <typename Vector>
std::vector<float>& ValuesOf(Vector* vector) {
  return vector->values;
}

// Sums of vectors of one kind, to be ended by Settle. Multivectors are not summed: their rows stand side by side.
void Add(const DenseVector& vector, DenseVector* sum) {
  sum->resize(vector.size());
  for (size_t i = 0; i < vector.size(); ++i) (*sum)[i] += vector[i];
}
void Add(const MultiVector& vector, MultiVector* sum) {
  sum->dim = vector.dim;
  sum->values.insert(sum->values.end(), vector.values.begin(), vector.values.end());
}
void Add(const SparseVector& vector, SparseVector* sum) {
  sum->indices.insert(sum->indices.end(), vector.indices.begin(), vector.indices.end());
  sum->values.insert(sum->values.end(), vector.values.begin(), vector.values.end());
}

// Ends a sum. The components of sparse ones were only collected so far.
template <typename Vector>
void Settle(Vector*) {}
void Settle(SparseVector* sum) {
  std::vector<size_t> order(sum->indices.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return sum->indices[a] < sum->indices[b]; });
  SparseVector settled;
  for (const size_t at : order) {
    if (settled.indices.empty() || settled.indices.back() != sum->indices[at]) {
      settled.indices.push_back(sum->indices[at]);
      settled.values.push_back(0);
    }
    settled.values.back() += sum->values[at];
  }
  *sum = std::move(settled);
}

template <typename Vector>
void Scale(float factor, Vector* vector) {
  for (float& value : ValuesOf(vector)) value *= factor;
}

template <typename Vector>
Vector Sum(const QueryStage& stage, const std::vector<VectorInput>& inputs, const VectorSources& sources) {
  Vector sum;
  for (const VectorInput& input : inputs) Add(std::get<Vector>(sources.Get(stage, input)), &sum);
  Settle(&sum);
  return sum;
}

template <typename Vector>
Vector Mean(const QueryStage& stage, const std::vector<VectorInput>& inputs, const VectorSources& sources) {
  Vector mean = Sum<Vector>(stage, inputs, sources);
  for (float& value : ValuesOf(&mean)) value /= static_cast<float>(inputs.size());
  return mean;
}

// Dense and sparse.
template <typename Vector>
Vector Average(const QueryStage& stage, const RecommendQuery& query, const VectorSources& sources) {
  Vector average = Mean<Vector>(stage, query.positive, sources);
  if (query.negative.empty()) return average;
  Scale(2.0f, &average);
  Vector negative = Mean<Vector>(stage, query.negative, sources);
  Scale(-1.0f, &negative);
  Add(negative, &average);
  Settle(&average);
  return average;
}

MultiVector SideBySide(const QueryStage& stage, const RecommendQuery& query, const VectorSources& sources) {
  MultiVector rows = Sum<MultiVector>(stage, query.positive, sources);
  MultiVector negative = Sum<MultiVector>(stage, query.negative, sources);
  Scale(-1.0f, &negative);
  rows.values.insert(rows.values.end(), negative.values.begin(), negative.values.end());
  return rows;
}

search::ScoreRule RuleOf(const RecommendQuery& query) {
  if (query.strategy == RecommendStrategy::kBestScore) return search::BestScoreRule{query.positive.size()};
  search::WeightedSumRule rule;
  rule.weights.assign(query.positive.size(), 1.0f);
  rule.weights.resize(query.positive.size() + query.negative.size(), -1.0f);
  return rule;
}

search::ScoreRule RuleOf(const FeedbackQuery& query) {
  std::vector<float> scores;
  for (const FeedbackItem& item : query.feedback) scores.push_back(item.score);
  return search::FeedbackRule(scores, query.weights);
}

}  // namespace

VectorValue AverageVector(const QueryStage& stage, const RecommendQuery& query, const VectorSources& sources) {
  const VectorValue kind = sources.Get(stage, query.positive.front());
  if (std::holds_alternative<MultiVector>(kind)) return SideBySide(stage, query, sources);
  if (std::holds_alternative<SparseVector>(kind)) return Average<SparseVector>(stage, query, sources);
  return Average<DenseVector>(stage, query, sources);
}

Examples ExamplesOf(const QueryStage& stage, const VectorSources& sources) {
  Examples examples;
  ForEachInput(*stage.query, [&](const VectorInput& input) { examples.vectors.push_back(sources.Get(stage, input)); });
  if (const auto* recommend = std::get_if<RecommendQuery>(&*stage.query)) {
    examples.rule = RuleOf(*recommend);
  } else if (const auto* feedback = std::get_if<FeedbackQuery>(&*stage.query)) {
    examples.rule = RuleOf(*feedback);
  } else if (std::holds_alternative<DiscoverQuery>(*stage.query)) {
    examples.rule = search::DiscoverRule{};
  } else {
    examples.rule = search::ContextRule{};
  }
  return examples;
}

}  // namespace sextant::service
