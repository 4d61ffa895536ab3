#include <algorithm>

#include "payload_index/evaluator.h"
#include "payload_index/index_rule.h"
#include "payload_index/index_snapshot.h"
#include "payload_index/log_snapshot.h"
#include "payload_index/payload_check.h"
#include "types/values/siphash.h"

namespace sextant::payload_index {

Result<bool> LogSnapshot::Holds(const Filter& filter, const Json& payload, const PointId& id,
                                const std::function<bool(std::string_view vector_name)>& has_vector) const {
  const IndexView view = View();
  // What an index of the field says, filled or not.
  const auto by_index = [&](const Condition& condition) -> std::optional<bool> {
    const auto field_condition = AsFieldCondition(condition);
    if (!field_condition) return std::nullopt;
    const IndexedField* field = view.FindDeclared(field_condition->key);
    if (field == nullptr) {
      const auto filled = view.FindFilled(field_condition->key);
      if (!filled) return std::nullopt;
      field = &view.fields[*filled];
    }
    const auto rule = IndexRule::Make(*field_condition, *field);
    return rule ? std::optional(rule->Holds(&payload)) : std::nullopt;
  };
  return FilterHolds(filter, false, [&](const Condition& condition) {
    if (const auto* ids = std::get_if<HasIdCondition>(&condition))
      return std::find(ids->ids.begin(), ids->ids.end(), id) != ids->ids.end();
    if (const auto* vector = std::get_if<HasVectorCondition>(&condition)) return has_vector(vector->name);
    if (const auto* slice = std::get_if<SliceCondition>(&condition))
      return SliceHash(id) % slice->total == slice->index;
    const std::optional<bool> decided = by_index(condition);
    return decided ? *decided : PayloadHolds(condition, &payload);
  });
}

}  // namespace sextant::payload_index
