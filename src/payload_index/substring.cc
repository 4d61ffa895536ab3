#include "payload_index/substring.h"

#include <cstring>

namespace sextant::payload_index {
namespace {

// The length of the white space character (of Unicode's property White_Space, as UTF-8) at the front; 0: none.
size_t WhiteSpaceAt(std::string_view text) {
  const auto byte = [&](size_t i) -> unsigned { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  if ((byte(0) >= 0x09 && byte(0) <= 0x0D) || byte(0) == 0x20) return 1;
  if (byte(0) == 0xC2) return byte(1) == 0x85 || byte(1) == 0xA0 ? 2 : 0;  // U+0085, U+00A0
  if (byte(0) == 0xE1) return byte(1) == 0x9A && byte(2) == 0x80 ? 3 : 0;  // U+1680
  if (byte(0) == 0xE3) return byte(1) == 0x80 && byte(2) == 0x80 ? 3 : 0;  // U+3000
  if (byte(0) != 0xE2) return 0;
  if (byte(1) == 0x81) return byte(2) == 0x9F ? 3 : 0;  // U+205F
  const bool space = byte(1) == 0x80 && ((byte(2) >= 0x80 && byte(2) <= 0x8A) || byte(2) == 0xA8 || byte(2) == 0xA9 ||
                                         byte(2) == 0xAF);  // U+2000 to U+200A, U+2028, U+2029, U+202F
  return space ? 3 : 0;
}

}  // namespace

bool HasSubstring(std::string_view text, std::string_view pattern) {
  return pattern.empty() || memmem(text.data(), text.size(), pattern.data(), pattern.size()) != nullptr;
}

bool HasAnyPiece(std::string_view text, std::string_view pieces) {
  size_t start = 0;
  for (size_t at = 0; at <= pieces.size();) {
    const size_t space = WhiteSpaceAt(pieces.substr(at));
    if (space == 0 && at < pieces.size()) {
      ++at;
      continue;
    }
    if (at > start && HasSubstring(text, pieces.substr(start, at - start))) return true;
    at += space == 0 ? 1 : space;
    start = at;
  }
  return false;
}

}  // namespace sextant::payload_index
