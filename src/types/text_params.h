#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "types/json.h"

namespace sextant {

enum class Tokenizer : uint8_t { kWord, kWhitespace, kPrefix, kMultilingual };

// Languages with a list of stopwords.
enum class StopwordLanguage : uint8_t {
  kArabic,
  kAzerbaijani,
  kBasque,
  kBengali,
  kCatalan,
  kChinese,
  kDanish,
  kDutch,
  kEnglish,
  kFinnish,
  kFrench,
  kGerman,
  kGreek,
  kHebrew,
  kHinglish,
  kHungarian,
  kIndonesian,
  kItalian,
  kJapanese,
  kKazakh,
  kNepali,
  kNorwegian,
  kPortuguese,
  kRomanian,
  kRussian,
  kSlovene,
  kSpanish,
  kSwedish,
  kTajik,
  kTurkish,
};

// Languages with a Snowball stemmer.
enum class StemmerLanguage : uint8_t {
  kArabic,
  kArmenian,
  kDanish,
  kDutch,
  kEnglish,
  kFinnish,
  kFrench,
  kGerman,
  kGreek,
  kHungarian,
  kItalian,
  kNorwegian,
  kPortuguese,
  kRomanian,
  kRussian,
  kSpanish,
  kSwedish,
  kTamil,
  kTurkish,
};

std::string_view TokenizerName(Tokenizer tokenizer);
std::string_view LanguageName(StopwordLanguage language);
std::string_view LanguageName(StemmerLanguage language);
// By the names that LanguageName gives, or by the ISO code (`en`); nothing for another text.
std::optional<StopwordLanguage> FindStopwordLanguage(std::string_view name);
std::optional<StemmerLanguage> FindStemmerLanguage(std::string_view name);

// The words that an analyzer drops: those of the languages and the custom ones.
struct Stopwords {
  std::vector<StopwordLanguage> languages;
  std::vector<std::string> custom;

  friend bool operator==(const Stopwords&, const Stopwords&) = default;
};

// How a text becomes tokens; the defaults are those of a text index.
struct TextParams {
  Tokenizer tokenizer = Tokenizer::kWord;
  bool lowercase = true;
  bool ascii_folding = false;
  bool phrase_matching = false;                          // read by the index, not by the analyzer
  std::optional<uint64_t> min_token_len, max_token_len;  // in characters
  Stopwords stopwords;
  std::optional<StemmerLanguage> stemmer;

  friend bool operator==(const TextParams&, const TextParams&) = default;
};

// Overlays `params` with the members of the object `json` as clients write them in a text index or in the options of
// BM25; an absent member or a null leaves its part as it is, and members of another meaning are not looked at.
// kFormat, naming the member, on a wrong type or an unknown name; `params` is then partly overlaid.
Status ReadTextParams(const Json& json, TextParams* params);

}  // namespace sextant
