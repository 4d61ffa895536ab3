#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "text/characters/characters.h"
#include "text/text_analyzer.h"

namespace {

using sextant::TextParams;

// The first bytes choose the parameters.
TextParams ChooseParams(uint8_t first, uint8_t second, uint8_t third) {
  TextParams params;
  params.tokenizer = static_cast<sextant::Tokenizer>(first & 3);
  params.lowercase = (first & 4) == 0;
  params.ascii_folding = (first & 8) != 0;
  if ((first & 16) != 0) params.min_token_len = second & 7;
  if ((first & 32) != 0) params.max_token_len = second >> 3;
  if ((first & 64) != 0) params.stopwords.languages = {static_cast<sextant::StopwordLanguage>(third % 30)};
  if ((first & 128) != 0) params.stemmer = static_cast<sextant::StemmerLanguage>(third % 19);
  return params;
}

void CheckToken(const TextParams& params, std::string_view token) {
  SEXTANT_CHECK(!token.empty());
  size_t characters = 0;
  for (size_t at = 0; at < token.size(); ++characters)
    SEXTANT_CHECK(sextant::text::DecodeCharacter(token, &at) != sextant::text::kIllFormed);
  SEXTANT_CHECK(characters >= params.min_token_len.value_or(0));
  SEXTANT_CHECK(characters <= params.max_token_len.value_or(SIZE_MAX));
}

}  // namespace

// Tokens are UTF-8 within the bounds; queries have the tokens of documents, for prefixes the longest ones.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const TextParams params = ChooseParams(data[0], data[1], data[2]);
  const std::string_view text(reinterpret_cast<const char*>(data + 3), size - 3);
  const sextant::text::TextAnalyzer analyzer(params);
  std::vector<std::string> document = analyzer.TokenizeDocument(text);
  const std::vector<std::string> query = analyzer.TokenizeQuery(text);
  for (const std::string& token : document) CheckToken(params, token);
  if (params.tokenizer != sextant::Tokenizer::kPrefix) {
    SEXTANT_CHECK(document == query);
    return 0;
  }
  const bool crossed = params.min_token_len.value_or(0) > params.max_token_len.value_or(SIZE_MAX);
  if (crossed || !params.stopwords.languages.empty()) return 0;
  std::sort(document.begin(), document.end());
  for (const std::string& token : query) SEXTANT_CHECK(std::binary_search(document.begin(), document.end(), token));
  return 0;
}
