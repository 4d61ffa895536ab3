#include "text/characters/characters.h"

#include <gtest/gtest.h>

#include <vector>

namespace sextant::text {
namespace {

std::vector<char32_t> Decode(std::string_view text) {
  std::vector<char32_t> characters;
  for (size_t at = 0; at < text.size();) characters.push_back(DecodeCharacter(text, &at));
  return characters;
}

std::string Lowercase(std::string_view text) {
  std::string out;
  AppendLowercase(text, &out);
  return out;
}

TEST(Characters, ScalarValuesAreDecodedAsTheyWereAppended) {
  for (char32_t c = 0; c <= 0x10FFFF; c += c < 0x900 || (c & 0xFFF) > 0xFF8 ? 1 : 7) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text;
    AppendCharacter(c, &text);
    ASSERT_EQ(Decode(text), std::vector{c});
    ASSERT_EQ(CountCharacters(text), 1u);
  }
}

TEST(Characters, IllFormedBytesAreOneCharacterForEachMaximalPart) {
  const char32_t bad = kIllFormed;
  EXPECT_EQ(Decode("a\x80z"), (std::vector<char32_t>{'a', bad, 'z'}));
  EXPECT_EQ(Decode("\xFF\xFE"), (std::vector{bad, bad}));
  EXPECT_EQ(Decode("\xE2\x82z"), (std::vector<char32_t>{bad, 'z'}));         // cut short
  EXPECT_EQ(Decode("\xC0\xAF"), (std::vector{bad, bad}));                    // overlong
  EXPECT_EQ(Decode("\xED\xA0\x80"), (std::vector{bad, bad, bad}));           // a surrogate
  EXPECT_EQ(Decode("\xF4\x90\x80\x80"), (std::vector{bad, bad, bad, bad}));  // above the last plane
  EXPECT_EQ(Decode("\xF0\x9F\x98"), std::vector{bad});                       // at the end
}

TEST(Characters, LettersNumbersMarksAndSpacesAreWhatUnicodeSays) {
  for (const char32_t c :
       {U'a', U'Z', U'é', U'ß', U'я', U'ع', U'字', U'か', U'ー', U'한', U'ก', U'ª', U'Ⓐ', U'\U0001D49C'})
    EXPECT_TRUE(IsAlphabetic(c) && IsAlphanumeric(c)) << static_cast<uint32_t>(c);
  for (const char32_t c : {U'7', U'٣', U'½', U'²', U'①'})
    EXPECT_TRUE(!IsAlphabetic(c) && IsAlphanumeric(c)) << static_cast<uint32_t>(c);
  EXPECT_TRUE(IsAlphanumeric(U'Ⅷ'));
  for (const char32_t c : {U'_', U'-', U'\'', U'、', U'·', U'€', U'😀', U'\u0301', U'\u200D', kIllFormed})
    EXPECT_FALSE(IsAlphanumeric(c)) << static_cast<uint32_t>(c);
  for (const char32_t c : {U'\u0301', U'\u0E48', U'\u094D', U'\u20DD'})
    EXPECT_TRUE(IsMark(c)) << static_cast<uint32_t>(c);
  EXPECT_FALSE(IsMark(kIllFormed));
  for (const char32_t c : {U' ', U'\t', U'\n', U'\v', U'\f', U'\r', U'\u0085', U'\u00A0', U'\u2003', U'\u3000'})
    EXPECT_TRUE(IsWhitespace(c)) << static_cast<uint32_t>(c);
  for (const char32_t c : {U'a', U'\u200B', U'\u200D', kIllFormed})
    EXPECT_FALSE(IsWhitespace(c)) << static_cast<uint32_t>(c);
}

TEST(Characters, LowercaseIsUnicodesOfNoLanguage) {
  EXPECT_EQ(Lowercase("Hello WORLD 42_"), "hello world 42_");
  EXPECT_EQ(Lowercase("ÄÖÜ ẞ Straße"), "äöü ß straße");
  EXPECT_EQ(Lowercase("ПРИВЕТ Ёж"), "привет ёж");
  EXPECT_EQ(Lowercase("ISPARTA İSTANBUL ıĞ"), "isparta i\u0307stanbul ığ");
  EXPECT_EQ(Lowercase("ΟΔΥΣΣΕΥΣ ΣΑΣ"), "οδυσσευς σας");
  EXPECT_EQ(Lowercase("Ⅷ Ⓐ ＡＢ \U00010400"), "ⅷ ⓐ ａｂ \U00010428");
  EXPECT_EQ(Lowercase("日本語 العربية"), "日本語 العربية");
}

TEST(Characters, PrefixesEndBetweenCharacters) {
  const std::string_view text = "aéか😀";  // 1, 2, 3 and 4 bytes
  const size_t ends[] = {0, 1, 3, 6, 10, 10, 10};
  for (size_t count = 0; count < 7; ++count) EXPECT_EQ(PrefixBytes(text, count), ends[count]) << count;
  EXPECT_EQ(PrefixBytes(text, SIZE_MAX), 10u);
  EXPECT_EQ(PrefixBytes("", 0), 0u);
  EXPECT_EQ(CountCharacters(text), 4u);
}

}  // namespace
}  // namespace sextant::text
