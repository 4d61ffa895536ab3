#include "vector_index/sparse/posting_search.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "kernels/kernels.h"
#include "vector_index/best_hits.h"

namespace sextant::vector_index {
namespace {

// 32 KiB of bounds: they stay in the second-level cache of any CPU, and the first windows soon set the floor.
constexpr uint32_t kWindowRows = 16384;
// Rows of the first windows are picked by their bounds in steps that double: a better floor soon holds for the next.
constexpr uint32_t kFirstPick = 256;
// Before that, those with the largest bounds: at least this share of all units, or of what is left of it.
constexpr double kFirstShare = 0.6, kNextShare = 0.75, kLastShare = 0.1;
// More than so many for each wanted hit are no help: their bounds are too much alike.
constexpr size_t kFirstRows = 16;
// Rows are fetched into the cache so far ahead of being scored.
constexpr size_t kPrefetched = 8;
// Stored weights expanded at once.
constexpr uint32_t kExpanded = 512;
// A window with so few postings is scored row by row, without bounds.
constexpr uint32_t kFewPostings = 16;
// Bounds are sums of units, so many in the largest possible score.
constexpr double kUnits = 60000;
// Scoring a row alone costs one posting added for so many of its elements and of the indices asked for.
constexpr double kElementsPerPosting = 2;
// Looking a row up in a list costs about as much as adding so many of its postings.
constexpr double kLookUpCost = 16;
// However often windows had too many rows to score alone, so many more are tried.
constexpr uint64_t kTrials = 16;
constexpr uint32_t kMostCrowded = 8;
// Sums of bounds and of scores are rounded; this share of them covers it.
constexpr double kRounding = 1e-12;

// A list, and how far the search has come in it.
struct Cursor {
  PostingList list;
  double bound = 0;     // no row gains more from the list
  uint16_t factor = 0;  // of the codes of its column; bounds come out in units
  uint32_t next = 0;    // postings before it lie before the window
  uint32_t end = 0;     // of the window, once Enter found it

  // The first posting, from `from` on, whose row is at least `row`: steps that double, then halving.
  uint32_t Seek(uint32_t from, uint64_t row) const {
    if (from >= list.count || list.rows[from] >= row) return from;
    uint64_t low = from, step = 1;
    for (; low + step < list.count && list.rows[low + step] < row; step *= 2) low += step;
    const uint32_t* const end_of_step = list.rows + std::min<uint64_t>(low + step, list.count);
    return static_cast<uint32_t>(std::lower_bound(list.rows + low + 1, end_of_step, row) - list.rows);
  }

  void Enter(uint64_t first, uint64_t window_end) {
    next = Seek(next, first);
    end = Seek(next, window_end);
  }

  // Calls visit(batch) for the postings of the entered window.
  template <typename Visitor>
  void ForEachBatch(uint32_t first_row, Visitor&& visit) const {
    float buffer[kExpanded];
    for (uint32_t at = next; at < end; at += kExpanded) {
      const uint32_t count = std::min(kExpanded, end - at);
      const float* const weights = list.codec.Load(list.weights + at * list.weight_bytes, count, buffer);
      visit(kernels::PostingBatch{list.rows + at, weights, count, first_row});
    }
  }
};

class WindowSearch {
 public:
  WindowSearch(const PostingQuery& query, const SearchRequest& limits, const RowFilter& filter)
      : query_(query),
        rows_(query.rows),
        deadline_(limits.deadline),
        filter_(filter),
        accepts_all_(filter.AcceptsAll()),
        best_(std::min(limits.k, query.rows)) {
    for (const PostingList& list : query.lists) {
      Cursor& cursor = cursors_.emplace_back(Cursor{.list = list});
      const double weight = list.query_weight;
      cursor.bound =
          std::max(0.0, weight * static_cast<double>(weight < 0 ? list.weight_bounds.min : list.weight_bounds.max));
      postings_ += list.count;
      columns_ += list.column == nullptr ? 0 : 1;
    }
    std::sort(cursors_.begin(), cursors_.end(), [](const Cursor& a, const Cursor& b) { return a.bound < b.bound; });
    bounds_before_.assign(1, 0);
    for (const Cursor& cursor : cursors_) bounds_before_.push_back(bounds_before_.back() + cursor.bound);
    const double most = bounds_before_.back();
    units_ = most > 0 ? kUnits / most : 0;
    // A code is at most 255, and a product is shifted by 8 bits; a touched row gets at least one unit.
    for (Cursor& cursor : cursors_)
      cursor.factor = static_cast<uint16_t>(std::max(256.0, std::ceil(cursor.bound * units_ * 256 / 255)));
    row_cost_ = query.files == nullptr ? kLookUpCost * static_cast<double>(query.lists.size())
                                       : query.row_elements / kElementsPerPosting;
  }

  Result<std::vector<RowHit>> Run(SearchStats* stats) {
    const uint32_t width = std::min(kWindowRows, rows_);
    bounds_ = std::make_unique_for_overwrite<uint16_t[]>(width);
    candidates_ = std::make_unique_for_overwrite<uint32_t[]>(width);
    while (FindWindow()) {
      RETURN_IF_ERROR(deadline_.Check());
      if (!ScoreFewPostings()) ScoreWindow();
    }
    stats->rows_scored += scored_;
    return best_.Take();
  }

 private:
  uint64_t window_end() const { return uint64_t{first_} + count_; }

  // Sets the window to the next rows that could be among the best; false when there are none. A list once without
  // influence on where windows lie stays so, because the floor only rises.
  bool FindWindow() {
    while (essential_ < cursors_.size() && bounds_before_[essential_ + 1] * (1 + kRounding) <= best_.floor())
      ++essential_;
    const uint64_t from = window_end();
    uint64_t first = rows_;
    for (size_t i = essential_; i < cursors_.size() && first > from; ++i) {
      Cursor& cursor = cursors_[i];
      if (cursor.list.column != nullptr) {
        first = std::min<uint64_t>(from, rows_);
      } else {
        cursor.next = cursor.Seek(cursor.next, from);
        if (cursor.next < cursor.list.count) first = std::min<uint64_t>(first, cursor.list.rows[cursor.next]);
      }
    }
    if (first >= rows_) return false;
    first_ = static_cast<uint32_t>(first);
    count_ = std::min(kWindowRows, rows_ - first_);
    return true;
  }

  // Scores the rows of the window alone where they are few; false where they are not.
  bool ScoreFewPostings() {
    uint64_t postings = 0;
    for (size_t i = essential_; i < cursors_.size(); ++i) {
      if (cursors_[i].list.column != nullptr) return false;
      cursors_[i].Enter(first_, window_end());
      postings += cursors_[i].end - cursors_[i].next;
      if (postings > kFewPostings) return false;
    }
    uint32_t rows[kFewPostings];
    uint32_t* end = rows;
    for (size_t i = essential_; i < cursors_.size(); ++i)
      end = std::copy(cursors_[i].list.rows + cursors_[i].next, cursors_[i].list.rows + cursors_[i].end, end);
    std::sort(rows, end);
    end = std::unique(rows, end);
    for (const uint32_t* row = rows; row < end; ++row)
      if (Accepts(*row)) OfferRow(*row);
    return true;
  }

  void ScoreWindow() {
    SumBounds();
    const double postings = static_cast<double>(postings_) * count_ / rows_;
    const uint64_t alone = std::max(kTrials, static_cast<uint64_t>(postings / row_cost_) >> crowded_);
    if (query_.files != nullptr && scored_ == 0) OfferLargestBounds(std::min(alone, kFirstRows * best_.count()));
    const uint64_t until = scored_ + alone;
    for (uint32_t begin = 0; begin < count_; begin += step_, step_ = std::min(2 * step_, kWindowRows)) {
      const uint32_t summed_from = OfferPicked(begin, std::min(step_, count_ - begin), until);
      if (summed_from == count_) continue;
      crowded_ = std::min(crowded_ + 1, kMostCrowded);
      return SumScores(summed_from);
    }
    crowded_ -= crowded_ > 0 ? 1 : 0;
  }

  // Scores the rows of the first window that have the largest bounds, which sets the floor for all others; unless that
  // would be more than `most`.
  void OfferLargestBounds(size_t most) {
    size_t picked = 0;
    for (double share = kFirstShare; share > kLastShare && picked < best_.count(); share *= kNextShare) {
      const auto least = static_cast<uint16_t>(kUnits * share);
      picked = kernels_.select_at_least(bounds_.get(), count_, least, candidates_.get());
    }
    if (picked > most) return;
    for (size_t i = 0; i < picked; ++i) Prefetch(first_ + candidates_[i]);
    for (size_t i = 0; i < picked; ++i) {
      if (Accepts(first_ + candidates_[i])) OfferRow(first_ + candidates_[i]);
      bounds_[candidates_[i]] = 0;  // done: a touched row's are larger
    }
  }

  // Scores rows of the window whose bounds reach far enough, until so many are scored in all: returns the first row
  // that was left, or the end of the window.
  uint32_t OfferPicked(uint32_t begin, uint32_t size, uint64_t until) {
    uint32_t least = LeastUnits();
    if (least > UINT16_MAX) return count_;
    const uint16_t* const bounds = bounds_.get() + begin;
    const size_t picked = kernels_.select_at_least(bounds, size, static_cast<uint16_t>(least), candidates_.get());
    size_t prefetched = 0;
    for (size_t i = 0; i < picked; ++i) {
      for (; prefetched < std::min(picked, i + kPrefetched); ++prefetched)
        if (bounds[candidates_[prefetched]] >= least) Prefetch(first_ + begin + candidates_[prefetched]);
      const uint32_t row = begin + candidates_[i];
      if (bounds_[row] < least || !Accepts(first_ + row)) continue;
      if (scored_ == until) return row;
      OfferRow(first_ + row);
      least = LeastUnits();
    }
    return count_;
  }

  // Of every row of the window: no row with fewer units than LeastUnits can be among the best.
  void SumBounds() {
    std::fill_n(bounds_.get(), count_, uint16_t{0});
    for (Cursor& cursor : cursors_) {
      if (cursor.list.column != nullptr) {
        kernels_.add_bytes(cursor.list.column + first_, count_, cursor.factor, bounds_.get());
        continue;
      }
      cursor.Enter(first_, window_end());
      cursor.ForEachBatch(first_, [&](const kernels::PostingBatch& batch) {
        kernels_.add_ceilings(batch, static_cast<double>(cursor.list.query_weight) * units_, bounds_.get());
      });
    }
  }

  // Each column's units were rounded down once, and all else is rounded by much less than a unit in all.
  uint32_t LeastUnits() const {
    if (!(best_.floor() > 0)) return 1;
    const double units = std::floor(best_.floor() * units_) - static_cast<double>(columns_) - 1;
    return static_cast<uint32_t>(std::clamp<double>(units, 1, UINT16_MAX + 1));
  }

  // The scores of the rows of the window from `begin` on, from the postings of all lists.
  void SumScores(uint32_t begin) {
    if (scores_ == nullptr) scores_ = std::make_unique_for_overwrite<double[]>(std::min(kWindowRows, rows_));
    std::fill_n(scores_.get(), count_, kernels::kUntouched);
    for (Cursor& cursor : cursors_) {
      cursor.Enter(first_ + begin, window_end());
      cursor.ForEachBatch(first_, [&](const kernels::PostingBatch& batch) {
        kernels_.add_postings(batch, cursor.list.query_weight, scores_.get());
      });
    }
    const double* const scores = scores_.get() + begin;
    const size_t above = kernels_.select_above(scores, count_ - begin, best_.floor(), candidates_.get());
    scored_ += above;
    for (size_t i = 0; i < above; ++i) {
      if (bounds_[begin + candidates_[i]] == 0) continue;
      const uint32_t row = first_ + begin + candidates_[i];
      if (!(scores[candidates_[i]] <= best_.floor()) && Accepts(row)) best_.Offer(scores[candidates_[i]], row);
    }
  }

  bool Accepts(uint32_t row) const { return accepts_all_ || filter_.Accepts(row); }

  void Prefetch(uint32_t row) const {
    if (query_.files != nullptr) query_.files->Prefetch(row);
  }

  void OfferRow(uint32_t row) {
    ++scored_;
    const std::optional<double> score =
        query_.files == nullptr ? LookUp(row) : query_.scorer->Score(query_.files->row(row));
    if (score) best_.Offer(*score, row);
  }

  // The score of a row from the lists; rows must ascend.
  std::optional<double> LookUp(uint32_t row) {
    std::optional<double> score;
    for (Cursor& cursor : cursors_) {
      const PostingList& list = cursor.list;
      cursor.next = cursor.Seek(cursor.next, row);
      if (cursor.next == list.count || list.rows[cursor.next] != row) continue;
      float buffer = 0;
      const float weight = *list.codec.Load(list.weights + cursor.next * list.weight_bytes, 1, &buffer);
      score = score.value_or(0) + static_cast<double>(list.query_weight) * static_cast<double>(weight);
    }
    return score;
  }

  const kernels::KernelTable& kernels_ = kernels::Kernels();
  const PostingQuery& query_;
  const uint32_t rows_;
  const Deadline deadline_;
  const RowFilter& filter_;
  const bool accepts_all_;
  BestHits best_;
  std::vector<Cursor> cursors_;        // ascending bounds
  std::vector<double> bounds_before_;  // sum of the bounds of the first i cursors
  size_t essential_ = 0;               // rows in cursors before it alone cannot be among the best
  uint64_t postings_ = 0;              // of all lists
  size_t columns_ = 0;
  double units_ = 0;      // in a score of 1
  double row_cost_ = 0;   // of scoring a row alone, in postings added
  uint32_t crowded_ = 0;  // windows of late with too many rows to score alone
  uint32_t step_ = kFirstPick;
  uint64_t scored_ = 0;                     // rows
  uint32_t first_ = 0, count_ = 0;          // the window's rows
  std::unique_ptr<uint16_t[]> bounds_;      // of the window's rows
  std::unique_ptr<double[]> scores_;        // of the window's rows, where they are summed
  std::unique_ptr<uint32_t[]> candidates_;  // rows within the window, ascending
};

}  // namespace

Result<std::vector<RowHit>> SearchPostings(const PostingQuery& query, const SearchRequest& limits,
                                           const RowFilter& filter, SearchStats* stats) {
  if (limits.k == 0 || query.lists.empty()) return std::vector<RowHit>();
  return WindowSearch(query, limits, filter).Run(stats);
}

}  // namespace sextant::vector_index
