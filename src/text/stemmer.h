#pragma once

#include <memory>
#include <string_view>

#include "types/text_params.h"

struct sb_stemmer;

namespace sextant::text {

// What: reduces words of one language to their stems, by its Snowball algorithm.
// Threads: one at a time.
class Stemmer {
 public:
  explicit Stemmer(StemmerLanguage language);

  // The stem of a word in lower case and well-formed UTF-8; lent until the next call, or as long as `word`. What is
  // longer than any word of a language is returned as it is.
  std::string_view Stem(std::string_view word);

 private:
  struct Deleter {
    void operator()(sb_stemmer* stemmer) const;
  };
  std::unique_ptr<sb_stemmer, Deleter> stemmer_;
};

}  // namespace sextant::text
