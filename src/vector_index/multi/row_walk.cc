#include "vector_index/multi/row_walk.h"

#include <algorithm>
#include <limits>

namespace sextant::vector_index {
namespace {

// Tokens scored for all rows of the query before the next ones: their codes stay in the first-level cache.
constexpr size_t kTokensTogether = 64;
constexpr uint32_t kExpansionsPerDeadlineCheck = 64;
constexpr float kNoToken = -std::numeric_limits<float>::infinity();

}  // namespace

void RowWalk::AddIfNew(uint32_t row) {
  if (walk_.visited.Insert(row)) fresh_.push_back(row);
}

void RowWalk::ScoreTokens(std::span<const uint32_t> places) {
  const size_t count = places.size();
  if (similarities_.size() < count * query_.size()) {
    similarities_.resize(count * query_.size());
    distances_.resize(count * query_.size());
  }
  const CodeRows& codes = tokens_.codes;
  codes.queries_kernel(query_codes_.data(), query_codes_.size(),
                       {codes.codes, codes.stride, codes.stride, places.data(), count}, distances_.data());
  for (size_t i = 0; i < query_.size(); ++i)
    SimilaritiesOf(codes, query_[i], places, distances_.data() + i * count, similarities_.data() + i * count);
}

void RowWalk::ScoreFresh(SearchStats* stats) {
  stats->rows_scored += fresh_.size();
  std::vector<uint32_t>& places = walk_.batch;
  for (size_t begin = 0; begin < fresh_.size();) {
    // As many rows as fit, at least one.
    size_t end = begin, count = 0;
    do {
      const uint64_t first = tokens_.offsets[fresh_[end]];
      const size_t more = tokens_of(fresh_[end]);
      walk_.ReserveBatch(count + more);
      std::copy_n(tokens_.places.begin() + static_cast<ptrdiff_t>(first), more,
                  places.begin() + static_cast<ptrdiff_t>(count));
      count += more;
      ++end;
    } while (end < fresh_.size() && count + tokens_of(fresh_[end]) <= kTokensTogether);
    ScoreTokens({places.data(), count});
    for (size_t at = 0; begin < end; ++begin) {
      const size_t more = tokens_of(fresh_[begin]);
      double sum = 0;
      for (size_t i = 0; i < query_.size(); ++i) {
        const float* const similarities = similarities_.data() + i * count + at;
        float best = kNoToken;
        for (size_t token = 0; token < more; ++token) best = similarities[token] > best ? similarities[token] : best;
        sum += static_cast<double>(best);
      }
      walk_.pool.Insert(static_cast<float>(sum), fresh_[begin]);
      at += more;
    }
  }
  fresh_.clear();
}

void RowWalk::Expand(uint32_t row) {
  const std::span<const uint32_t> places = tokens_.places.subspan(tokens_.offsets[row], tokens_of(row));
  counting_.clear();
  if (places.size() <= 2) {
    counting_.assign(places.begin(), places.end());
  } else {
    ScoreTokens(places);
    for (size_t i = 0; i < query_.size(); ++i) {
      const auto begin = similarities_.begin() + static_cast<ptrdiff_t>(i * places.size());
      const auto best = std::max_element(begin, begin + static_cast<ptrdiff_t>(places.size()));
      counting_.push_back(places[static_cast<size_t>(best - begin)]);
    }
    std::sort(counting_.begin(), counting_.end());
    counting_.erase(std::unique(counting_.begin(), counting_.end()), counting_.end());
  }
  for (uint32_t place : counting_) tokens_.links.ForEach(place, [&](uint32_t link) { AddIfNew(tokens_.rows[link]); });
}

Status RowWalk::Run(std::span<const uint32_t> seeds, size_t ef, const Deadline& deadline, SearchStats* stats) {
  walk_.visited.Begin(tokens_.offsets.size() - 1);
  walk_.pool.Reset(ef);
  for (uint32_t row : seeds) AddIfNew(row);
  ScoreFresh(stats);
  uint32_t row = 0;
  for (uint32_t expansions = 1; walk_.pool.TakeNext(&row); ++expansions) {
    Expand(row);
    ScoreFresh(stats);
    ++stats->hops;
    if (expansions % kExpansionsPerDeadlineCheck == 0) RETURN_IF_ERROR(deadline.Check());
  }
  return OkStatus();
}

}  // namespace sextant::vector_index
