#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sextant::text {

// What DecodeCharacter says where bytes are not UTF-8. It belongs to no class below.
inline constexpr char32_t kIllFormed = 0xFFFFFFFF;

// The character of UTF-8 `text` at byte `*at` (which is below the size); `*at` moves behind it. Ill-formed bytes are
// passed over as Unicode recommends: a maximal part of a character at once.
char32_t DecodeCharacter(std::string_view text, size_t* at);
// `c` is a Unicode scalar value.
void AppendCharacter(char32_t c, std::string* out);

// Unicode's Alphabetic; that or a number (categories Nd, Nl and No); a combining mark; White_Space.
bool IsAlphabetic(char32_t c);
bool IsAlphanumeric(char32_t c);
bool IsMark(char32_t c);
bool IsWhitespace(char32_t c);

// Of well-formed UTF-8.
size_t CountCharacters(std::string_view text);
// The byte at which character `count` begins; the size of `text` if there are no more than `count` characters.
size_t PrefixBytes(std::string_view text, size_t count);

// Appends well-formed `text` in Unicode lower case, in no language's special way (`I` becomes `i` for Turkish, too).
void AppendLowercase(std::string_view text, std::string* out);

}  // namespace sextant::text
