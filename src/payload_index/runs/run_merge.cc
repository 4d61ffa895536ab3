#include "payload_index/runs/run_merge.h"

#include <algorithm>
#include <utility>

namespace sextant::payload_index {
namespace {

constexpr size_t kFewestRuns = 4;                // worth a merge
constexpr size_t kLargestRun = size_t{1} << 21;  // points

bool IsMostlyDead(const Run& run) {
  return run.built_count() >= kRewrittenLater && run.built_count() > 2 * run.live_count();
}

}  // namespace

std::vector<Run> RunsToMerge(std::span<const Run> runs, bool at_rest) {
  std::vector<Run> chosen;
  for (const Run& run : runs) {
    if (!run.HasAllColumns() || run.live_count() == 0) continue;
    if (IsMostlyDead(run)) return {run};
    if (at_rest && run.live_count() < kLargestRun) chosen.push_back(run);
  }
  std::sort(chosen.begin(), chosen.end(), [](const Run& a, const Run& b) { return a.live_count() < b.live_count(); });
  size_t points = 0, count = 0;
  while (count < chosen.size() && points + chosen[count].live_count() <= kLargestRun)
    points += chosen[count++].live_count();
  // The largest ones, as long as one is larger than those before it.
  while (count > 0 && chosen[count - 1].live_count() > points - chosen[count - 1].live_count())
    points -= chosen[--count].live_count();
  chosen.resize(count >= kFewestRuns ? count : 0);
  return chosen;
}

RunMerge MergeOf(std::vector<Run> runs, std::span<const IndexedField> fields) {
  RunMerge merge;
  for (const Run& run : runs) merge.inputs.push_back(run.identity());
  merge.merged = Run::Merge(std::move(runs), fields);
  return merge;
}

bool Replace(const RunMerge& merge, std::vector<Run>* runs) {
  const auto is_input = [&](const Run& run) {
    return std::find(merge.inputs.begin(), merge.inputs.end(), run.identity()) != merge.inputs.end();
  };
  if (static_cast<size_t>(std::count_if(runs->begin(), runs->end(), is_input)) != merge.inputs.size()) return false;
  std::vector<const Bitmap*> live;
  for (const Run& run : *runs)
    if (is_input(run)) live.push_back(&run.live());
  const Bitmap gone = merge.merged.live() - Bitmap::UnionOf(live);
  Run merged = gone.empty() ? merge.merged : merge.merged.Without(gone);
  std::erase_if(*runs, is_input);
  if (merged.live_count() > 0) runs->push_back(std::move(merged));
  return true;
}

}  // namespace sextant::payload_index
