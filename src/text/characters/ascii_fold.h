#pragma once

#include <string>
#include <string_view>

namespace sextant::text {

// Appends well-formed `text` with the letters, digits and signs that have an ASCII look-alike replaced by it (ação →
// acao, ß → ss, Æ → AE, ② → 2), as Lucene's ASCIIFoldingFilter does; other characters stay as they are.
void AppendAsciiFolded(std::string_view text, std::string* out);

}  // namespace sextant::text
