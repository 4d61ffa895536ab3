#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/status.h"
#include "types/ordinal.h"
#include "vector_index/sparse/sparse_search.h"

namespace sextant::vector_index {

// What: the newest sparse rows of one named vector, in append-only chunks of memory. A full chunk has an inverted
// index; rows of the last one are scored one by one. Rows are numbered from `first_sequence` on; a row number here is
// its offset from that. Threads: Append and liveness changes by the shard's writer; searches from any thread over a
// prefix of `rows` rows that a published view names. Chunks are never moved, so a reader needs no lock. Ownership: owns
// its rows; a view keeps it alive.
class SparseGrowingSegment {
 public:
  static constexpr uint32_t kChunkRows = 1024;

  // `max_rows` bounds the chunk directory (a full one is sealed and replaced by a fresh SparseGrowingSegment).
  explicit SparseGrowingSegment(uint64_t first_sequence, uint32_t max_rows = 4u << 20);
  ~SparseGrowingSegment();

  // Copies `row`. Returns its row number. Preconditions: !full(), values finite.
  uint32_t Append(SparseRow row, const RowIdentity& identity);
  // Takes back the last appended rows (a failed commit); no view names them yet.
  void Truncate(uint32_t rows);
  uint32_t rows() const { return rows_.load(std::memory_order_acquire); }
  bool full() const;

  SparseRow row(uint32_t row) const;
  RowIdentity identity(uint32_t row) const;
  Ordinal ordinal(uint32_t row) const;
  void Retire(uint32_t row, OperationNumber op);
  bool IsLive(uint32_t row, OperationNumber view) const;
  OperationNumber retired_at(uint32_t row) const;

  uint64_t first_sequence() const { return first_sequence_; }
  uint64_t memory_bytes() const;

  // Exact: of the first `rows` rows, the k best that share an index with the query, best first. kTimeout past the
  // deadline.
  Result<std::vector<RowHit>> Search(const SparseSearchRequest& request, uint32_t rows, SearchStats* stats) const;
  // Counts live accepted rows among the first `rows`, and those that hold each of the indices.
  Result<DocumentFrequencies> CountDocuments(const SparseCountRequest& request, uint32_t rows) const;

 private:
  struct Chunk;
  uint64_t first_sequence_;
  uint32_t max_rows_;
  std::atomic<uint32_t> rows_{0};               // release on append, acquire by readers: rows below it are whole
  std::atomic<uint64_t> element_bytes_{0};      // a counter: memory of rows and inverted indexes
  std::vector<std::unique_ptr<Chunk>> chunks_;  // sized once; entries are set before rows_ passes them
};

}  // namespace sextant::vector_index
