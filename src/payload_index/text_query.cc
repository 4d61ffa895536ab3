#include "payload_index/text_query.h"

#include <algorithm>

namespace sextant::payload_index {
namespace {

// The table of Knuth, Morris and Pratt.
std::vector<size_t> BordersOf(const std::vector<std::string>& phrase) {
  std::vector<size_t> borders(phrase.size());
  for (size_t i = 1, length = 0; i < phrase.size(); ++i) {
    while (length > 0 && phrase[i] != phrase[length]) length = borders[length - 1];
    if (phrase[i] == phrase[length]) ++length;
    borders[i] = length;
  }
  return borders;
}

}  // namespace

std::optional<TextQuery> TextQuery::Make(const FieldCondition& condition, const IndexedField& field) {
  const auto* all = std::get_if<MatchText>(&condition.predicate);
  const auto* any = std::get_if<MatchTextAny>(&condition.predicate);
  const auto* phrase = std::get_if<MatchPhrase>(&condition.predicate);
  if (all == nullptr && any == nullptr && phrase == nullptr) return std::nullopt;
  TextQuery query;
  query.path_ = condition.key;
  query.analyzer_ = field.analyzer;
  query.any_ = any != nullptr;
  query.tokens_ = field.analyzer->TokenizeQuery(all != nullptr ? all->text : any != nullptr ? any->text : phrase->text);
  if (phrase != nullptr) {
    query.phrase_ = query.tokens_;
    query.borders_ = BordersOf(query.phrase_);
  }
  std::sort(query.tokens_.begin(), query.tokens_.end());
  query.tokens_.erase(std::unique(query.tokens_.begin(), query.tokens_.end()), query.tokens_.end());
  return query;
}

bool TextQuery::IsPhraseIn(std::string_view text) const {
  size_t length = 0;  // of the beginning of the phrase that the last tokens are
  bool found = false;
  analyzer_->ForEachDocumentToken(text, [&](std::string_view token) {
    if (found) return;
    while (length > 0 && phrase_[length] != token) length = borders_[length - 1];
    if (phrase_[length] == token) ++length;
    found = length == phrase_.size();
  });
  return found;
}

}  // namespace sextant::payload_index
