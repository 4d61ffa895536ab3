#include "text/characters/characters.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "base/check.h"

namespace sextant::text {
namespace {

constexpr char32_t kCapitalSigma = 0x3A3;
constexpr char32_t kCapitalDottedI = 0x130;

UChar32 ToIcu(char32_t c) {
  return static_cast<UChar32>(c);  // kIllFormed becomes -1, which has no property
}

bool IsContinuation(char byte) {
  return (static_cast<uint8_t>(byte) & 0xC0) == 0x80;
}

// What depends on the neighbours of a character: only the sigma at the end of a word does.
void AppendLowercaseInContext(std::string_view text, std::string* out) {
  icu::StringByteSink<std::string> sink(out);
  UErrorCode error = U_ZERO_ERROR;
  const icu::StringPiece piece(text.data(), static_cast<int32_t>(text.size()));
  icu::CaseMap::utf8ToLower("", 0, piece, sink, nullptr, error);
  SEXTANT_CHECK(U_SUCCESS(error));
}

}  // namespace

char32_t DecodeCharacter(std::string_view text, size_t* at) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  auto position = static_cast<int64_t>(*at);
  const auto size = static_cast<int64_t>(text.size());
  UChar32 c = 0;
  U8_NEXT(bytes, position, size, c);  // NOLINT(bugprone-inc-dec-in-conditions): the library's macro
  *at = static_cast<size_t>(position);
  return c < 0 ? kIllFormed : static_cast<char32_t>(c);
}

void AppendCharacter(char32_t c, std::string* out) {
  uint8_t bytes[U8_MAX_LENGTH];
  size_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, static_cast<uint32_t>(c));
  out->append(reinterpret_cast<const char*>(bytes), size);
}

bool IsAlphabetic(char32_t c) {
  return u_isUAlphabetic(ToIcu(c)) != 0;
}

bool IsAlphanumeric(char32_t c) {
  return IsAlphabetic(c) || (c != kIllFormed && (U_GET_GC_MASK(ToIcu(c)) & U_GC_N_MASK) != 0);
}

bool IsMark(char32_t c) {
  return c != kIllFormed && (U_GET_GC_MASK(ToIcu(c)) & U_GC_M_MASK) != 0;
}

bool IsWhitespace(char32_t c) {
  return u_isUWhiteSpace(ToIcu(c)) != 0;
}

size_t CountCharacters(std::string_view text) {
  return text.size() - static_cast<size_t>(std::count_if(text.begin(), text.end(), IsContinuation));
}

size_t PrefixBytes(std::string_view text, size_t count) {
  if (text.size() <= count) return text.size();
  size_t at = 0;
  for (; at < text.size(); ++at)
    if (!IsContinuation(text[at]) && count-- == 0) break;
  return at;
}

void AppendLowercase(std::string_view text, std::string* out) {
  const size_t begin = out->size();
  size_t at = 0;
  while (at < text.size()) {
    const char byte = text[at];
    if (static_cast<uint8_t>(byte) < 0x80) {
      out->push_back(byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte);
      ++at;
      continue;
    }
    const char32_t c = DecodeCharacter(text, &at);
    if (c == kCapitalSigma) {
      out->resize(begin);
      return AppendLowercaseInContext(text, out);
    }
    if (c == kCapitalDottedI)
      out->append("i\xCC\x87");  // the only character whose lower case is two everywhere
    else
      AppendCharacter(static_cast<char32_t>(u_tolower(ToIcu(c))), out);
  }
}

}  // namespace sextant::text
