#include "text/stopword_set.h"

#include <algorithm>
#include <utility>

#include "text/stopwords/lists.h"

namespace sextant::text {

std::string_view StopwordList(StopwordLanguage language) {
  switch (language) {
    case StopwordLanguage::kArabic: return stopword_lists::kArabic;
    case StopwordLanguage::kAzerbaijani: return stopword_lists::kAzerbaijani;
    case StopwordLanguage::kBasque: return stopword_lists::kBasque;
    case StopwordLanguage::kBengali: return stopword_lists::kBengali;
    case StopwordLanguage::kCatalan: return stopword_lists::kCatalan;
    case StopwordLanguage::kChinese: return stopword_lists::kChinese;
    case StopwordLanguage::kDanish: return stopword_lists::kDanish;
    case StopwordLanguage::kDutch: return stopword_lists::kDutch;
    case StopwordLanguage::kEnglish: return stopword_lists::kEnglish;
    case StopwordLanguage::kFinnish: return stopword_lists::kFinnish;
    case StopwordLanguage::kFrench: return stopword_lists::kFrench;
    case StopwordLanguage::kGerman: return stopword_lists::kGerman;
    case StopwordLanguage::kGreek: return stopword_lists::kGreek;
    case StopwordLanguage::kHebrew: return stopword_lists::kHebrew;
    case StopwordLanguage::kHinglish: return stopword_lists::kHinglish;
    case StopwordLanguage::kHungarian: return stopword_lists::kHungarian;
    case StopwordLanguage::kIndonesian: return stopword_lists::kIndonesian;
    case StopwordLanguage::kItalian: return stopword_lists::kItalian;
    case StopwordLanguage::kJapanese: return stopword_lists::kJapanese;
    case StopwordLanguage::kKazakh: return stopword_lists::kKazakh;
    case StopwordLanguage::kNepali: return stopword_lists::kNepali;
    case StopwordLanguage::kNorwegian: return stopword_lists::kNorwegian;
    case StopwordLanguage::kPortuguese: return stopword_lists::kPortuguese;
    case StopwordLanguage::kRomanian: return stopword_lists::kRomanian;
    case StopwordLanguage::kRussian: return stopword_lists::kRussian;
    case StopwordLanguage::kSlovene: return stopword_lists::kSlovene;
    case StopwordLanguage::kSpanish: return stopword_lists::kSpanish;
    case StopwordLanguage::kSwedish: return stopword_lists::kSwedish;
    case StopwordLanguage::kTajik: return stopword_lists::kTajik;
    case StopwordLanguage::kTurkish: return stopword_lists::kTurkish;
  }
  return {};
}

StopwordSet::StopwordSet(const Stopwords& stopwords,
                         absl::FunctionRef<void(std::string_view, std::string*)> normalize) {
  const auto add = [&](std::string_view word) {
    std::string normalized;
    normalize(word, &normalized);
    longest_ = std::max(longest_, normalized.size());
    words_.insert(std::move(normalized));
  };
  for (const StopwordLanguage language : stopwords.languages) {
    std::string_view rest = StopwordList(language);
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(' '), rest.size());
      add(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  for (const std::string& word : stopwords.custom) add(word);
}

}  // namespace sextant::text
