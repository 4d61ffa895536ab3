#include <algorithm>
#include <cmath>
#include <vector>

#include "payload_index/background/column_verdict.h"
#include "payload_index/evaluator.h"
#include "payload_index/text_query.h"

namespace sextant::payload_index {
namespace {

constexpr double kUnknown = 0.5;

class Estimator {
 public:
  Estimator(const IndexView& view, const PointSource& points) : view_(view), points_(points) {}

  // The probability that a living point satisfies the filter, conditions taken as independent.
  double Probability(const Filter& filter) const {
    double all = 1;
    if (filter.must)
      for (double p : ProbabilitiesOf(*filter.must)) all *= p;
    if (filter.must_not)
      for (double p : ProbabilitiesOf(*filter.must_not)) all *= 1 - p;
    if (filter.should && !filter.should->empty()) all *= AtLeast(ProbabilitiesOf(*filter.should), 1);
    if (filter.min_should && !filter.min_should->conditions.empty())
      all *= AtLeast(ProbabilitiesOf(filter.min_should->conditions), filter.min_should->min_count);
    return all;
  }

 private:
  std::vector<double> ProbabilitiesOf(const std::vector<Condition>& conditions) const {
    std::vector<double> out;
    for (const Condition& condition : conditions) out.push_back(Probability(condition));
    return out;
  }

  double Probability(const Condition& condition) const {
    if (const auto* inner = std::get_if<FilterCondition>(&condition)) return Probability(*inner->filter);
    if (const auto* ids = std::get_if<HasIdCondition>(&condition)) return Share(CountOf(*ids));
    if (const auto* slice = std::get_if<SliceCondition>(&condition)) return 1.0 / slice->total;
    const auto field_condition = AsFieldCondition(condition);
    if (!field_condition) return kUnknown;
    if (MatchesNothing(*field_condition)) return 0;
    const auto field = view_.FindField(field_condition->key);
    const auto served = field ? ServedBy(view_.fields[*field].schema, *field_condition) : std::nullopt;
    if (!served) return ProbabilityByColumns(condition);
    if (view_.fields[*field].analyzer != nullptr)
      if (const auto query = TextQuery::Make(*served, view_.fields[*field])) return Probability(*query, *field);
    return Share(CountOf(served->predicate, *field));
  }

  double ProbabilityByColumns(const Condition& condition) const {
    const auto* field_condition = std::get_if<FieldCondition>(&condition);
    if (field_condition == nullptr || view_.FindDeclared(field_condition->key) != nullptr) return kUnknown;
    const auto count = EstimateByColumns(*field_condition, view_);
    return count ? Share(*count) : kUnknown;
  }

  // Tokens of a text are anything but independent, so that all of them are as likely as the rarest.
  double Probability(const TextQuery& query, size_t field) const {
    std::vector<double> shares;
    for (const std::string& token : query.tokens()) shares.push_back(Share(CountOf(MatchValue{token}, field)));
    if (shares.empty()) return 0;
    return query.any() ? AtLeast(shares, 1) : *std::min_element(shares.begin(), shares.end());
  }

  double CountOf(const HasIdCondition& condition) const {
    std::vector<uint32_t> found;
    for (const PointId& id : condition.ids) {
      const auto ordinal = points_.Find(id);
      if (ordinal.ok() && ordinal->has_value() && view_.HasPoint(Index(**ordinal))) found.push_back(Index(**ordinal));
    }
    return static_cast<double>(Bitmap::FromUnsorted(&found).size());
  }

  // Counts (value, point) pairs, at most one a point, and takes the live share of each run.
  double CountOf(const Predicate& predicate, size_t field) const {
    const auto* is_empty = std::get_if<IsEmpty>(&predicate);
    const auto* is_null = std::get_if<IsNull>(&predicate);
    double count = 0;
    for (const Run& run : view_.runs) {
      const Column& column = run.column(field);
      const double live_share = static_cast<double>(run.live_count()) / static_cast<double>(run.built_count());
      size_t pairs = 0;
      if (is_empty != nullptr)
        pairs = column.not_empty().size();
      else if (is_null != nullptr)
        pairs = column.holds_null().size();
      else
        pairs = std::min(column.Count(predicate), column.present().size());
      count += live_share * static_cast<double>(pairs);
    }
    if ((is_empty != nullptr && is_empty->expected) || (is_null != nullptr && !is_null->expected))
      return static_cast<double>(view_.point_count) - count;
    return count;
  }

  double Share(double count) const {
    return view_.point_count == 0 ? 0 : std::clamp(count / static_cast<double>(view_.point_count), 0.0, 1.0);
  }

  // The probability that at least `count` of the independent events happen (Poisson binomial distribution).
  static double AtLeast(const std::vector<double>& probabilities, uint64_t count) {
    if (count > probabilities.size()) return 0;
    std::vector<double> exactly(count + 1);  // the last entry: that many or more
    exactly[0] = 1;
    for (double p : probabilities)
      for (uint64_t j = count + 1; j-- > 0;)
        exactly[j] = exactly[j] * (j == count ? 1 : 1 - p) + (j > 0 ? exactly[j - 1] * p : 0);
    return exactly[count];
  }

  const IndexView& view_;
  const PointSource& points_;
};

}  // namespace

double EstimateFilter(const Filter& filter, const IndexView& view, const PointSource& points) {
  return Estimator(view, points).Probability(filter) * static_cast<double>(view.point_count);
}

}  // namespace sextant::payload_index
