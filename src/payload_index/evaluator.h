#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/status.h"
#include "payload_index/index_snapshot.h"
#include "payload_index/runs/bitmap.h"
#include "payload_index/runs/run.h"
#include "runtime/deadline.h"
#include "types/filter.h"

namespace sextant::payload_index {

// What an evaluation reads of a snapshot. Borrows everything.
struct IndexView {
  std::span<const IndexedField> fields;  // filled ones, and background columns
  std::span<const Run> runs;
  size_t point_count = 0;
  std::function<std::shared_ptr<const Bitmap>()> living;  // all living points; made on demand
  std::span<const IndexedField> declared;                 // not filled: runs have no columns of them
  ColumnDemand* demand = nullptr;

  // The position of the filled field with this path.
  std::optional<size_t> FindFilled(const PayloadPath& path) const;
  // The declared field with this path, whose rules conditions have; null when there is none.
  const IndexedField* FindDeclared(const PayloadPath& path) const;
  // The position of the filled field that decides conditions on this path.
  std::optional<size_t> FindField(const PayloadPath& path) const;
  // The position of a background column, which some runs may lack.
  std::optional<size_t> FindColumn(const BackgroundColumn& column) const;
  bool HasPoint(uint32_t ordinal) const;
};

// The living points that satisfy the filter. Indexed conditions become sets; what they leave undecided is decided by
// reading payloads, each at most once.
Result<OrdinalSet> EvaluateFilter(const Filter& filter, const IndexView& view, const PointSource& points,
                                  const Deadline& deadline);

// The expected number of these points: probabilities multiply, conditions that neither an index nor a column knows hold
// for half of the points.
double EstimateFilter(const Filter& filter, const IndexView& view, const PointSource& points);

// The living points that the indexed condition accepts. Precondition: Serves(schema of the field, predicate).
Result<Bitmap> SelectIndexed(const FieldCondition& condition, size_t field, const IndexView& view,
                             const Deadline& deadline);

// The form of a condition that an index may serve: a field condition of the same meaning, if there is one.
std::optional<FieldCondition> AsFieldCondition(const Condition& condition);

// `match any` of an empty list, which needs no index and no payload to be decided.
bool MatchesNothing(const FieldCondition& condition);

}  // namespace sextant::payload_index
