#pragma once

#include <memory>
#include <optional>

#include "payload_index/payload_check.h"
#include "payload_index/runs/column.h"
#include "payload_index/text_query.h"
#include "types/filter.h"

namespace sextant::payload_index {

// What: a condition on one field, decided payload by payload as an index of the field decides it: what counts is how
// the index reads values, not how an unindexed condition does.
// Threads: immutable; any thread.
class IndexRule {
 public:
  // Nothing for a condition that such an index does not serve.
  static std::optional<IndexRule> Make(const FieldCondition& condition, const IndexedField& field);

  bool Holds(const Json* root) const;
  bool Holds(simdjson::dom::element root) const;

 private:
  IndexRule(const FieldCondition& condition, const IndexedField& field);

  template <typename Value>
  bool HoldsIn(Value root) const;
  template <typename Value>
  bool HasTokens(Value root) const;

  FieldCondition condition_;
  FieldType type_;
  std::shared_ptr<const text::TextAnalyzer> analyzer_;
  std::optional<TextQuery> text_;  // of a condition on texts
};

}  // namespace sextant::payload_index
