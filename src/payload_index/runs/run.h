#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "payload_index/runs/bitmap.h"
#include "payload_index/runs/column.h"
#include "types/config.h"
#include "types/payload_path.h"

namespace sextant::payload_index {

// What: the indexed values of a group of points that changed together, one column a field, and which of these points
// the run still speaks for: a later change of a point takes it out of `live` (in a copy), and a deletion does so
// without leaving anything behind. Every living point is live in exactly one run of a snapshot, so that what the runs
// answer needs no order among them and any of them may be merged.
// Threads: a value of immutable parts.
class Run {
 public:
  using Columns = std::vector<std::shared_ptr<const Column>>;

  Run() = default;
  // All points are live.
  Run(Bitmap points, std::shared_ptr<const Columns> columns);
  // One run for the live points of several. It lacks the columns that one of them lacks. Precondition: each has some.
  static Run Merge(std::vector<Run> runs, std::span<const IndexedField> fields);

  const Bitmap& live() const { return *live_; }
  size_t live_count() const { return live_count_; }
  // The number of points the columns hold, live or not.
  size_t built_count() const { return built_count_; }
  bool all_live() const { return live_count_ == built_count_; }
  bool Contains(uint32_t ordinal) const { return ordinal >= first_ && ordinal <= last_ && live_->Contains(ordinal); }
  // Whether its live points may be in this range.
  bool Overlaps(uint32_t first, uint32_t last) const { return first_ <= last && first <= last_; }
  // Precondition: HasColumn(field).
  const Column& column(size_t field) const { return *(*columns_)[field]; }
  // False for a background column that has not been filled for these points.
  bool HasColumn(size_t field) const { return (*columns_)[field] != nullptr; }
  bool HasAllColumns() const { return std::find(columns_->begin(), columns_->end(), nullptr) == columns_->end(); }
  const Columns& columns() const { return *columns_; }
  // The same for a run and what later snapshots have of it, as long as only its live points change.
  const std::shared_ptr<const Columns>& identity() const { return columns_; }

  // Precondition of the change of live points: the run has live points.
  bool Touches(const Bitmap& points) const;
  Run Without(const Bitmap& points) const;
  Run WithColumns(Columns columns) const;

  // The live points among `selected`, which the run's columns gave.
  std::shared_ptr<const Bitmap> Living(std::shared_ptr<const Bitmap> selected) const;
  size_t memory_bytes() const;

 private:
  void SetLive(Bitmap live);

  std::shared_ptr<const Bitmap> live_;
  std::shared_ptr<const Columns> columns_;
  size_t live_count_ = 0;
  size_t built_count_ = 0;
  uint32_t first_ = 1;  // of the live points; none: an empty range
  uint32_t last_ = 0;
};

// Points from which a run is not rewritten by Compact any more, see RunsToMerge.
inline constexpr size_t kRewrittenLater = size_t{1} << 18;

// Keeps the number of runs logarithmic in the number of points (the logarithmic method of Bentley and Saxe, 1980,
// with a fan-out): runs of one size class are merged when there are enough of them, so that a point is copied a
// logarithmic number of times, and a run that is mostly dead is rewritten. Runs beyond a size are left alone, which
// bounds the longest merge; their number grows with the points.
void Compact(std::span<const IndexedField> fields, std::vector<Run>* runs);

}  // namespace sextant::payload_index
