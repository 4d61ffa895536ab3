#include "text/token_pipeline.h"

#include <algorithm>
#include <utility>

#include "text/characters/ascii_fold.h"
#include "text/characters/characters.h"
#include "text/text_analyzer.h"

namespace sextant::text {
namespace {

constexpr size_t kKeptBytes = 64 << 10;  // of a buffer, between two texts

bool HasLetter(std::string_view text) {
  for (size_t at = 0; at < text.size();)
    if (IsAlphabetic(DecodeCharacter(text, &at))) return true;
  return false;
}

void LowercaseAscii(std::string_view text, std::string* out) {
  out->assign(text);
  for (char& byte : *out) byte = static_cast<char>(byte + (static_cast<uint8_t>(byte - 'A') < 26 ? 'a' - 'A' : 0));
}

}  // namespace

void NormalizeStopword(const TextParams& params, std::string_view word, std::string* out) {
  std::string even = params.tokenizer == Tokenizer::kMultilingual ? EvenSpelling(word) : std::string(word);
  std::string folded;
  if (params.ascii_folding)
    AppendAsciiFolded(even, &folded);
  else
    folded = std::move(even);
  if (params.lowercase)
    AppendLowercase(folded, out);
  else
    out->append(folded);
}

TokenPipeline::TokenPipeline(const TextParams& params, const StopwordSet& stopwords)
    : params_(params),
      stopwords_(stopwords),
      bounded_(params.min_token_len || params.max_token_len),
      shortest_prefix_(std::max<uint64_t>(params.min_token_len.value_or(1), 1)),
      longest_prefix_(std::min<uint64_t>(params.max_token_len.value_or(UINT64_MAX), TextAnalyzer::kLongestPrefix)) {
  if (params.stemmer) stemmer_.emplace(*params.stemmer);
}

void TokenPipeline::RunDocument(std::string_view text, TokenSink sink) {
  switch (params_.tokenizer) {
    case Tokenizer::kWord:
      ForEachWord<WordCharacters::kAlphanumeric>(text, [&](const Word& word) { Finish(word, sink); });
      return;
    case Tokenizer::kWhitespace:
      ForEachWord<WordCharacters::kNonWhitespace>(text, [&](const Word& word) { Finish(word, sink); });
      return;
    case Tokenizer::kPrefix:
      ForEachWord<WordCharacters::kAlphanumeric>(text, [&](const Word& word) { FinishPrefixes(word, sink); });
      return;
    case Tokenizer::kMultilingual:
      ForEachWord<WordCharacters::kWithMarksWithin>(text, [&](const Word& run) { FinishMultilingual(run, sink); });
      return;
  }
}

void TokenPipeline::RunQuery(std::string_view text, TokenSink sink) {
  if (params_.tokenizer != Tokenizer::kPrefix) return RunDocument(text, sink);
  ForEachWord<WordCharacters::kAlphanumeric>(text, [&](const Word& word) { FinishLongestPrefix(word, sink); });
}

void TokenPipeline::ReleaseLargeBuffers() {
  for (std::string* buffer : {&folded_, &lowered_})
    if (buffer->capacity() > kKeptBytes) std::string().swap(*buffer);
}

std::string_view TokenPipeline::Normalize(const Word& word) {
  std::string_view text = word.text;
  if (!word.ascii && params_.ascii_folding) {
    folded_.clear();
    AppendAsciiFolded(text, &folded_);
    text = folded_;
  }
  if (!params_.lowercase) return text;
  if (word.ascii) {
    if (!word.has_upper) return text;
    LowercaseAscii(text, &lowered_);
  } else {
    lowered_.clear();
    AppendLowercase(text, &lowered_);
  }
  return lowered_;
}

bool TokenPipeline::IsWithinBounds(std::string_view token) const {
  if (!bounded_) return true;
  const size_t length = CountCharacters(token);
  return length >= params_.min_token_len.value_or(0) && length <= params_.max_token_len.value_or(UINT64_MAX);
}

void TokenPipeline::Finish(const Word& word, TokenSink sink) {
  const std::string_view normalized = Normalize(word);
  if (stopwords_.Contains(normalized)) return;
  const std::string_view token = StemIfAsked(normalized);
  if (!token.empty() && IsWithinBounds(token)) sink(token);
}

void TokenPipeline::FinishMultilingual(const Word& run, TokenSink sink) {
  if (run.ascii) {
    if (HasLetter(run.text)) Finish(run, sink);
    return;
  }
  if (!breaker_) breaker_.emplace();
  breaker_->ForEachWord(run.text, [&](std::string_view word) {
    // Evened out, a word may have become ASCII, or have got a separator within (½ is 1⁄2).
    ForEachWord<WordCharacters::kWithMarksWithin>(word, [&](const Word& part) {
      if (HasLetter(part.text)) Finish(part, sink);
    });
  });
}

void TokenPipeline::FinishPrefixes(const Word& word, TokenSink sink) {
  const std::string_view normalized = Normalize(word);
  if (stopwords_.Contains(normalized)) return;
  const std::string_view stem = StemIfAsked(normalized);
  size_t end = PrefixBytes(stem, shortest_prefix_ - 1);
  if (end == stem.size()) return;  // shorter than the shortest
  for (uint64_t length = shortest_prefix_; length <= longest_prefix_ && end < stem.size(); ++length) {
    end += PrefixBytes(stem.substr(end), 1);
    sink(stem.substr(0, end));
  }
}

void TokenPipeline::FinishLongestPrefix(const Word& word, TokenSink sink) {
  const std::string_view stem = StemIfAsked(Normalize(word));
  if (PrefixBytes(stem, shortest_prefix_ - 1) == stem.size()) return;
  const std::string_view prefix = stem.substr(0, PrefixBytes(stem, longest_prefix_));
  if (!prefix.empty()) sink(prefix);
}

}  // namespace sextant::text
