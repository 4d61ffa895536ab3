#include "text/stemmer.h"

#include <libstemmer.h>

#include <string>

#include "base/check.h"

namespace sextant::text {
namespace {

// The algorithms are meant for words; this bounds their time and their buffers.
constexpr size_t kLongestWord = 1024;  // bytes

}  // namespace

void Stemmer::Deleter::operator()(sb_stemmer* stemmer) const {
  sb_stemmer_delete(stemmer);
}

Stemmer::Stemmer(StemmerLanguage language)
    // The names of the languages are the library's names of its algorithms.
    : stemmer_(sb_stemmer_new(std::string(LanguageName(language)).c_str(), "UTF_8")) {
  SEXTANT_CHECK(stemmer_ != nullptr);
}

std::string_view Stemmer::Stem(std::string_view word) {
  if (word.size() > kLongestWord) return word;
  const auto* bytes = reinterpret_cast<const sb_symbol*>(word.data());
  const sb_symbol* stem = sb_stemmer_stem(stemmer_.get(), bytes, static_cast<int>(word.size()));
  if (stem == nullptr) return word;  // out of memory
  return {reinterpret_cast<const char*>(stem), static_cast<size_t>(sb_stemmer_length(stemmer_.get()))};
}

}  // namespace sextant::text
