#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/status.h"
#include "runtime/deadline.h"
#include "vector_index/graph/code_rows.h"
#include "vector_index/graph/walk_scratch.h"
#include "vector_index/search_request.h"

namespace sextant::vector_index {

// Hops between two looks at the clock.
inline constexpr uint32_t kHopsPerDeadlineCheck = 256;

// What one walk looks for; borrows all.
struct WalkTask {
  const CodeRows& rows;
  const CodeQuery& query;
  std::span<const uint32_t> starts;
  size_t ef = 0;                       // candidates kept
  const Deadline* deadline = nullptr;  // null: none
  std::optional<uint32_t> left_out{};  // this row is walked past as if it were not in the graph
};

// Scores the first `count` rows of scratch.batch and offers them to `pool`, one of the scratch's.
inline void ScoreBatchInto(const CodeRows& rows, const CodeQuery& query, size_t count, WalkScratch* scratch,
                           CandidatePool* pool) {
  const uint32_t* const ids = scratch->batch.data();
  float* const similarities = scratch->similarities.data();
  ScoreRows(rows, query, {ids, count}, scratch->distances.data(), similarities);
  for (size_t i = 0; i < count; ++i) pool->Insert(similarities[i], ids[i]);
}

// Best-first search from the starts: afterwards scratch.pool holds the best `ef` rows met. `Links` is GraphLinks or
// GrowingLinks. Each hop has two passes – collect the unvisited neighbours, then score them as one batch – so that
// the misses of their codes overlap.
// Errors: kTimeout past the deadline.
template <typename Links>
Status WalkGraph(const Links& links, const WalkTask& task, WalkScratch* scratch, SearchStats* stats) {
  scratch->ReserveBatch(std::max<size_t>(task.starts.size(), links.slots() + 1));
  scratch->visited.Begin(task.rows.rows);
  scratch->pool.Reset(task.ef);
  if (task.left_out) scratch->visited.Insert(*task.left_out);
  size_t count = 0;
  for (uint32_t start : task.starts)
    if (scratch->visited.Insert(start)) scratch->batch[count++] = start;
  ScoreBatchInto(task.rows, task.query, count, scratch, &scratch->pool);
  stats->rows_scored += count;

  uint32_t* const batch = scratch->batch.data();
  uint32_t row = 0;
  for (uint32_t hops = 1; scratch->pool.TakeNext(&row); ++hops) {
    count = 0;
    links.ForEach(row, [&](uint32_t link) {
      // Without a branch, which would be mispredicted: about every other link was visited.
      batch[count] = link;
      __builtin_prefetch(task.rows.terms + link);
      count += scratch->visited.Insert(link) ? 1 : 0;
    });
    if (scratch->pool.PeekNext(&row)) links.Prefetch(row);
    ScoreBatchInto(task.rows, task.query, count, scratch, &scratch->pool);
    stats->rows_scored += count;
    ++stats->hops;
    if (task.deadline != nullptr && hops % kHopsPerDeadlineCheck == 0) RETURN_IF_ERROR(task.deadline->Check());
  }
  return OkStatus();
}

}  // namespace sextant::vector_index
