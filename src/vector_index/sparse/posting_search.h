#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "vector_index/row_filter.h"
#include "vector_index/sparse/row_scorer.h"
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
  WeightBounds weight_bounds;       // of all postings
  const uint8_t* column = nullptr;  // of all rows; null: the index has none
};

// One query in a segment. Borrows the scorer and the files.
struct PostingQuery {
  std::vector<PostingList> lists;
  uint32_t rows = 0;        // of the segment
  double row_elements = 0;  // of a row and of the query together, on average
  // How a single row is scored; null: rows cannot be read without stalling, their scores come from the lists.
  const RowScorer* scorer = nullptr;
  const SparseSegmentFiles* files = nullptr;
};

// What: the exact best rows of one query over the inverted index of a segment.
// Windows of rows, one after the other. In each, upper bounds of all scores are summed in 16 bits: from the codes of
// columns, many rows at a time, and from the postings of the other lists. The few rows whose bound exceeds the worst
// of the best k so far are scored alone; where they are many (equal weights, few accepted rows), the scores of the
// whole window are summed from the postings instead. As in MaxScore (Turtle & Flood 1995), windows without a posting of
// the lists that can lift a row that far are passed over. Weights of either sign: a list's bound is the largest of its
// contributions, or 0 where all are negative, because a row need not be in it.
// Threads: one call; several may share lists and filter.
// Errors: kTimeout past the deadline.
Result<std::vector<RowHit>> SearchPostings(const PostingQuery& query, const SearchRequest& limits,
                                           const RowFilter& filter, SearchStats* stats);

}  // namespace sextant::vector_index
