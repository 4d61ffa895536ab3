#pragma once

#include <optional>
#include <vector>

#include "base/status.h"
#include "payload_index/background/background_column.h"
#include "payload_index/evaluator.h"
#include "payload_index/runs/bitmap.h"
#include "runtime/deadline.h"
#include "types/filter.h"

namespace sextant::payload_index {

// What background columns know of a condition: the living points that satisfy it, and those that are in no column yet.
struct ColumnVerdict {
  Bitmap accepted;
  Bitmap unknown;
};

// Nothing when a predicate of the condition has no column. Counts the use.
Result<std::optional<ColumnVerdict>> DecideByColumns(const FieldCondition& condition, const IndexView& view,
                                                     const Deadline& deadline);

// About how many living points satisfy it; half of those in no column do. Nothing as above.
std::optional<double> EstimateByColumns(const FieldCondition& condition, const IndexView& view);

// Adds the columns that would decide the condition, each once, and no more than are counted at a time.
void AddColumnsFor(const FieldCondition& condition, std::vector<BackgroundColumn>* columns);

}  // namespace sextant::payload_index
