#include "service/query/filters.h"

#include <gtest/gtest.h>

namespace sextant::service {
namespace {

Condition Of(uint64_t id) {
  return HasIdCondition{{PointId::Number(id)}};
}

Filter AtLeast(uint64_t count, std::vector<Condition> conditions) {
  Filter filter;
  filter.min_should = MinShould{std::move(conditions), count};
  return filter;
}

TEST(MergeFilters, OneFilterAloneStaysAsItIs) {
  EXPECT_FALSE(MergeFilters(nullptr, nullptr).has_value());
  const Filter filter = AtLeast(2, {Of(1), Of(2)});
  EXPECT_EQ(MergeFilters(&filter, nullptr)->min_should->conditions.size(), 2u);
  EXPECT_EQ(MergeFilters(nullptr, &filter)->min_should->min_count, 2u);
}

TEST(MergeFilters, ListsOfOneKindAreJoined) {
  Filter outer, inner;
  outer.should = {Of(1)};
  outer.must = {Of(2)};
  inner.should = {Of(3), Of(4)};
  inner.must_not = {Of(5)};
  const std::optional<Filter> merged = MergeFilters(&outer, &inner);
  EXPECT_EQ(merged->should->size(), 3u);
  EXPECT_EQ(merged->must->size(), 1u);
  EXPECT_EQ(merged->must_not->size(), 1u);
}

TEST(MergeFilters, TwoCountsBecomeTheLargerOneOverAllConditions) {
  const Filter outer = AtLeast(1, {Of(1), Of(2)}), inner = AtLeast(3, {Of(3), Of(4), Of(5)});
  for (const auto& merged : {MergeFilters(&outer, &inner), MergeFilters(&inner, &outer)}) {
    EXPECT_EQ(merged->min_should->conditions.size(), 5u);
    EXPECT_EQ(merged->min_should->min_count, 3u);
    EXPECT_FALSE(merged->must.has_value());
  }
}

}  // namespace
}  // namespace sextant::service
