#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "payload_index/background/background_column.h"

namespace sextant::payload_index {

// What: which background columns the filters of a shard use, and which they would: counts the points whose payloads had
// to be read for conditions that a column would decide. A column is wanted when it has cost as much as filling it
// takes, so that building it never more than about doubles the work (as in renting or buying skis). Shared by all
// snapshots of a shard. It knows a bounded number of columns and forgets those longest out of use. Threads: any.
// Ownership: keeps the callback.
class ColumnDemand {
 public:
  using Clock = std::chrono::steady_clock;

  // A filter read the payloads of `points` out of `all` points.
  void CountRead(const BackgroundColumn& column, size_t points, size_t all);
  // A filter used the column.
  void CountUse(const BackgroundColumn& column);

  // From now on `wanted` is called, on the thread of a filter, when a column becomes wanted, after at least
  // `least_points`. It must not block.
  void Watch(size_t least_points, std::function<void()> wanted);
  // The wanted columns; they start anew.
  std::vector<BackgroundColumn> TakeWanted();
  // When a filter last used the column or would have; nothing when that is forgotten.
  std::optional<Clock::time_point> LastUse(const BackgroundColumn& column) const;

 private:
  struct Entry {
    BackgroundColumn column;
    Clock::time_point last_use;
    size_t points_read = 0;
    bool wanted = false;
  };

  Entry& Touch(const BackgroundColumn& column);  // mutex_ held

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;     // guarded by mutex_
  size_t least_points_ = 0;        // guarded by mutex_
  std::function<void()> on_want_;  // guarded by mutex_
};

}  // namespace sextant::payload_index
