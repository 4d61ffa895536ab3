#include "types/ordinal_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace sextant {
namespace {

std::vector<uint32_t> Values(const OrdinalSet& set) {
  std::vector<uint32_t> values;
  set.ForEach([&](Ordinal ordinal) {
    values.push_back(Index(ordinal));
    return true;
  });
  return values;
}

std::set<uint32_t> Draw(uint32_t span, double share, std::mt19937* random) {
  std::set<uint32_t> drawn;
  for (uint32_t value = 0; value < span; ++value)
    if (std::uniform_real_distribution<>()(*random) < share) drawn.insert(value);
  return drawn;
}

OrdinalSet Make(const std::set<uint32_t>& values, uint32_t span, bool from_words) {
  if (!from_words) return OrdinalSet::FromSorted({values.begin(), values.end()});
  std::vector<uint64_t> words(span / 64 + 1);
  for (const uint32_t value : values) words[value / 64] |= uint64_t{1} << (value % 64);
  return OrdinalSet::FromWords(std::move(words));
}

TEST(OrdinalSet, HoldsWhatItIsMadeOfInEitherForm) {
  std::mt19937 random(1);
  for (const double share : {0.0, 0.001, 0.005, 0.02, 0.5, 1.0})
    for (const bool from_words : {false, true}) {
      const std::set<uint32_t> values = Draw(5000, share, &random);
      const OrdinalSet set = Make(values, 5000, from_words);
      EXPECT_EQ(set.size(), values.size());
      EXPECT_EQ(Values(set), std::vector<uint32_t>(values.begin(), values.end()));
      EXPECT_EQ(set.is_dense(), share >= 0.02);
      for (uint32_t value = 0; value < 6000; ++value)
        ASSERT_EQ(set.Contains(Ordinal{value}), values.contains(value)) << value;
    }
}

TEST(OrdinalSet, IntersectionsHoldWhatBothDo) {
  std::mt19937 random(2);
  const double shares[] = {0.0, 0.002, 0.004, 0.1, 0.7};
  for (const double share : shares)
    for (const double other : shares)
      for (const uint32_t span : {3000u, 9000u}) {
        const std::set<uint32_t> a = Draw(5000, share, &random), b = Draw(span, other, &random);
        std::vector<uint32_t> expected;
        for (const uint32_t value : a)
          if (b.contains(value)) expected.push_back(value);
        const OrdinalSet both = OrdinalSet::Intersection(Make(a, 5000, true), Make(b, span, false));
        EXPECT_EQ(Values(both), expected) << share << ' ' << other;
        EXPECT_EQ(both.size(), expected.size());
      }
}

}  // namespace
}  // namespace sextant
