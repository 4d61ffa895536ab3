#pragma once

#include <string_view>

namespace sextant::payload_index {

// Searches in time linear in the text, whatever the pattern.
bool HasSubstring(std::string_view text, std::string_view pattern);

// Whether any of the pieces of `pieces` between Unicode white space is a substring.
bool HasAnyPiece(std::string_view text, std::string_view pieces);

}  // namespace sextant::payload_index
