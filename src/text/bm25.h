#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/status.h"
#include "text/text_analyzer.h"
#include "types/json.h"
#include "types/text_params.h"
#include "types/vector_value.h"

namespace sextant::text {

// How BM25 makes a vector of a text; the defaults are those of the model `qdrant/bm25`.
struct Bm25Options {
  Bm25Options() : Bm25Options("english") {}
  // With the stopwords and the stemmer of `language`, by name or ISO code; what there is none of is left out, so that
  // "none" leaves out both.
  explicit Bm25Options(std::string_view language);

  double k = 1.2;          // how late further occurrences stop to count
  double b = 0.75;         // how much the length of a document counts
  double avg_len = 256.0;  // tokens
  TextParams text;

  friend bool operator==(const Bm25Options&, const Bm25Options&) = default;
};

// Reads the `options` of a document as clients write them; null and {} are the defaults, members that are not known
// are passed over. kFormat on a wrong type or name, kWrongInput on a number out of range.
Result<Bm25Options> Bm25OptionsFromJson(const Json& json);

// kWrongInput unless k is finite and at least 0, b within 0 and 1, and avg_len finite and above 0.
Status CheckBm25Options(const Bm25Options& options);

// The index of a token in sparse vectors: |murmur3 x86 32 bit, seed 0|.
uint32_t Bm25TokenId(std::string_view token);

// What: the model `qdrant/bm25`: makes sparse vectors of texts, whose product is the BM25 score but for the inverse
// document frequency, which the vector's index has to put in (modifier `idf`). A token that occurs n times among the L
// tokens of a document weighs n(k+1) / (n + k(1 - b + b·L/avg_len)); a token of a query weighs 1. Of tokens with one
// index, one decides the weight. Equal texts have equal vectors, on every machine.
// Threads: any number at once.
class Bm25Embedder {
 public:
  // The errors of CheckBm25Options.
  static Result<Bm25Embedder> Create(Bm25Options options);

  const Bm25Options& options() const { return options_; }

  // Indices ascending; empty for a text without tokens.
  SparseVector EmbedDocument(std::string_view text) const;
  SparseVector EmbedQuery(std::string_view text) const;

 private:
  explicit Bm25Embedder(Bm25Options options);

  Bm25Options options_;
  std::unique_ptr<const TextAnalyzer> analyzer_;
};

}  // namespace sextant::text
