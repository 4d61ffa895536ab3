#include "text/characters/word_breaker.h"

#include <gtest/gtest.h>

#include <vector>

namespace sextant::text {
namespace {

using Strings = std::vector<std::string>;

Strings Break(std::string_view run) {
  WordBreaker breaker;
  Strings words;
  breaker.ForEachWord(run, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

TEST(WordBreaker, CutsChineseByDictionary) {
  EXPECT_EQ(Break("我爱北京天安门"), (Strings{"我", "爱", "北京", "天安门"}));
}

TEST(WordBreaker, CutsJapaneseByDictionary) {
  EXPECT_EQ(Break("本日の日付は"), (Strings{"本日", "の", "日付", "は"}));
  EXPECT_EQ(Break("これはテストです"), (Strings{"これ", "は", "テスト", "です"}));
  EXPECT_EQ(Break("Sextantのコード"), (Strings{"Sextant", "の", "コード"}));
}

TEST(WordBreaker, CutsThaiByDictionaryAndDropsItsMarks) {
  EXPECT_EQ(Break("มาทำงานกันเถอะ"), (Strings{"มา", "ทางาน", "กน", "เถอะ"}));
}

TEST(WordBreaker, LeavesWordsOfOtherScriptsWhole) {
  EXPECT_EQ(Break("한국어를"), Strings{"한국어를"});
  EXPECT_EQ(Break("Ёжик"), Strings{"Ёжик"});
  EXPECT_EQ(Break("हिन्दी"), Strings{"हिन्दी"});
  EXPECT_EQ(Break(""), Strings{});
}

TEST(WordBreaker, EvensOutSpellings) {
  EXPECT_EQ(Break("ﬁancée"), Strings{"fiancee"});
  EXPECT_EQ(Break("e\u0301te\u0301"), Strings{"ete"});
  EXPECT_EQ(Break("Ｆｕｌｌ"), Strings{"Full"});
  EXPECT_EQ(Break("ﾃｽﾄ"), Strings{"テスト"});
  EXPECT_EQ(Break("Άνθρωπος"), Strings{"Ανθρωπος"});
  EXPECT_EQ(Break("شَمْس"), Strings{"شمس"});
  EXPECT_EQ(Break("co\u00ADop"), Strings{"coop"});
  EXPECT_EQ(EvenSpelling("Größe"), "Große");
  EXPECT_EQ(EvenSpelling("が"), "が");
}

TEST(WordBreaker, LongRunsArePutTogetherFromTheirPieces) {
  std::string run;
  for (int i = 0; i < 1500; ++i) run += "我爱北京";
  std::string joined;
  for (const std::string& word : Break(run)) joined += word;
  EXPECT_EQ(joined, run);
  EXPECT_GT(Break(run).size(), 4000u);
}

TEST(WordBreaker, KeepsFewOfManyMarks) {
  std::string run = "я";
  for (int i = 0; i < 100000; ++i) run += i % 2 == 0 ? "\u0301" : "\u0323";
  size_t bytes = 0;
  for (const std::string& word : Break(run)) bytes += word.size();
  EXPECT_LT(bytes, 100u);
}

}  // namespace
}  // namespace sextant::text
