#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "vector_index/row_filter.h"
#include "vector_index/sparse/sparse_search.h"
#include "vector_index/sparse/sparse_segment_files.h"
#include "vector_index/sparse/weight_codec.h"

namespace sextant::vector_index {

// One index of a query, with its postings in a segment. Borrows them.
struct PostingList {
  float query_weight = 0;
  WeightCodec codec;
  const uint32_t* rows = nullptr;  // ascending
  const uint8_t* weights = nullptr;
  size_t weight_bytes = 0;
  uint32_t count = 0;
  WeightBounds weight_bounds;            // of all postings
  const WeightBounds* blocks = nullptr;  // of each kPostingBlock postings
};

// What: the exact best rows of one query over the inverted index of a segment.
// Term at a time within windows of rows: the contributions of a window are summed in an array that stays in the cache,
// and what exceeds the worst of the best k so far is picked from it. As in MaxScore (Turtle & Flood 1995), the lists
// that together cannot lift a row that far are left out of the sums and looked up for the picked rows only; a window
// whose blocks cannot (block-max, Ding & Suel 2011) is skipped. Weights of either sign: a list's bound is the largest
// of its contributions, or 0 where all are negative, because a row need not be in it.
// Threads: one call; several may share lists and filter.
// Errors: kTimeout past the deadline.
Result<std::vector<RowHit>> SearchPostings(const std::vector<PostingList>& lists, uint32_t rows,
                                           const SearchRequest& request, const RowFilter& filter, SearchStats* stats);

}  // namespace sextant::vector_index
