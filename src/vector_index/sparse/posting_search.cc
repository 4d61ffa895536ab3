#include "vector_index/sparse/posting_search.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "kernels/kernels.h"
#include "vector_index/sparse/best_hits.h"

namespace sextant::vector_index {
namespace {

// 64 KiB of scores: they stay in the second-level cache of any CPU, and the first windows soon set the floor.
constexpr uint32_t kWindowRows = 8192;
// Stored weights expanded at once.
constexpr uint32_t kExpanded = 512;
// Keeping a candidate in mind through the lists that follow costs about as much as adding so many postings.
constexpr uint64_t kFollowCost = 4;
// Looking a row up in a list costs about as much as adding so many of its postings.
constexpr uint64_t kLookUpCost = 16;
// A window with fewer postings than one for so many rows is not worth a pass over its scores.
constexpr uint64_t kThinWindow = 32;
// Bounds and sums are rounded; this share of all that a row could gather covers it.
constexpr double kRoundingShare = 1e-12;

// A list, and how far the search has come in it.
struct Cursor {
  PostingList list;
  double bound = 0;   // no row gains more from the list
  uint32_t next = 0;  // postings before it lie before the window
  uint32_t end = 0;   // of the window, once Enter found it

  double Bound(const WeightBounds& weights) const {
    const double weight = list.query_weight;
    return std::max(0.0, weight * static_cast<double>(weight < 0 ? weights.min : weights.max));
  }

  // The first posting, from `from` on, whose row is at least `row`: steps that double, then halving.
  uint32_t Seek(uint32_t from, uint64_t row) const {
    if (from >= list.count || list.rows[from] >= row) return from;
    uint64_t low = from, step = 1;
    for (; low + step < list.count && list.rows[low + step] < row; step *= 2) low += step;
    const uint32_t* const end_of_step = list.rows + std::min<uint64_t>(low + step, list.count);
    return static_cast<uint32_t>(std::lower_bound(list.rows + low + 1, end_of_step, row) - list.rows);
  }

  void Enter(uint32_t first, uint64_t window_end) {
    next = Seek(next, first);
    end = Seek(next, window_end);
  }

  // Bound within the entered window.
  double WindowBound() const {
    double most = 0;
    for (uint32_t block = next / kPostingBlock; block * kPostingBlock < end && next < end; ++block)
      most = std::max(most, Bound(list.blocks[block]));
    return most;
  }
};

class WindowSearch {
 public:
  WindowSearch(const std::vector<PostingList>& lists, uint32_t rows, const SearchRequest& request,
               const RowFilter& filter)
      : rows_(rows),
        request_(request),
        filter_(filter),
        accepts_all_(filter.AcceptsAll()),
        best_(std::min(request.k, rows)) {
    double most = 0;
    for (const PostingList& list : lists) {
      Cursor& cursor = cursors_.emplace_back(Cursor{.list = list});
      const WeightBounds& weights = cursor.list.weight_bounds;
      cursor.bound = cursor.Bound(weights);
      const double largest = std::max(std::fabs(weights.min), std::fabs(weights.max));
      most += largest * std::fabs(static_cast<double>(cursor.list.query_weight));
    }
    slack_ = kRoundingShare * most;
    std::sort(cursors_.begin(), cursors_.end(), [](const Cursor& a, const Cursor& b) { return a.bound < b.bound; });
    bounds_before_.assign(1, 0);
    for (const Cursor& cursor : cursors_) bounds_before_.push_back(bounds_before_.back() + cursor.bound);
  }

  Result<std::vector<RowHit>> Run(SearchStats* stats) {
    const uint32_t width = std::min(kWindowRows, rows_);
    scores_ = std::make_unique_for_overwrite<double[]>(width);
    candidates_ = std::make_unique_for_overwrite<uint32_t[]>(width);
    std::fill_n(scores_.get(), width, kernels::kUntouched);
    while (FindWindow()) {
      RETURN_IF_ERROR(request_.deadline.Check());
      if (EnterWindow()) ScoreWindow(stats);
      for (size_t i = essential_; i < cursors_.size(); ++i) cursors_[i].next = cursors_[i].end;
    }
    return best_.Take();
  }

 private:
  // Sets first_ to the next row that could be among the best; false when there is none. A list once left out of the
  // sums stays so, because the floor only rises.
  bool FindWindow() {
    while (essential_ < cursors_.size() && bounds_before_[essential_ + 1] + slack_ <= best_.floor()) ++essential_;
    uint64_t first = rows_;
    for (size_t i = essential_; i < cursors_.size(); ++i) {
      Cursor& cursor = cursors_[i];
      if (cursor.next < cursor.list.count) first = std::min<uint64_t>(first, cursor.list.rows[cursor.next]);
    }
    first_ = static_cast<uint32_t>(first);
    return first < rows_;
  }

  // False: nothing in the window can be among the best.
  bool EnterWindow() {
    count_ = std::min(kWindowRows, rows_ - first_);
    postings_ = 0;
    double most = bounds_before_[essential_] + slack_;
    for (size_t i = essential_; i < cursors_.size(); ++i) {
      cursors_[i].Enter(first_, uint64_t{first_} + count_);
      postings_ += cursors_[i].end - cursors_[i].next;
      most += cursors_[i].WindowBound();
    }
    return !(most <= best_.floor());
  }

  void ScoreWindow(SearchStats* stats) {
    const bool all_touched = postings_ * kThinWindow >= count_;
    for (size_t i = essential_; i < cursors_.size(); ++i) Add(cursors_[i]);
    size_t picked = Pick(all_touched);
    // Many candidates cost more to follow one by one than the other lists to add.
    if (all_touched && essential_ > 0 && picked * kFollowCost > PostingsBefore()) {
      for (size_t i = 0; i < essential_; ++i) {
        cursors_[i].Enter(first_, uint64_t{first_} + count_);
        Add(cursors_[i]);
      }
      picked = kernels_.select_above(scores_.get(), count_, best_.floor(), candidates_.get());
      stats->rows_scored += picked;
      for (size_t i = 0; i < picked; ++i) OfferAccepted(candidates_[i]);
      std::fill_n(scores_.get(), count_, kernels::kUntouched);
      return;
    }
    const size_t touched = picked;
    if (!all_touched) thin_rows_.assign(candidates_.get(), candidates_.get() + touched);
    picked = KeepAccepted(KeepAbove(picked, bounds_before_[essential_]));
    stats->rows_scored += picked;
    for (size_t i = essential_; i-- > 0 && picked > 0;) {
      picked = KeepAbove(picked, bounds_before_[i + 1]);
      Cursor& cursor = cursors_[i];
      const uint64_t expected = uint64_t{cursor.list.count} * count_ / rows_;
      if (picked * kLookUpCost < expected || !all_touched) {
        LookUp(&cursor, picked);
      } else {
        cursor.Enter(first_, uint64_t{first_} + count_);
        Add(cursor);
      }
    }
    for (size_t i = 0; i < picked; ++i)
      if (!(scores_[candidates_[i]] <= best_.floor())) best_.Offer(scores_[candidates_[i]], first_ + candidates_[i]);
    if (all_touched) {
      std::fill_n(scores_.get(), count_, kernels::kUntouched);
    } else {
      for (const uint32_t row : thin_rows_) scores_[row] = kernels::kUntouched;
    }
  }

  // About how many postings the lists that are not essential have in the window.
  uint64_t PostingsBefore() const {
    uint64_t postings = 0;
    for (size_t i = 0; i < essential_; ++i) postings += uint64_t{cursors_[i].list.count} * count_ / rows_;
    return postings;
  }

  void OfferAccepted(uint32_t row) {
    if (scores_[row] <= best_.floor() || (!accepts_all_ && !filter_.Accepts(first_ + row))) return;
    best_.Offer(scores_[row], first_ + row);
  }

  // Adds the contributions of a list in its window.
  void Add(const Cursor& cursor) {
    const PostingList& list = cursor.list;
    float buffer[kExpanded];
    for (uint32_t at = cursor.next; at < cursor.end; at += kExpanded) {
      const uint32_t count = std::min(kExpanded, cursor.end - at);
      const float* const weights = list.codec.Load(list.weights + at * list.weight_bytes, count, buffer);
      kernels_.add_postings({list.rows + at, weights, count, first_}, list.query_weight, scores_.get());
    }
  }

  // Writes the rows of the window that may be among the best to candidates_: of a thin window those of its postings.
  size_t Pick(bool all_touched) {
    if (all_touched)
      return kernels_.select_above(scores_.get(), count_, best_.floor() - bounds_before_[essential_] - slack_,
                                   candidates_.get());
    uint32_t* end = candidates_.get();
    for (size_t i = essential_; i < cursors_.size(); ++i)
      end = std::transform(cursors_[i].list.rows + cursors_[i].next, cursors_[i].list.rows + cursors_[i].end, end,
                           [&](uint32_t row) { return row - first_; });
    std::sort(candidates_.get(), end);
    return static_cast<size_t>(std::unique(candidates_.get(), end) - candidates_.get());
  }

  // Keeps the candidates that could exceed the floor if they gained `gain`.
  size_t KeepAbove(size_t picked, double gain) {
    const double floor = best_.floor() - gain - slack_;
    uint32_t* const end = candidates_.get() + picked;
    return static_cast<size_t>(
        std::remove_if(candidates_.get(), end, [&](uint32_t row) { return scores_[row] <= floor; }) -
        candidates_.get());
  }

  size_t KeepAccepted(size_t picked) {
    if (accepts_all_) return picked;
    uint32_t* const end = candidates_.get() + picked;
    return static_cast<size_t>(
        std::remove_if(candidates_.get(), end, [&](uint32_t row) { return !filter_.Accepts(first_ + row); }) -
        candidates_.get());
  }

  // Adds the contributions of a list to the candidates alone.
  void LookUp(Cursor* cursor, size_t picked) {
    const PostingList& list = cursor->list;
    for (size_t i = 0; i < picked; ++i) {
      const uint32_t row = first_ + candidates_[i];
      cursor->next = cursor->Seek(cursor->next, row);
      if (cursor->next == list.count) return;
      if (list.rows[cursor->next] != row) continue;
      float buffer = 0;
      const float weight = *list.codec.Load(list.weights + cursor->next * list.weight_bytes, 1, &buffer);
      scores_[candidates_[i]] += static_cast<double>(list.query_weight) * static_cast<double>(weight) + 0.0;
    }
  }

  const kernels::KernelTable& kernels_ = kernels::Kernels();
  const uint32_t rows_;
  const SearchRequest& request_;
  const RowFilter& filter_;
  const bool accepts_all_;
  BestHits best_;
  std::vector<Cursor> cursors_;        // ascending bounds
  std::vector<double> bounds_before_;  // sum of the bounds of the first i cursors
  size_t essential_ = 0;               // rows in cursors before it alone cannot be among the best
  double slack_ = 0;
  uint32_t first_ = 0, count_ = 0;          // the window's rows
  uint64_t postings_ = 0;                   // of the essential cursors in the window
  std::unique_ptr<double[]> scores_;        // of the window's rows; untouched between windows
  std::unique_ptr<uint32_t[]> candidates_;  // rows within the window, ascending
  std::vector<uint32_t> thin_rows_;
};

}  // namespace

Result<std::vector<RowHit>> SearchPostings(const std::vector<PostingList>& lists, uint32_t rows,
                                           const SearchRequest& request, const RowFilter& filter, SearchStats* stats) {
  if (request.k == 0 || lists.empty()) return std::vector<RowHit>();
  return WindowSearch(lists, rows, request, filter).Run(stats);
}

}  // namespace sextant::vector_index
