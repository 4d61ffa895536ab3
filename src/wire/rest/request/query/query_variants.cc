#include <limits>
#include <utility>

#include "wire/rest/request/query/query_parts.h"
#include "wire/rest/request/selectors.h"

namespace sextant::wire {
namespace {

using service::ContextQuery;
using service::DbsfQuery;
using service::DiscoverQuery;
using service::FeedbackItem;
using service::FeedbackQuery;
using service::FormulaQuery;
using service::NearestQuery;
using service::OrderBy;
using service::Query;
using service::RecommendQuery;
using service::RrfQuery;
using service::SampleQuery;

NearestQuery DecodeNearest(Value query) {
  NearestQuery nearest;
  DecodeVectorInput(query.Required("nearest"), &nearest.vector);
  const Value mmr = query["mmr"];
  if (!mmr || !mmr.Expect(mmr.is_object(), "an object with `diversity` and `candidates_limit`")) return nearest;
  nearest.mmr.emplace();
  mmr["diversity"].ReadFraction(0.0, 1.0, &nearest.mmr->diversity);
  mmr["candidates_limit"].ReadBetween(0, 16384, &nearest.mmr->candidates_limit);
  return nearest;
}

RecommendQuery DecodeRecommendInput(Value input) {
  RecommendQuery recommend;
  if (!input.Expect(input.is_object(), "an object with `positive` and `negative`")) return recommend;
  DecodeVectorInputs(input["positive"], &recommend.positive);
  DecodeVectorInputs(input["negative"], &recommend.negative);
  DecodeStrategy(input["strategy"], &recommend.strategy);
  if (recommend.positive.empty() && recommend.negative.empty())
    input.Invalid("At least one positive or negative vector/id must be provided");
  return recommend;
}

DiscoverQuery DecodeDiscoverInput(Value input) {
  DiscoverQuery discover;
  if (!input.Expect(input.is_object(), "an object with `target` and `context`")) return discover;
  DecodeVectorInput(input.Required("target"), &discover.target);
  if (!input.Has("context")) input.Fail("missing field `context`");
  DecodeContext(input["context"], &discover.context);
  return discover;
}

FeedbackQuery DecodeFeedbackInput(Value input) {
  FeedbackQuery query;
  if (!input.Expect(input.is_object(), "an object with `target`, `feedback` and `strategy`")) return query;
  DecodeVectorInput(input.Required("target"), &query.target);
  const Value feedback = input.Required("feedback");
  feedback.ForEach([&](Value item) {
    FeedbackItem& out = query.feedback.emplace_back();
    DecodeVectorInput(item.Required("example"), &out.example);
    item.Required("score").Read(&out.score);
  });
  if (feedback.is_array() && query.feedback.empty()) feedback.Invalid("At least one feedback item is required");
  const Value naive = input.Required("strategy").Required("naive");
  naive.Required("a").Read(&query.weights.a);
  naive.Required("b").ReadFraction(0.0, std::numeric_limits<double>::infinity(), &query.weights.b);
  naive.Required("c").Read(&query.weights.c);
  return query;
}

RrfQuery DecodeRrf(Value rrf) {
  RrfQuery query;
  if (!rrf.Expect(rrf.is_object(), "an object with `k` and `weights`")) return query;
  rrf["k"].ReadAtLeast(1, &query.k);
  if (const Value weights = rrf["weights"]) weights.ReadFloats(&query.weights.emplace());
  return query;
}

Query DecodeFusion(Value fusion) {
  if (fusion.Choice({"rrf", "dbsf"}) == 1) return DbsfQuery{};
  return RrfQuery{};
}

FormulaQuery DecodeFormulaQuery(Value query) {
  FormulaQuery formula;
  DecodeFormula(query.Required("formula"), query["defaults"], &formula.formula);
  return formula;
}

// An object with the key of a variant; nothing for any other.
std::optional<Query> DecodeKeyed(Value query) {
  if (query.Has("nearest")) return DecodeNearest(query);
  if (query.Has("recommend")) return DecodeRecommendInput(query.Required("recommend"));
  if (query.Has("discover")) return DecodeDiscoverInput(query.Required("discover"));
  if (query.Has("context")) {
    ContextQuery context;
    DecodeContext(query["context"], &context.context);
    return context;
  }
  if (query.Has("order_by")) {
    OrderBy order;
    DecodeOrderBy(query.Required("order_by"), &order);
    return order;
  }
  if (query.Has("fusion")) return DecodeFusion(query.Required("fusion"));
  if (query.Has("rrf")) return DecodeRrf(query.Required("rrf"));
  if (query.Has("formula")) return DecodeFormulaQuery(query);
  if (query.Has("sample")) {
    query.Required("sample").Choice({"random"});
    return SampleQuery{};
  }
  if (query.Has("relevance_feedback")) return DecodeFeedbackInput(query.Required("relevance_feedback"));
  return std::nullopt;
}

}  // namespace

void DecodeQueryVariant(Value value, std::optional<Query>* out) {
  if (!value) return;
  if (value.is_object()) {
    *out = DecodeKeyed(value);
    if (*out) return;
  }
  NearestQuery nearest;
  DecodeVectorInput(value, &nearest.vector);
  *out = std::move(nearest);
}

}  // namespace sextant::wire
