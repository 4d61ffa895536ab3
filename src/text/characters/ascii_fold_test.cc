#include "text/characters/ascii_fold.h"

#include <gtest/gtest.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <functional>

#include "text/characters/ascii_fold_table.h"
#include "text/characters/characters.h"

namespace sextant::text {
namespace {

std::string Fold(std::string_view text) {
  std::string out;
  AppendAsciiFolded(text, &out);
  return out;
}

TEST(AsciiFold, LooksLikeTheOriginal) {
  EXPECT_EQ(Fold("ação café jalapeño Über"), "acao cafe jalapeno Uber");
  EXPECT_EQ(Fold("Æsop Œuvre straße Łódź þorn Đorđe"), "AEsop OEuvre strasse Lodz thorn Dorde");
  EXPECT_EQ(Fold("İstanbul ığdır"), "Istanbul igdir");
  EXPECT_EQ(Fold("“quote” — １②⒊ ﬃ ＡＢ"), "\"quote\" - 123. ffi AB");
  EXPECT_EQ(Fold("plain ASCII ~!"), "plain ASCII ~!");
  EXPECT_EQ(Fold("日本語 Привет ελ 😀"), "日本語 Привет ελ 😀");
}

TEST(AsciiFold, TableIsAscendingAndFoldsToAscii) {
  const auto folds = AsciiFolds();
  EXPECT_EQ(std::adjacent_find(folds.begin(), folds.end(),
                               [](const AsciiFold& a, const AsciiFold& b) { return a.character >= b.character; }),
            folds.end());
  for (const AsciiFold& fold : folds) {
    const std::string_view ascii = fold.ascii;
    EXPECT_GE(fold.character, 0x80);
    EXPECT_FALSE(ascii.empty());
    EXPECT_TRUE(std::all_of(ascii.begin(), ascii.end(), [](char c) { return c > ' ' && c < 0x7F; }));
  }
}

// Of a letter that Unicode decomposes into one of ASCII and marks, the fold is that letter.
TEST(AsciiFold, AgreesWithUnicodesDecompositionOfLatinLetters) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfkd = icu::Normalizer2::getNFKDInstance(error);
  ASSERT_TRUE(U_SUCCESS(error));
  size_t compared = 0;
  const auto compare = [&](char32_t first, char32_t last) {
    for (char32_t c = first; c <= last; ++c) {
      std::string text, base;
      AppendCharacter(c, &text);
      const icu::UnicodeString parts = nfkd->normalize(icu::UnicodeString(static_cast<UChar32>(c)), error);
      for (int32_t i = 0; i < parts.length(); ++i)
        if (u_charType(parts[i]) != U_NON_SPACING_MARK) AppendCharacter(parts[i], &base);
      const bool ascii = std::all_of(base.begin(), base.end(), [](char b) { return b > 0; });
      if (!ascii || base.empty()) continue;
      EXPECT_EQ(Fold(text), base) << text;
      ++compared;
    }
  };
  compare(0xC0, 0x148);  // ŉ folds to n
  compare(0x14A, 0x17E);
  compare(0x1CD, 0x233);
  compare(0x1E00, 0x1E99);
  compare(0x1EA0, 0x1EF9);
  compare(0xFB00, 0xFB04);
  compare(0xFF10, 0xFF19);
  compare(0xFF21, 0xFF3A);
  compare(0xFF41, 0xFF5A);
  EXPECT_GT(compared, 500u);
}

}  // namespace
}  // namespace sextant::text
