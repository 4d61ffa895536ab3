#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "text/characters/word_breaker.h"
#include "text/characters/words.h"
#include "text/stemmer.h"
#include "text/stopword_set.h"
#include "types/text_params.h"

namespace sextant::text {

// Gives `word` the form in which stopwords are listed and looked up under `params`: see TextAnalyzer.
void NormalizeStopword(const TextParams& params, std::string_view word, std::string* out);

// What: the way of one text's words to its tokens, with the buffers and library objects that it takes; the work of
// TextAnalyzer, whose comment says what happens.
// Threads: one at a time.
// Ownership: borrows the parameters and the stopwords for its life.
class TokenPipeline {
 public:
  using TokenSink = absl::FunctionRef<void(std::string_view)>;

  TokenPipeline(const TextParams& params, const StopwordSet& stopwords);

  void RunDocument(std::string_view text, TokenSink sink);
  void RunQuery(std::string_view text, TokenSink sink);
  // Gives back what a very long word took.
  void ReleaseLargeBuffers();

 private:
  // The word folded and in lower case; lent until the next call, or as long as `word`.
  std::string_view Normalize(const Word& word);
  std::string_view StemIfAsked(std::string_view word) { return stemmer_ ? stemmer_->Stem(word) : word; }
  bool IsWithinBounds(std::string_view token) const;
  // All steps for the tokenizers that make one token of one word.
  void Finish(const Word& word, TokenSink sink);
  void FinishMultilingual(const Word& run, TokenSink sink);
  void FinishPrefixes(const Word& word, TokenSink sink);
  void FinishLongestPrefix(const Word& word, TokenSink sink);

  const TextParams& params_;
  const StopwordSet& stopwords_;
  const bool bounded_;
  const uint64_t shortest_prefix_, longest_prefix_;  // characters
  std::optional<Stemmer> stemmer_;
  std::optional<WordBreaker> breaker_;  // made when first needed
  std::string folded_, lowered_;
};

}  // namespace sextant::text
