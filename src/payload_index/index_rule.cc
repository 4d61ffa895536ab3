#include "payload_index/index_rule.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "payload_index/runs/field_key.h"
#include "payload_index/runs/key_match.h"

namespace sextant::payload_index {

std::optional<IndexRule> IndexRule::Make(const FieldCondition& condition, const IndexedField& field) {
  const auto served = ServedBy(field.schema, condition);
  return served ? std::optional(IndexRule(*served, field)) : std::nullopt;
}

IndexRule::IndexRule(const FieldCondition& condition, const IndexedField& field)
    : condition_(condition), type_(field.schema.type), analyzer_(field.analyzer) {
  if (analyzer_ != nullptr) text_ = TextQuery::Make(condition, field);
}

bool IndexRule::Holds(const Json* root) const {
  return HoldsIn(root);
}

bool IndexRule::Holds(simdjson::dom::element root) const {
  return HoldsIn(root);
}

template <typename Value>
bool IndexRule::HoldsIn(Value root) const {
  if (text_) return HasTokens(root) && (!text_->needs_text() || text_->HoldsIn(root));
  return WithType(type_, [&](auto constant) {
    constexpr FieldType kType = constant();
    bool accepted = false;
    const FieldFlags flags = VisitElements(root, condition_.key, [&](Value element) {
      if constexpr (kType != FieldType::kText) {
        if (accepted) return;
        if (const auto key = KeyOf<kType>(element)) accepted = AcceptsKey<KeyOfType<kType>>(condition_.predicate, *key);
      }
    });
    if (const auto* empty = std::get_if<IsEmpty>(&condition_.predicate)) return flags.not_empty != empty->expected;
    if (const auto* null = std::get_if<IsNull>(&condition_.predicate)) return flags.holds_null == null->expected;
    return accepted;
  });
}

// Whether the texts of the field have, all together, the tokens that are looked for.
template <typename Value>
bool IndexRule::HasTokens(Value root) const {
  const std::vector<std::string>& wanted = text_->tokens();
  std::vector<bool> found(wanted.size());
  VisitElements(root, condition_.key, [&](Value element) {
    if (KindOf(element) != Json::Kind::kString) return;
    analyzer_->ForEachDocumentToken(StringOf(element), [&](std::string_view token) {
      const auto place = std::lower_bound(wanted.begin(), wanted.end(), token);
      if (place != wanted.end() && *place == token) found[static_cast<size_t>(place - wanted.begin())] = true;
    });
  });
  const auto missing = std::count(found.begin(), found.end(), false);
  return text_->any() ? missing < static_cast<ptrdiff_t>(found.size()) : missing == 0 && !found.empty();
}

}  // namespace sextant::payload_index
