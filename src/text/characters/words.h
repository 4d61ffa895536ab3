#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "text/characters/characters.h"

namespace sextant::text {

// A piece of a text; well-formed UTF-8.
struct Word {
  std::string_view text;
  bool ascii = true;       // nothing but ASCII
  bool has_upper = false;  // an ASCII letter in upper case
};

// Which characters make up words; all others part them.
enum class WordCharacters {
  kAlphanumeric,    // letters and numbers
  kNonWhitespace,   // whatever is not white space
  kWithMarksWithin  // letters, numbers, combining marks, and the invisible characters that are written within words
};

// The hyphen that shows only at the end of a line, and the (non-)joiners of Indic and Arabic scripts.
constexpr bool IsInvisibleJoiner(char32_t c) {
  return c == 0xAD || c == 0x200C || c == 0x200D;
}

namespace words_internal {

enum : uint8_t { kSeparator = 1, kNonAscii = 2, kUpper = 4 };  // 0: in words, needs no attention

constexpr std::array<uint8_t, 256> MakeByteTable(WordCharacters characters) {
  std::array<uint8_t, 256> table = {};
  for (size_t byte = 0; byte < table.size(); ++byte) {
    const bool upper = byte >= 'A' && byte <= 'Z';
    const bool alphanumeric = upper || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
    const bool whitespace = byte == ' ' || (byte >= '\t' && byte <= '\r');
    const bool in_word = characters == WordCharacters::kNonWhitespace ? !whitespace : alphanumeric;
    if (byte >= 0x80)
      table[byte] = kNonAscii;
    else
      table[byte] = in_word ? (upper ? kUpper : 0) : kSeparator;
  }
  return table;
}

template <WordCharacters kCharacters>
inline constexpr std::array<uint8_t, 256> kByteTable = MakeByteTable(kCharacters);

template <WordCharacters kCharacters>
bool IsInWord(char32_t c) {
  if (c == kIllFormed) return false;
  if constexpr (kCharacters == WordCharacters::kNonWhitespace) return !IsWhitespace(c);
  if constexpr (kCharacters == WordCharacters::kWithMarksWithin)
    return IsAlphanumeric(c) || IsMark(c) || IsInvisibleJoiner(c);
  return IsAlphanumeric(c);
}

}  // namespace words_internal

// Calls `sink(Word)` for each longest run of word characters, in order. Bytes that are not UTF-8 part words, too.
template <WordCharacters kCharacters, typename Sink>
void ForEachWord(std::string_view text, Sink&& sink) {
  using namespace words_internal;
  constexpr const std::array<uint8_t, 256>& kTable = kByteTable<kCharacters>;
  const auto byte_class = [&](size_t at) { return kTable[static_cast<uint8_t>(text[at])]; };
  size_t at = 0;
  while (at < text.size()) {
    if (byte_class(at) == kSeparator) {
      ++at;
      continue;
    }
    const size_t begin = at;
    uint8_t seen = 0;
    size_t end = at;  // of the word; `at` may get behind the separator that follows
    while (end < text.size()) {
      const uint8_t now = byte_class(end);
      if (now == kSeparator) break;
      at = end + 1;
      if (now == kNonAscii) {
        at = end;
        if (!IsInWord<kCharacters>(DecodeCharacter(text, &at))) break;
      }
      seen |= now;
      end = at;
    }
    if (end > begin) sink(Word{text.substr(begin, end - begin), (seen & kNonAscii) == 0, (seen & kUpper) != 0});
  }
}

}  // namespace sextant::text
