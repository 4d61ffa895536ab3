#include "text/stopword_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sextant::text {
namespace {

StopwordSet MakeSet(const Stopwords& stopwords) {
  return {stopwords, [](std::string_view word, std::string* out) { out->append(word); }};
}

std::vector<std::string> WordsOf(std::string_view list) {
  std::vector<std::string> words(1);
  for (const char c : list) {
    if (c == ' ')
      words.emplace_back();
    else
      words.back().push_back(c);
  }
  return words;
}

TEST(StopwordSet, EachLanguageHasItsWords) {
  const std::pair<StopwordLanguage, std::string_view> samples[] = {
      {StopwordLanguage::kArabic, "في"},      {StopwordLanguage::kAzerbaijani, "və"},
      {StopwordLanguage::kBasque, "eta"},     {StopwordLanguage::kBengali, "এবং"},
      {StopwordLanguage::kCatalan, "amb"},    {StopwordLanguage::kChinese, "的"},
      {StopwordLanguage::kDanish, "og"},      {StopwordLanguage::kDutch, "een"},
      {StopwordLanguage::kEnglish, "the"},    {StopwordLanguage::kFinnish, "ja"},
      {StopwordLanguage::kFrench, "été"},     {StopwordLanguage::kGerman, "und"},
      {StopwordLanguage::kGreek, "και"},      {StopwordLanguage::kHebrew, "את"},
      {StopwordLanguage::kHinglish, "aur"},   {StopwordLanguage::kHungarian, "és"},
      {StopwordLanguage::kIndonesian, "dan"}, {StopwordLanguage::kItalian, "della"},
      {StopwordLanguage::kJapanese, "これ"},  {StopwordLanguage::kKazakh, "жоқ"},
      {StopwordLanguage::kNepali, "र"},       {StopwordLanguage::kNorwegian, "og"},
      {StopwordLanguage::kPortuguese, "não"}, {StopwordLanguage::kRomanian, "ar"},
      {StopwordLanguage::kRussian, "и"},      {StopwordLanguage::kSlovene, "in"},
      {StopwordLanguage::kSpanish, "y"},      {StopwordLanguage::kSwedish, "och"},
      {StopwordLanguage::kTajik, "ва"},       {StopwordLanguage::kTurkish, "ve"},
  };
  EXPECT_EQ(std::size(samples), 30u);
  for (const auto& [language, word] : samples) {
    const StopwordSet set = MakeSet({{language}, {}});
    EXPECT_TRUE(set.Contains(word)) << LanguageName(language);
    EXPECT_FALSE(set.Contains("sextant")) << LanguageName(language);
  }
}

TEST(StopwordSet, ListsAreAscendingWithoutRepeats) {
  for (uint8_t i = 0; i <= static_cast<uint8_t>(StopwordLanguage::kTurkish); ++i) {
    const auto words = WordsOf(StopwordList(static_cast<StopwordLanguage>(i)));
    EXPECT_GT(words.size(), 50u) << int{i};
    EXPECT_EQ(std::adjacent_find(words.begin(), words.end(), std::greater_equal<>()), words.end()) << int{i};
    EXPECT_FALSE(words.front().empty()) << int{i};
  }
}

TEST(StopwordSet, EnglishIsTheListOfPublishedBm25Models) {
  const StopwordSet set = MakeSet({{StopwordLanguage::kEnglish}, {}});
  EXPECT_EQ(WordsOf(StopwordList(StopwordLanguage::kEnglish)).size(), 179u);
  for (const char* word : {"i", "you're", "she's", "that'll", "should've", "ain", "mightn't", "y", "wouldn't", "ll"})
    EXPECT_TRUE(set.Contains(word)) << word;
  for (const char* word : {"he'd", "i'll", "we've", "us", "would", "could"}) EXPECT_FALSE(set.Contains(word)) << word;
}

TEST(StopwordSet, LanguagesAndCustomWordsAreMergedInTheirNormalForm) {
  const StopwordSet set({{StopwordLanguage::kEnglish, StopwordLanguage::kGerman}, {"Foo"}},
                        [](std::string_view word, std::string* out) { *out = "<" + std::string(word) + ">"; });
  for (const char* word : {"<the>", "<und>", "<Foo>"}) EXPECT_TRUE(set.Contains(word)) << word;
  for (const char* word : {"the", "<foo>", "<y>x", ""}) EXPECT_FALSE(set.Contains(word)) << word;
  EXPECT_TRUE(MakeSet({}).empty());
  EXPECT_FALSE(MakeSet({}).Contains(""));
  EXPECT_FALSE(MakeSet({}).Contains("the"));
}

}  // namespace
}  // namespace sextant::text
