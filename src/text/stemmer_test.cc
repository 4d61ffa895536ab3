#include "text/stemmer.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace sextant::text {
namespace {

// The stems are those of an independent implementation of the algorithms.
TEST(Stemmer, StemsEveryLanguageOfTheApi) {
  const std::vector<std::pair<StemmerLanguage, std::vector<std::pair<std::string, std::string>>>> samples = {
      {StemmerLanguage::kArabic, {{"المكتبات", "مكتب"}, {"يكتبون", "يكتب"}}},
      {StemmerLanguage::kDanish, {{"husene", "hus"}, {"læreren", "lær"}}},
      {StemmerLanguage::kDutch, {{"lichamelijk", "licham"}, {"opgewektheid", "opgewekt"}}},
      {StemmerLanguage::kEnglish, {{"running", "run"}, {"generously", "generous"}, {"skies", "sky"}, {"dying", "die"}}},
      {StemmerLanguage::kFinnish, {{"taloissa", "talo"}, {"kirjastojen", "kirjasto"}}},
      {StemmerLanguage::kFrench, {{"continuellement", "continuel"}, {"maisons", "maison"}, {"finirent", "fin"}}},
      {StemmerLanguage::kGerman,
       {{"häuser", "haus"}, {"aufeinanderfolgenden", "aufeinanderfolg"}, {"größten", "grosst"}}},
      {StemmerLanguage::kGreek, {{"βιβλιοθήκες", "βιβλιοθηκ"}, {"ανθρώπων", "ανθρωπ"}}},
      {StemmerLanguage::kHungarian, {{"házakban", "ház"}, {"könyvtárak", "könyvtár"}}},
      {StemmerLanguage::kItalian, {{"abbandonata", "abbandon"}, {"pronunciamento", "pronunc"}}},
      {StemmerLanguage::kNorwegian, {{"husene", "hus"}, {"fiskerne", "fiskern"}}},
      {StemmerLanguage::kPortuguese, {{"quilométricas", "quilométr"}, {"boas", "boas"}}},
      {StemmerLanguage::kRomanian, {{"copiilor", "cop"}, {"frumoase", "frumoas"}}},
      {StemmerLanguage::kRussian, {{"программистов", "программист"}, {"важнейшие", "важн"}}},
      {StemmerLanguage::kSpanish, {{"bibliotecas", "bibliotec"}, {"corriendo", "corr"}}},
      {StemmerLanguage::kSwedish, {{"flickornas", "flick"}, {"husen", "hus"}}},
      {StemmerLanguage::kTamil, {{"புத்தகங்கள்", "புத்தகம்"}, {"மாணவர்கள்", "மாண"}}},
      {StemmerLanguage::kTurkish, {{"kitaplardan", "kitap"}, {"evlerimizden", "ev"}}},
      {StemmerLanguage::kArmenian, {{"գրքերի", "գրքերի"}, {"մարդկանց", "մարդկ"}}},
  };
  for (const auto& [language, words] : samples) {
    Stemmer stemmer(language);
    for (const auto& [word, stem] : words) EXPECT_EQ(stemmer.Stem(word), stem) << LanguageName(language);
  }
  EXPECT_EQ(samples.size(), 19u);
}

TEST(Stemmer, LeavesAloneWhatIsTooLongForAWord) {
  Stemmer stemmer(StemmerLanguage::kEnglish);
  const std::string word = std::string(2000, 'a') + "ing";
  EXPECT_EQ(stemmer.Stem(word), word);
  EXPECT_EQ(stemmer.Stem(""), "");
}

}  // namespace
}  // namespace sextant::text
