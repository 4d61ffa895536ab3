#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "search/formula/expression.h"
#include "service/strict/strict_mode.h"
#include "types/config.h"
#include "types/filter.h"

namespace sextant::service {

// The schema of a collection's index of this field; null when there is none.
using FindSchema = std::function<const FieldSchema*(const PayloadPath& field)>;

// The conditions of a filter on all levels, filters as conditions aside.
uint64_t CountConditions(const Filter& filter);
// The largest number of elements (values, ids, corners) of one condition.
uint64_t LargestCondition(const Filter& filter);
// Whether some condition is on a field with a tenant index.
bool NamesTenant(const Filter& filter, const FindSchema& find);

// `allow_unindexed` is the flag for what the filter is used for; unless it is false, any field may be filtered by.
Status CheckFilter(const Filter& filter, const StrictMode& mode, std::optional<bool> allow_unindexed,
                   const FindSchema& find);
// What a field is used for besides conditions. `advice` completes "Create an index for this key or use a different ".
enum class FieldUse { kOrderBy, kGroupBy };
Status CheckField(const PayloadPath& field, FieldUse use, const FindSchema& find);
// The fields that a formula reads.
Status CheckFormula(const search::Expression& expression, const FindSchema& find);

}  // namespace sextant::service
