#include "text/characters/word_breaker.h"

#include <unicode/normalizer2.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf16.h>

#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "text/characters/characters.h"
#include "text/characters/words.h"

namespace sextant::text {
namespace {

constexpr size_t kLongestPiece = 4096;  // UTF-16 units
constexpr int kMostMarks = 30;          // on one letter: Unicode's Stream-Safe Text Format; sorting marks is quadratic

UScriptCode ScriptOf(UChar32 c) {
  UErrorCode error = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(c, &error);
  return U_SUCCESS(error) ? script : USCRIPT_UNKNOWN;
}

bool IsWrittenWithoutSpaces(char32_t c) {
  if (c < 0xE00) return false;  // Thai is the first
  switch (ScriptOf(static_cast<UChar32>(c))) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR: return true;
    default: return false;
  }
}

// Marks of these scripts tell spellings apart, not words.
bool LosesMarks(UScriptCode script) {
  switch (script) {
    case USCRIPT_LATIN:
    case USCRIPT_GREEK:
    case USCRIPT_ARABIC:
    case USCRIPT_HEBREW:
    case USCRIPT_THAI: return true;
    default: return false;
  }
}

const icu::Normalizer2& Decomposition() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKDInstance(error);
  SEXTANT_CHECK(U_SUCCESS(error));
  return *normalizer;
}

const icu::Normalizer2& Composition() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFCInstance(error);
  SEXTANT_CHECK(U_SUCCESS(error));
  return *normalizer;
}

icu::UnicodeString WithoutMarks(const icu::UnicodeString& text) {
  icu::UnicodeString kept;
  bool loses_marks = false;
  for (int32_t at = 0; at < text.length();) {
    const UChar32 c = text.char32At(at);
    at += U16_LENGTH(c);
    if (u_charType(c) != U_NON_SPACING_MARK)
      loses_marks = LosesMarks(ScriptOf(c));
    else if (loses_marks)
      continue;
    kept.append(c);
  }
  return kept;
}

icu::UnicodeString Even(const icu::UnicodeString& word) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString decomposed = Decomposition().normalize(word, error);
  icu::UnicodeString composed = Composition().normalize(WithoutMarks(decomposed), error);
  SEXTANT_CHECK(U_SUCCESS(error));
  return composed;
}

}  // namespace

std::string EvenSpelling(std::string_view word) {
  const icu::StringPiece piece(word.data(), static_cast<int32_t>(word.size()));
  std::string even;
  Even(icu::UnicodeString::fromUTF8(piece)).toUTF8String(even);
  return even;
}

void WordBreaker::Deleter::operator()(UBreakIterator* iterator) const {
  ubrk_close(iterator);
}

WordBreaker::WordBreaker() {
  UErrorCode error = U_ZERO_ERROR;
  iterator_.reset(ubrk_open(UBRK_WORD, "", nullptr, 0, &error));
  SEXTANT_CHECK(U_SUCCESS(error));
}

void WordBreaker::ForEachWord(std::string_view run, absl::FunctionRef<void(std::string_view)> sink) {
  piece_.clear();
  bool needs_dictionary = false;
  int marks = 0;
  const auto finish = [&] {
    if (needs_dictionary)
      Break(sink);
    else
      Emit(piece_, sink);
    piece_.clear();
    needs_dictionary = false;
  };
  for (size_t at = 0; at < run.size();) {
    const char32_t c = DecodeCharacter(run, &at);
    if (c == kIllFormed || IsInvisibleJoiner(c)) continue;
    marks = IsMark(c) ? marks + 1 : 0;
    if (marks > kMostMarks) continue;
    needs_dictionary = needs_dictionary || IsWrittenWithoutSpaces(c);
    if (c > 0xFFFF) piece_.push_back(U16_LEAD(c));
    piece_.push_back(c > 0xFFFF ? U16_TRAIL(c) : static_cast<char16_t>(c));
    if (piece_.size() >= kLongestPiece) finish();
  }
  finish();
}

void WordBreaker::Break(absl::FunctionRef<void(std::string_view)> sink) {
  UErrorCode error = U_ZERO_ERROR;
  ubrk_setText(iterator_.get(), piece_.data(), static_cast<int32_t>(piece_.size()), &error);
  SEXTANT_CHECK(U_SUCCESS(error));
  int32_t begin = ubrk_first(iterator_.get());
  for (int32_t end = ubrk_next(iterator_.get()); end != UBRK_DONE; end = ubrk_next(iterator_.get())) {
    Emit(std::u16string_view(piece_).substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin)), sink);
    begin = end;
  }
}

void WordBreaker::Emit(std::u16string_view word, absl::FunctionRef<void(std::string_view)> sink) {
  word_.clear();
  Even(icu::UnicodeString(false, word.data(), static_cast<int32_t>(word.size()))).toUTF8String(word_);
  if (!word_.empty()) sink(word_);
}

}  // namespace sextant::text
