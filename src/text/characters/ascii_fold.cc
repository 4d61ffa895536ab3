#include "text/characters/ascii_fold.h"

#include <algorithm>
#include <cstdint>

#include "text/characters/ascii_fold_table.h"
#include "text/characters/characters.h"

namespace sextant::text {
namespace {

// What `c` folds to, or nullptr.
const char* Fold(char32_t c) {
  const auto folds = AsciiFolds();
  const auto found = std::lower_bound(folds.begin(), folds.end(), c,
                                      [](const AsciiFold& fold, char32_t wanted) { return fold.character < wanted; });
  return found != folds.end() && found->character == c ? found->ascii : nullptr;
}

}  // namespace

void AppendAsciiFolded(std::string_view text, std::string* out) {
  size_t at = 0;
  while (at < text.size()) {
    if (static_cast<uint8_t>(text[at]) < 0x80) {
      out->push_back(text[at++]);
      continue;
    }
    const size_t begin = at;
    if (const char* ascii = Fold(DecodeCharacter(text, &at)))
      out->append(ascii);
    else
      out->append(text.substr(begin, at - begin));
  }
}

}  // namespace sextant::text
