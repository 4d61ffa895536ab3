#include "shard/long_running/background_columns.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "payload_index/background/column_demand.h"
#include "runtime/log.h"
#include "search/view_points.h"

namespace sextant::shard {
namespace {

using payload_index::BackgroundColumn;
using payload_index::ColumnState;

// Columns are a luxury: they go before updates are held back, which is from four fifths of the budget on (MemoryWatch),
// and come only where there is more room than that.
constexpr double kDropFrom = 0.8;
constexpr double kAddBelow = 0.7;

// What a column will take beyond what it takes, to judge by what there is of it.
double MissingBytes(const ColumnState& state, size_t all_points) {
  if (state.filled_points == 0) return 0;
  const double missing = static_cast<double>(all_points - std::min(all_points, state.filled_points));
  return missing * static_cast<double>(state.memory_bytes) / static_cast<double>(state.filled_points);
}

bool HasColumn(const std::vector<ColumnState>& states, const BackgroundColumn& column) {
  return std::any_of(states.begin(), states.end(), [&](const ColumnState& state) { return state.column == column; });
}

}  // namespace

double BackgroundColumns::UsageWith(double more_bytes) const {
  if (memory_ == nullptr) return 0;
  return memory_->usage() + more_bytes / static_cast<double>(memory_->limit_bytes());
}

BackgroundColumns::Index BackgroundColumns::Adjust(const Index& index) {
  const Index adjusted = AddWanted(DropUseless(index));
  return adjusted == index ? nullptr : adjusted;
}

BackgroundColumns::Index BackgroundColumns::Drop(const Index& index, const BackgroundColumn& column,
                                                 const std::string& why) {
  LogInfo(absl::StrCat(name_, ": dropped the background column of ", column.ToString(), ": ", why));
  return index->WithoutColumn(column);
}

BackgroundColumns::Index BackgroundColumns::DropUseless(const Index& index) {
  const Clock::time_point now = Clock::now();
  if (now < next_check_ || !index->has_columns()) return index;
  next_check_ = now + policy_.check;
  Index left = index;
  double coming_bytes = 0;
  for (const ColumnState& state : index->Columns()) {
    const auto last_use = index->demand().LastUse(state.column);
    coming_bytes += MissingBytes(state, index->point_count());
    if (UsageWith(coming_bytes) >= kDropFrom) {
      coming_bytes -= MissingBytes(state, index->point_count());
      left = Drop(left, state.column, "memory is short");
      rest_until_ = now + policy_.rest;
    } else if (!last_use || now - *last_use > policy_.unused) {
      left = Drop(left, state.column, "no filter uses it");
    }
  }
  return left;
}

BackgroundColumns::Index BackgroundColumns::AddWanted(const Index& index) {
  Index more = index;
  for (const BackgroundColumn& column : index->demand().TakeWanted()) {
    const std::vector<ColumnState> states = more->Columns();
    if (HasColumn(states, column)) continue;
    if (states.size() >= policy_.most_columns || Clock::now() < rest_until_ || UsageWith(0) > kAddBelow) continue;
    LogInfo(absl::StrCat(name_, ": filters without an index get a background column of ", column.ToString()));
    more = more->WithColumn(column);
  }
  return more;
}

BackgroundColumns::Round BackgroundColumns::NextRound(const std::shared_ptr<const search::View>& view) {
  if (running_ || !view->index->LacksPieces()) return nullptr;
  running_ = true;
  return [view, points = policy_.piece_points](const CancelToken& cancel) {
    return view->index->ReadColumns(search::ViewPoints(*view), points, cancel);
  };
}

BackgroundColumns::Index BackgroundColumns::EndRound(const Result<Piece>& piece, const Index& index) {
  running_ = false;
  next_check_ = {};  // the piece tells how large the column will be
  if (piece.ok()) {
    if (*piece == nullptr) return index;
    Index more = index->WithPiece(**piece);
    if (!more->LacksPieces()) LogInfo(name_ + ": all background columns are filled");
    return more;
  }
  Index left = index;
  for (const ColumnState& state : index->Columns())
    if (state.filled_points < index->point_count())
      left = Drop(left, state.column, std::string(piece.status().message()));
  return left;
}

}  // namespace sextant::shard
