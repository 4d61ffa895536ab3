#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "text/stopword_set.h"
#include "types/text_params.h"

namespace sextant::text {

class TokenPipeline;

// What: turns texts into the tokens that documents are found by. A text is split into words, and each word is folded
// to ASCII, put in lower case, dropped if it is a stopword, stemmed, and dropped if its length is out of bounds; what
// is not asked for is skipped. The tokenizers split
// - word: at every character that is neither letter nor number;
// - whitespace: at white space;
// - prefix: as word. A document has each beginning of a word from the least length (1 if none is given) to the greatest
//   as a token; words shorter than the least are dropped. A query has the longest such beginning of each word, and
//   keeps stopwords, which may be the beginning of something else. Beginnings end at kLongestPrefix;
// - multilingual: as word, then WordBreaker cuts what is written without spaces and evens out spellings. Tokens
//   without a letter are dropped.
// Stopwords are compared in the form that the words before them have: folded, in lower case, with spellings evened out.
// Bytes that are not UTF-8 part words. Tokens are well-formed UTF-8 and never empty. Time and memory are bounded by a
// constant times the length of the text, and apart from the results memory by that of its longest word.
// Threads: any number at once; each call works on state of its own, which is kept for the next.
class TextAnalyzer {
 public:
  // A token is lent for the time of the call.
  using TokenSink = absl::FunctionRef<void(std::string_view)>;
  static constexpr size_t kLongestPrefix = 128;  // characters; the beginnings of a word of n letters are n²/2 letters

  explicit TextAnalyzer(TextParams params);
  ~TextAnalyzer();

  const TextParams& params() const { return params_; }

  // In the order of the text, repeats included.
  void ForEachDocumentToken(std::string_view text, TokenSink sink) const;
  void ForEachQueryToken(std::string_view text, TokenSink sink) const;
  std::vector<std::string> TokenizeDocument(std::string_view text) const;
  std::vector<std::string> TokenizeQuery(std::string_view text) const;

 private:
  std::unique_ptr<TokenPipeline> TakePipeline() const;
  void ReturnPipeline(std::unique_ptr<TokenPipeline> pipeline) const;

  const TextParams params_;
  const StopwordSet stopwords_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<TokenPipeline>> idle_;  // guarded by mutex_
};

}  // namespace sextant::text
