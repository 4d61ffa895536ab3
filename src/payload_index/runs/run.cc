#include "payload_index/runs/run.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace sextant::payload_index {
namespace {

constexpr size_t kFanOut = 4;
constexpr size_t kFullRun = size_t{1} << 15;  // live points from which a run is not merged any more

int SizeClass(const Run& run) {
  return (std::bit_width(run.live_count()) - 1) / std::bit_width(kFanOut - 1);
}

// Moves the runs that `chosen` holds for out of `runs`.
template <typename Chosen>
std::vector<Run> Extract(std::vector<Run>* runs, Chosen&& chosen) {
  const auto rest = std::stable_partition(runs->begin(), runs->end(), [&](const Run& run) { return !chosen(run); });
  std::vector<Run> out(std::make_move_iterator(rest), std::make_move_iterator(runs->end()));
  runs->erase(rest, runs->end());
  return out;
}

// Rewrites the run with the most dead points, if these are more than half of it. One at a time: changes spread evenly
// wear all runs down together, and rewriting them all in one change would make that change slow.
void RewriteMostWasteful(std::span<const IndexedField> fields, std::vector<Run>* runs) {
  const auto dead = [](const Run& run) {
    return run.built_count() < kRewrittenLater ? run.built_count() - run.live_count() : 0;
  };
  const auto most =
      std::max_element(runs->begin(), runs->end(), [&](const Run& a, const Run& b) { return dead(a) < dead(b); });
  if (most != runs->end() && dead(*most) > most->live_count()) *most = Run::Merge({*most}, fields);
}

}  // namespace

Run::Run(Bitmap points, std::shared_ptr<const Columns> columns) : columns_(std::move(columns)) {
  points.Optimize();
  built_count_ = points.size();
  SetLive(std::move(points));
}

void Run::SetLive(Bitmap live) {
  live_count_ = live.size();
  first_ = live_count_ == 0 ? 1 : live.Min();
  last_ = live_count_ == 0 ? 0 : live.Max();
  live_ = std::make_shared<const Bitmap>(std::move(live));
}

Run Run::Merge(std::vector<Run> runs, std::span<const IndexedField> fields) {
  // By their first points: loads in ordinal order then merge by mere concatenation.
  std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.live().Min() < b.live().Min(); });
  std::vector<const Bitmap*> live;
  for (const Run& run : runs) live.push_back(run.live_.get());
  auto columns = std::make_shared<Columns>();
  std::vector<ColumnPart> parts(runs.size());
  for (size_t f = 0; f < fields.size(); ++f) {
    if (!std::all_of(runs.begin(), runs.end(), [f](const Run& run) { return run.HasColumn(f); })) {
      columns->push_back(nullptr);
      continue;
    }
    for (size_t r = 0; r < runs.size(); ++r) parts[r] = {&runs[r].column(f), runs[r].live_.get(), runs[r].all_live()};
    columns->push_back(MergeColumns(fields[f].schema.type, parts));
  }
  return Run(Bitmap::UnionOf(live), std::move(columns));
}

bool Run::Touches(const Bitmap& points) const {
  return !points.empty() && points.Min() <= last_ && points.Max() >= first_ && live_->Intersects(points);
}

Run Run::Without(const Bitmap& points) const {
  Run run = *this;
  run.SetLive(*live_ - points);
  return run;
}

Run Run::WithColumns(Columns columns) const {
  Run run = *this;
  run.columns_ = std::make_shared<const Columns>(std::move(columns));
  return run;
}

std::shared_ptr<const Bitmap> Run::Living(std::shared_ptr<const Bitmap> selected) const {
  if (all_live()) return selected;
  return std::make_shared<const Bitmap>(*selected & *live_);
}

size_t Run::memory_bytes() const {
  size_t bytes = sizeof(Run) + live_->memory_bytes();
  for (const auto& column : *columns_)
    if (column != nullptr) bytes += column->memory_bytes();
  return bytes;
}

void Compact(std::span<const IndexedField> fields, std::vector<Run>* runs) {
  std::erase_if(*runs, [](const Run& run) { return run.live_count() == 0; });
  RewriteMostWasteful(fields, runs);
  while (true) {
    std::vector<size_t> members;  // of each size class
    for (const Run& run : *runs) {
      if (run.live_count() >= kFullRun) continue;
      const auto size_class = static_cast<size_t>(SizeClass(run));
      if (members.size() <= size_class) members.resize(size_class + 1);
      ++members[size_class];
    }
    const auto crowded = std::find_if(members.begin(), members.end(), [](size_t count) { return count >= kFanOut; });
    if (crowded == members.end()) return;
    const auto size_class = static_cast<int>(crowded - members.begin());
    std::vector<Run> merging =
        Extract(runs, [&](const Run& run) { return run.live_count() < kFullRun && SizeClass(run) == size_class; });
    runs->push_back(Run::Merge(std::move(merging), fields));
  }
}

}  // namespace sextant::payload_index
