#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "vector_index/graph/code_rows.h"
#include "vector_index/graph/graph_links.h"
#include "vector_index/graph/walk_scratch.h"
#include "vector_index/search_request.h"

namespace sextant::vector_index {

// The tokens of a segment as a RowWalk sees them; borrows all.
struct TokenRows {
  const CodeRows& codes;              // by place
  const GraphLinks& links;            // between places
  std::span<const uint64_t> offsets;  // of each row's tokens [rows + 1]
  std::span<const uint32_t> places;   // of each token
  std::span<const uint32_t> rows;     // of the token at each place
};

// What: a best-first walk from row to row. The neighbours of a row are those of its tokens that count, which are the
// nearest to each row of the query; rows are scored whole, on codes. It finds rows that are near to all rows of a query
// together and to none of them alone, where walks for the single rows would have to be wide.
// Threads: one. Ownership: borrows all.
class RowWalk {
 public:
  RowWalk(const TokenRows& tokens, std::span<const CodeQuery> query, WalkScratch* scratch)
      : tokens_(tokens), query_(query), walk_(*scratch) {
    for (const CodeQuery& row : query) query_codes_.push_back(row.code);
  }

  // Afterwards scratch.pool holds the best `ef` rows met, starting from `seeds`, with the similarities of their codes.
  // kTimeout past the deadline.
  Status Run(std::span<const uint32_t> seeds, size_t ef, const Deadline& deadline, SearchStats* stats);

 private:
  size_t tokens_of(uint32_t row) const { return tokens_.offsets[row + 1] - tokens_.offsets[row]; }
  void AddIfNew(uint32_t row);
  // Scores the rows in fresh_ and offers them to the pool.
  void ScoreFresh(SearchStats* stats);
  // Adds the rows next to the tokens of `row` that count.
  void Expand(uint32_t row);
  // Similarities of the tokens at `places` to each row of the query: [query rows, places].
  void ScoreTokens(std::span<const uint32_t> places);

  const TokenRows& tokens_;
  const std::span<const CodeQuery> query_;
  std::vector<const int8_t*> query_codes_;
  WalkScratch& walk_;
  std::vector<uint32_t> fresh_;      // rows met and not scored yet
  std::vector<int32_t> distances_;   // of ScoreTokens
  std::vector<float> similarities_;  // of ScoreTokens
  std::vector<uint32_t> counting_;   // tokens of the row being expanded, by the row of the query they are nearest to
};

}  // namespace sextant::vector_index
