#include "types/text_params.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

template <typename Enum>
struct Named {
  Enum value;
  std::string_view name;
  std::string_view code;  // ISO 639, as the reference abbreviates
};

constexpr std::array kTokenizers = std::to_array<Named<Tokenizer>>({
    {Tokenizer::kWord, "word", ""},
    {Tokenizer::kWhitespace, "whitespace", ""},
    {Tokenizer::kPrefix, "prefix", ""},
    {Tokenizer::kMultilingual, "multilingual", ""},
});

constexpr std::array kStopwordLanguages = std::to_array<Named<StopwordLanguage>>({
    {StopwordLanguage::kArabic, "arabic", "ar"},         {StopwordLanguage::kAzerbaijani, "azerbaijani", "az"},
    {StopwordLanguage::kBasque, "basque", "eu"},         {StopwordLanguage::kBengali, "bengali", "bn"},
    {StopwordLanguage::kCatalan, "catalan", "ca"},       {StopwordLanguage::kChinese, "chinese", "zh"},
    {StopwordLanguage::kDanish, "danish", "da"},         {StopwordLanguage::kDutch, "dutch", "nl"},
    {StopwordLanguage::kEnglish, "english", "en"},       {StopwordLanguage::kFinnish, "finnish", "fi"},
    {StopwordLanguage::kFrench, "french", "fr"},         {StopwordLanguage::kGerman, "german", "de"},
    {StopwordLanguage::kGreek, "greek", "el"},           {StopwordLanguage::kHebrew, "hebrew", "he"},
    {StopwordLanguage::kHinglish, "hinglish", "hi-en"},  {StopwordLanguage::kHungarian, "hungarian", "hu"},
    {StopwordLanguage::kIndonesian, "indonesian", "id"}, {StopwordLanguage::kItalian, "italian", "it"},
    {StopwordLanguage::kJapanese, "japanese", "jp"},     {StopwordLanguage::kKazakh, "kazakh", "kk"},
    {StopwordLanguage::kNepali, "nepali", "ne"},         {StopwordLanguage::kNorwegian, "norwegian", "no"},
    {StopwordLanguage::kPortuguese, "portuguese", "pt"}, {StopwordLanguage::kRomanian, "romanian", "ro"},
    {StopwordLanguage::kRussian, "russian", "ru"},       {StopwordLanguage::kSlovene, "slovene", "sl"},
    {StopwordLanguage::kSpanish, "spanish", "es"},       {StopwordLanguage::kSwedish, "swedish", "sv"},
    {StopwordLanguage::kTajik, "tajik", "tg"},           {StopwordLanguage::kTurkish, "turkish", "tr"},
});

constexpr std::array kStemmerLanguages = std::to_array<Named<StemmerLanguage>>({
    {StemmerLanguage::kArabic, "arabic", "ar"},         {StemmerLanguage::kArmenian, "armenian", "hy"},
    {StemmerLanguage::kDanish, "danish", "da"},         {StemmerLanguage::kDutch, "dutch", "nl"},
    {StemmerLanguage::kEnglish, "english", "en"},       {StemmerLanguage::kFinnish, "finnish", "fi"},
    {StemmerLanguage::kFrench, "french", "fr"},         {StemmerLanguage::kGerman, "german", "de"},
    {StemmerLanguage::kGreek, "greek", "el"},           {StemmerLanguage::kHungarian, "hungarian", "hu"},
    {StemmerLanguage::kItalian, "italian", "it"},       {StemmerLanguage::kNorwegian, "norwegian", "no"},
    {StemmerLanguage::kPortuguese, "portuguese", "pt"}, {StemmerLanguage::kRomanian, "romanian", "ro"},
    {StemmerLanguage::kRussian, "russian", "ru"},       {StemmerLanguage::kSpanish, "spanish", "es"},
    {StemmerLanguage::kSwedish, "swedish", "sv"},       {StemmerLanguage::kTamil, "tamil", "ta"},
    {StemmerLanguage::kTurkish, "turkish", "tr"},
});

template <typename Enum, size_t kSize>
std::string_view NameOf(const std::array<Named<Enum>, kSize>& names, Enum value) {
  for (const Named<Enum>& candidate : names)
    if (candidate.value == value) return candidate.name;
  return {};
}

template <typename Enum, size_t kSize>
std::optional<Enum> FindName(const std::array<Named<Enum>, kSize>& names, std::string_view name) {
  if (name.empty()) return std::nullopt;
  for (const Named<Enum>& candidate : names)
    if (candidate.name == name || candidate.code == name) return candidate.value;
  return std::nullopt;
}

Status WrongMember(std::string_view key, std::string_view expected) {
  return FormatError(absl::StrCat(absl::string_view(key.data(), key.size()), ": expected ",
                                  absl::string_view(expected.data(), expected.size())));
}

template <typename Enum, size_t kSize>
Status ReadName(std::string_view key, const Json& json, const std::array<Named<Enum>, kSize>& names, Enum* out) {
  const std::optional<Enum> value = json.is_string() ? FindName(names, json.as_string()) : std::nullopt;
  if (value) {
    *out = *value;
    return OkStatus();
  }
  std::string expected = "one of";
  for (const Named<Enum>& candidate : names)
    absl::StrAppend(&expected, &candidate == names.data() ? " " : ", ",
                    absl::string_view(candidate.name.data(), candidate.name.size()));
  return WrongMember(key, absl::StrCat(expected, ", got ", json.Dump()));
}

Status ReadLanguages(const Json& json, Stopwords* stopwords) {
  if (!json.is_array()) return WrongMember("stopwords.languages", "a list of languages");
  for (const Json& element : json.array()) {
    StopwordLanguage language = StopwordLanguage::kEnglish;
    RETURN_IF_ERROR(ReadName("stopwords.languages", element, kStopwordLanguages, &language));
    stopwords->languages.push_back(language);
  }
  return OkStatus();
}

Status ReadCustom(const Json& json, Stopwords* stopwords) {
  if (!json.is_array()) return WrongMember("stopwords.custom", "a list of strings");
  for (const Json& element : json.array()) {
    if (!element.is_string()) return WrongMember("stopwords.custom", "a list of strings");
    stopwords->custom.push_back(element.as_string());
  }
  return OkStatus();
}

// The member of `json`, or nullptr where it is absent or null.
const Json* FindGiven(const Json& json, std::string_view key) {
  const Json* member = json.Find(key);
  return member == nullptr || member->is_null() ? nullptr : member;
}

Status ReadStopwords(const Json& json, Stopwords* out) {
  Stopwords stopwords;
  if (json.is_object()) {
    if (const Json* languages = FindGiven(json, "languages")) RETURN_IF_ERROR(ReadLanguages(*languages, &stopwords));
    if (const Json* custom = FindGiven(json, "custom")) RETURN_IF_ERROR(ReadCustom(*custom, &stopwords));
  } else {
    RETURN_IF_ERROR(ReadName("stopwords", json, kStopwordLanguages, &stopwords.languages.emplace_back()));
  }
  *out = std::move(stopwords);
  return OkStatus();
}

Status ReadStemmer(const Json& json, std::optional<StemmerLanguage>* out) {
  const Json* type = json.Find("type");
  if (type == nullptr || !type->is_string()) return WrongMember("stemmer", "an object with a type");
  if (type->as_string() == "none") {
    out->reset();
    return OkStatus();
  }
  if (type->as_string() != "snowball") return WrongMember("stemmer.type", "snowball or none");
  const Json* language = json.Find("language");
  if (language == nullptr) return WrongMember("stemmer.language", "the name of a language");
  return ReadName("stemmer.language", *language, kStemmerLanguages, &out->emplace());
}

Status ReadFlag(const Json& json, std::string_view key, bool* out) {
  const Json* member = FindGiven(json, key);
  if (member == nullptr) return OkStatus();
  if (!member->is_bool()) return WrongMember(key, "true or false");
  *out = member->as_bool();
  return OkStatus();
}

Status ReadLength(const Json& json, std::string_view key, std::optional<uint64_t>* out) {
  const Json* member = FindGiven(json, key);
  if (member == nullptr) return OkStatus();
  if (!member->is_uint()) return WrongMember(key, "a number of characters, 0 or more");
  *out = member->as_uint();
  return OkStatus();
}

}  // namespace

std::string_view TokenizerName(Tokenizer tokenizer) {
  return NameOf(kTokenizers, tokenizer);
}
std::string_view LanguageName(StopwordLanguage language) {
  return NameOf(kStopwordLanguages, language);
}
std::string_view LanguageName(StemmerLanguage language) {
  return NameOf(kStemmerLanguages, language);
}
std::optional<StopwordLanguage> FindStopwordLanguage(std::string_view name) {
  return FindName(kStopwordLanguages, name);
}
std::optional<StemmerLanguage> FindStemmerLanguage(std::string_view name) {
  return FindName(kStemmerLanguages, name);
}

Status ReadTextParams(const Json& json, TextParams* params) {
  if (!json.is_object()) return WrongMember("the text options", "an object");
  if (const Json* tokenizer = FindGiven(json, "tokenizer"))
    RETURN_IF_ERROR(ReadName("tokenizer", *tokenizer, kTokenizers, &params->tokenizer));
  RETURN_IF_ERROR(ReadFlag(json, "lowercase", &params->lowercase));
  RETURN_IF_ERROR(ReadFlag(json, "ascii_folding", &params->ascii_folding));
  RETURN_IF_ERROR(ReadFlag(json, "phrase_matching", &params->phrase_matching));
  RETURN_IF_ERROR(ReadLength(json, "min_token_len", &params->min_token_len));
  RETURN_IF_ERROR(ReadLength(json, "max_token_len", &params->max_token_len));
  if (const Json* stopwords = FindGiven(json, "stopwords"))
    RETURN_IF_ERROR(ReadStopwords(*stopwords, &params->stopwords));
  if (const Json* stemmer = FindGiven(json, "stemmer")) RETURN_IF_ERROR(ReadStemmer(*stemmer, &params->stemmer));
  return OkStatus();
}

}  // namespace sextant
