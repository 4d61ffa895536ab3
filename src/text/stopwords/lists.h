#pragma once

#include <string_view>

// The stopwords of each language, separated by spaces, ascending. They are those of the NLTK stopwords corpus (its
// words come from the Snowball project and from contributors; distributed by NLTK, and under the MIT licence inside
// llama-index-core, from which they were taken), with these differences: spaces around words are gone; entries of
// several words, which no token equals, are left out; English is the list of 179 words from before the contractions
// of `would`, `will` and `have` were added, which is what BM25 models are published with. Japanese is the list of
// stopwords-iso (MIT licence) without two words and with the pieces into which a segmenter cuts its compounds.
namespace sextant::text::stopword_lists {

extern const std::string_view kArabic;
extern const std::string_view kAzerbaijani;
extern const std::string_view kBasque;
extern const std::string_view kBengali;
extern const std::string_view kCatalan;
extern const std::string_view kChinese;
extern const std::string_view kDanish;
extern const std::string_view kDutch;
extern const std::string_view kEnglish;
extern const std::string_view kFinnish;
extern const std::string_view kFrench;
extern const std::string_view kGerman;
extern const std::string_view kGreek;
extern const std::string_view kHebrew;
extern const std::string_view kHinglish;
extern const std::string_view kHungarian;
extern const std::string_view kIndonesian;
extern const std::string_view kItalian;
extern const std::string_view kJapanese;
extern const std::string_view kKazakh;
extern const std::string_view kNepali;
extern const std::string_view kNorwegian;
extern const std::string_view kPortuguese;
extern const std::string_view kRomanian;
extern const std::string_view kRussian;
extern const std::string_view kSlovene;
extern const std::string_view kSpanish;
extern const std::string_view kSwedish;
extern const std::string_view kTajik;
extern const std::string_view kTurkish;

}  // namespace sextant::text::stopword_lists
