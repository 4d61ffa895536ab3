#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/status.h"
#include "quantizer/int8_codec.h"
#include "vector_index/graph/code_rows.h"
#include "vector_index/graph/graph_links.h"
#include "vector_index/graph/walk_scratch.h"
#include "vector_index/liveness.h"
#include "vector_index/multi/multi_segment_files.h"
#include "vector_index/search_request.h"
#include "vector_index/segment.h"

namespace sextant::vector_index {

// Rows worth scoring, each with a bound of its similarity, best first.
struct BoundedRows {
  std::vector<RowHit> rows;
  float rest = 0;  // the bound of all other rows
};

// What: the tokens of an opened segment as a graph of codes, each with the row that it belongs to; finds the rows worth
// scoring for a query. A walk for each row of the query finds the tokens nearest to it. A row's similarity is then at
// most the sum, over the query's rows, of its best token found, or of the worst token found where none of its own was
// (Lee et al., "XTR", NeurIPS 2023, imputes the same number). Rows are ranked by that bound.
// Threads: as Liveness; searches from any thread.
// Ownership: borrows the files.
class TokenIndex {
 public:
  TokenIndex(const MultiSegmentFiles& files, const SegmentSpec& spec);

  // Retires all tokens of `row`.
  void Retire(uint32_t row, OperationNumber op);

  // The rows of the `width` live accepted tokens nearest to each row of the query, with their bounds, best first.
  // Nothing where scoring all accepted rows is cheaper, or where a walk does not find its tokens. kTimeout past the
  // deadline.
  Result<std::optional<BoundedRows>> FindRows(const SearchRequest& request, size_t width, SearchStats* stats) const;

  // The best rows of a RowWalk that starts from `seeds`, with the similarities of their codes, best first; `rest` is
  // that of the last one. Nothing where a filter accepts too few rows for it. kTimeout past the deadline.
  Result<std::optional<BoundedRows>> WalkRows(const SearchRequest& request, size_t width, const BoundedRows& seeds,
                                              SearchStats* stats) const;

  uint64_t memory_bytes() const;

 private:
  // A token found for a row of the query: which row it belongs to, and by how much it beats the worst one found.
  struct Gain {
    uint32_t row;
    uint32_t query_row;
    float gain;
  };
  // One search; borrows all.
  struct Task {
    const SearchRequest& request;
    std::span<const float> query;  // [rows, dim], normalised for Cosine
    size_t width = 0;              // tokens to find for each row of the query
    WalkScratch* scratch = nullptr;
    SearchStats* stats = nullptr;
    std::vector<Gain> gains;
    double base = 0;  // the bound of a row without any gain
  };

  // The query's rows, normalised for Cosine: `values`, or what is put in `normalized`.
  std::span<const float> Prepared(std::span<const float> values, std::vector<float>* normalized) const;
  size_t query_rows(const Task& task) const { return task.query.size() / spec_.dim; }
  bool IsExactCheaper(const Task& task, double tokens, double walk_cost) const;
  // False where all accepted rows should be scored.
  Result<bool> WalkAll(Task* task) const;
  // Finds tokens for one row of the query; null where all accepted rows should be scored.
  Result<const CandidatePool*> Walk(const Task& task, const float* query_row) const;
  Result<const CandidatePool*> WalkFiltered(const Task& task, const CodeQuery& query) const;
  // False for similarities that overflowed.
  bool Collect(const CandidatePool& found, uint32_t query_row, Task* task) const;
  static BoundedRows SumUp(Task* task);

  const SegmentSpec& spec_;
  std::span<const uint32_t> entries_;
  std::span<const uint64_t> offsets_;
  std::span<const uint32_t> places_;
  quantizer::Int8Codec codec_;
  CodeRows codes_;
  GraphLinks links_;
  std::vector<uint32_t> rows_;      // of the token at each place
  std::vector<uint32_t> ordinals_;  // the same: filters ask for them at random
  Liveness liveness_;               // of tokens
  mutable ScratchPool scratch_pool_;
};

}  // namespace sextant::vector_index
