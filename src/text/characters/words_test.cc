#include "text/characters/words.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace sextant::text {
namespace {

template <WordCharacters kCharacters>
std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> words;
  ForEachWord<kCharacters>(text, [&](const Word& word) { words.emplace_back(word.text); });
  return words;
}

using Strings = std::vector<std::string>;
constexpr auto kAlphanumeric = WordCharacters::kAlphanumeric;
constexpr auto kNonWhitespace = WordCharacters::kNonWhitespace;
constexpr auto kWithMarks = WordCharacters::kWithMarksWithin;

TEST(Words, AlphanumericWordsEndAtEverythingElse) {
  EXPECT_EQ(Split<kAlphanumeric>("hello, world! don't foo_bar-baz 3.14"),
            (Strings{"hello", "world", "don", "t", "foo", "bar", "baz", "3", "14"}));
  EXPECT_EQ(Split<kAlphanumeric>("Привет,мир!«ça»—été x²"), (Strings{"Привет", "мир", "ça", "été", "x²"}));
  EXPECT_EQ(Split<kAlphanumeric>("😀smile👍🏽ok"), (Strings{"smile", "ok"}));
  EXPECT_EQ(Split<kAlphanumeric>("e\u0301te"), (Strings{"e", "te"}));  // a mark is no letter
  EXPECT_EQ(Split<kAlphanumeric>(""), Strings{});
  EXPECT_EQ(Split<kAlphanumeric>(" ,.—😀"), Strings{});
}

TEST(Words, WhitespaceIsUnicodes) {
  EXPECT_EQ(Split<kNonWhitespace>(" don't\tfoo_bar\u00A0x\u3000日本\u2003😀\n"),
            (Strings{"don't", "foo_bar", "x", "日本", "😀"}));
}

TEST(Words, MarksAndJoinersMayBeWithin) {
  EXPECT_EQ(Split<kWithMarks>("e\u0301te\u0301, ทำงาน हिन्दी می\u200Cخواهم"),
            (Strings{"e\u0301te\u0301", "ทำงาน", "हिन्दी", "می\u200Cخواهم"}));
}

TEST(Words, BytesThatAreNotUtf8PartWordsOfEveryKind) {
  const std::string_view text = "ab\xFFyz \xE2\x82 c\xC3";
  EXPECT_EQ(Split<kAlphanumeric>(text), (Strings{"ab", "yz", "c"}));
  EXPECT_EQ(Split<kNonWhitespace>(text), (Strings{"ab", "yz", "c"}));
  EXPECT_EQ(Split<kWithMarks>(text), (Strings{"ab", "yz", "c"}));
}

TEST(Words, SayWhetherTheyAreAsciiAndHaveCapitals) {
  std::vector<Word> words;
  ForEachWord<kAlphanumeric>("plain Upper naïve ÉTÉ Été", [&](const Word& word) { words.push_back(word); });
  ASSERT_EQ(words.size(), 5u);
  EXPECT_TRUE(words[0].ascii && !words[0].has_upper);
  EXPECT_TRUE(words[1].ascii && words[1].has_upper);
  EXPECT_TRUE(!words[2].ascii && !words[2].has_upper);
  EXPECT_TRUE(!words[3].ascii && words[3].has_upper);  // the T
  EXPECT_FALSE(words[4].ascii);
}

// Character by character, without the table of bytes.
template <WordCharacters kCharacters>
Strings SplitSlowly(std::string_view text) {
  Strings words;
  bool open = false;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const bool in_word = words_internal::IsInWord<kCharacters>(DecodeCharacter(text, &at));
    if (in_word && !open) words.emplace_back();
    if (in_word) words.back() += text.substr(begin, at - begin);
    open = in_word;
  }
  return words;
}

TEST(Words, EqualTheSlowSplitOfRandomBytes) {
  constexpr uint32_t kSeed = 7;
  std::mt19937 random(kSeed);
  const std::string_view pieces[] = {"a",  "Z",  "9",    " ",    "_",        "\n",     "é",     "\u0301",
                                     "日", "😀", "\xC3", "\xFF", "\xE2\x82", "\u200D", "\u00A0"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (size_t left = random() % 20; left > 0; --left) text += pieces[random() % std::size(pieces)];
    ASSERT_EQ(Split<kAlphanumeric>(text), SplitSlowly<kAlphanumeric>(text)) << "seed " << kSeed << ": " << text;
    ASSERT_EQ(Split<kNonWhitespace>(text), SplitSlowly<kNonWhitespace>(text)) << "seed " << kSeed << ": " << text;
    ASSERT_EQ(Split<kWithMarks>(text), SplitSlowly<kWithMarks>(text)) << "seed " << kSeed << ": " << text;
  }
}

}  // namespace
}  // namespace sextant::text
