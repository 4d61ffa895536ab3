#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "payload_index/payload_check.h"
#include "payload_index/runs/column.h"
#include "text/text_analyzer.h"
#include "types/filter.h"

namespace sextant::payload_index {

// What: a text condition as a text index sees it: the tokens that must all be there, or of which any must be. For a
// phrase, the index tells which points have all of its tokens; the text itself tells whether they stand in a row.
// Threads: immutable; any thread.
class TextQuery {
 public:
  // Nothing for a predicate that is not on texts. Precondition: `field` is a text index.
  static std::optional<TextQuery> Make(const FieldCondition& condition, const IndexedField& field);

  const std::vector<std::string>& tokens() const { return tokens_; }  // ascending, without repeats; none: no match
  bool any() const { return any_; }
  // Whether points with all tokens have to be looked at.
  bool needs_text() const { return phrase_.size() > 1; }

  // Whether a payload holds a text with the phrase. Precondition: needs_text().
  template <typename Value>
  bool HoldsIn(Value root) const {
    const auto accepts = [&](Value v) { return KindOf(v) == Json::Kind::kString && IsPhraseIn(StringOf(v)); };
    return AnyValueAt(root, path_.steps(), false,
                      [&](Value v) { return KindOf(v) == Json::Kind::kArray ? AnyElementOf(v, accepts) : accepts(v); });
  }

 private:
  bool IsPhraseIn(std::string_view text) const;

  PayloadPath path_;
  std::shared_ptr<const text::TextAnalyzer> analyzer_;
  std::vector<std::string> tokens_;
  std::vector<std::string> phrase_;  // in order, with repeats
  std::vector<size_t> borders_;      // of each beginning of the phrase: its longest proper border
  bool any_ = false;
};

}  // namespace sextant::payload_index
