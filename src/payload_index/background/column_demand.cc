#include "payload_index/background/column_demand.h"

#include <algorithm>
#include <utility>

namespace sextant::payload_index {
namespace {

constexpr size_t kMostEntries = 256;

}  // namespace

ColumnDemand::Entry& ColumnDemand::Touch(const BackgroundColumn& column) {
  auto entry =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& known) { return known.column == column; });
  if (entry == entries_.end()) {
    if (entries_.size() == kMostEntries)
      entries_.erase(std::min_element(entries_.begin(), entries_.end(),
                                      [](const Entry& a, const Entry& b) { return a.last_use < b.last_use; }));
    entry = entries_.insert(entries_.end(), Entry{column, {}, 0, false});
  }
  entry->last_use = Clock::now();
  return *entry;
}

void ColumnDemand::CountRead(const BackgroundColumn& column, size_t points, size_t all) {
  std::function<void()> call;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = Touch(column);
    entry.points_read += points;
    if (entry.wanted || on_want_ == nullptr || entry.points_read < std::max(all, least_points_)) return;
    entry.wanted = true;
    call = on_want_;
  }
  call();
}

void ColumnDemand::CountUse(const BackgroundColumn& column) {
  const std::lock_guard lock(mutex_);
  Touch(column);
}

void ColumnDemand::Watch(size_t least_points, std::function<void()> wanted) {
  const std::lock_guard lock(mutex_);
  least_points_ = least_points;
  on_want_ = std::move(wanted);
}

std::vector<BackgroundColumn> ColumnDemand::TakeWanted() {
  std::vector<BackgroundColumn> taken;
  const std::lock_guard lock(mutex_);
  for (Entry& entry : entries_) {
    if (!entry.wanted) continue;
    taken.push_back(entry.column);
    entry.points_read = 0;
    entry.wanted = false;
  }
  return taken;
}

std::optional<ColumnDemand::Clock::time_point> ColumnDemand::LastUse(const BackgroundColumn& column) const {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_)
    if (entry.column == column) return entry.last_use;
  return std::nullopt;
}

}  // namespace sextant::payload_index
