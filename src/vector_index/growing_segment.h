#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/status.h"
#include "types/config.h"
#include "types/ordinal.h"
#include "types/point_id.h"
#include "vector_index/liveness.h"
#include "vector_index/sealed_segment.h"
#include "vector_index/search_request.h"

namespace sextant::vector_index {

// What: the newest rows of one named vector, in append-only chunks of memory, scanned by searches. Rows are numbered
// from `first_sequence` on; a row number here is its offset from that.
// Threads: Append and liveness changes by the shard's writer; searches from any thread over a prefix of `rows` rows
// that a published view names. Chunks are never moved, so a reader needs no lock.
// Ownership: owns its rows; a view keeps it alive.
class GrowingSegment {
 public:
  static constexpr uint32_t kChunkRows = 1024;

  // `max_rows` bounds the chunk directory (a full one is sealed and replaced by a fresh GrowingSegment).
  GrowingSegment(uint32_t dim, Distance distance, uint64_t first_sequence, uint32_t max_rows = 4u << 20);
  ~GrowingSegment();

  // Copies `row` [dim] (normalised already for cosine). Returns its row number. Precondition: !full().
  uint32_t Append(const float* row, const RowIdentity& identity);
  // Takes back the last appended rows (a failed commit); no view names them yet.
  void Truncate(uint32_t rows);
  uint32_t rows() const { return rows_.load(std::memory_order_acquire); }
  bool full() const;

  const float* row(uint32_t row) const;
  RowIdentity identity(uint32_t row) const;
  Ordinal ordinal(uint32_t row) const;
  void Retire(uint32_t row, OperationNumber op);
  bool IsLive(uint32_t row, OperationNumber view) const;
  OperationNumber retired_at(uint32_t row) const;

  uint32_t dim() const { return dim_; }
  Distance distance() const { return distance_; }
  uint64_t first_sequence() const { return first_sequence_; }
  uint64_t memory_bytes() const;

  // Exact scan of the first `rows` rows; up to k best, best first.
  Result<std::vector<RowHit>> Search(const SearchRequest& request, uint32_t rows, SearchStats* stats) const;
  // Calls `visit(row, values)` for every live accepted row of the first `rows`; see SealedSegment::VisitRows.
  Status VisitRows(const SearchRequest& request, uint32_t rows, SealedSegment::RowVisitor visit) const;

 private:
  struct Chunk;
  uint32_t dim_;
  Distance distance_;
  uint64_t first_sequence_;
  uint32_t max_rows_;
  std::atomic<uint32_t> rows_{0};               // release on append, acquire by readers: rows below it are whole
  std::vector<std::unique_ptr<Chunk>> chunks_;  // sized once; entries are set before rows_ passes them
};

}  // namespace sextant::vector_index
