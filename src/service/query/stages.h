#pragma once

#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "service/query/query_request.h"

namespace sextant::service {

// What: calls `visit(input)` for every vector input of a query, in an order that is the same every time.
template <typename Visitor>
void ForEachInput(const Query& query, Visitor&& visit) {
  const auto visit_pairs = [&](const std::vector<ContextPair>& pairs) {
    for (const ContextPair& pair : pairs) {
      visit(pair.positive);
      visit(pair.negative);
    }
  };
  std::visit(
      [&](const auto& one) {
        using Kind = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<Kind, NearestQuery>) {
          visit(one.vector);
        } else if constexpr (std::is_same_v<Kind, RecommendQuery>) {
          for (const VectorInput& input : one.positive) visit(input);
          for (const VectorInput& input : one.negative) visit(input);
        } else if constexpr (std::is_same_v<Kind, DiscoverQuery>) {
          visit(one.target);
          visit_pairs(one.context);
        } else if constexpr (std::is_same_v<Kind, ContextQuery>) {
          visit_pairs(one.context);
        } else if constexpr (std::is_same_v<Kind, FeedbackQuery>) {
          visit(one.target);
          for (const FeedbackItem& item : one.feedback) visit(item.example);
        }
      },
      query);
}

// Whether a query compares vectors.
inline bool IsVectorQuery(const Query& query) {
  return std::holds_alternative<NearestQuery>(query) || std::holds_alternative<RecommendQuery>(query) ||
         std::holds_alternative<DiscoverQuery>(query) || std::holds_alternative<ContextQuery>(query) ||
         std::holds_alternative<FeedbackQuery>(query);
}
inline bool IsFusion(const Query& query) {
  return std::holds_alternative<RrfQuery>(query) || std::holds_alternative<DbsfQuery>(query);
}

// How the API calls a query; "scroll" without one.
inline std::string_view KindName(const std::optional<Query>& query) {
  constexpr std::string_view kNames[] = {"nearest", "recommend", "discover", "context",  "relevance_feedback",
                                         "rrf",     "dbsf",      "formula",  "order_by", "sample"};
  static_assert(std::size(kNames) == std::variant_size_v<Query>);
  return query ? kNames[query->index()] : "scroll";
}

// The name of the vector that a stage's points are looked up under.
inline const std::string& LookupVector(const QueryStage& stage) {
  return stage.lookup_from && stage.lookup_from->vector ? *stage.lookup_from->vector : stage.using_name;
}

}  // namespace sextant::service
