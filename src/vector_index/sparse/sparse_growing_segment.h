#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/status.h"
#include "types/ordinal.h"
#include "vector_index/sparse/sparse_search.h"

namespace sextant::vector_index {

// What: the newest sparse vectors of a name, in chunks of memory. A full chunk has an inverted index, and so has each
// full block of rows of the last one; the rows after them are scored one by one. Threads, Ownership: see GrowingRows.
class SparseGrowingSegment final : public GrowingRows {
 public:
  static constexpr uint32_t kChunkRows = 1024;
  static constexpr uint32_t kBlockRows = 128;

  // `max_rows` bounds the chunk directory.
  explicit SparseGrowingSegment(uint64_t first_sequence, uint32_t max_rows = 4u << 20);
  ~SparseGrowingSegment() override;

  uint32_t Append(VectorRef row, const RowIdentity& identity) override;
  void Truncate(uint32_t rows) override;
  uint32_t rows() const override { return rows_.load(std::memory_order_acquire); }
  bool full() const override;
  uint64_t first_sequence() const override { return first_sequence_; }

  VectorRef Row(uint32_t row) const override;
  RowIdentity identity(uint32_t row) const override;
  Ordinal ordinal(uint32_t row) const override;
  void Retire(uint32_t row, OperationNumber op) override;
  bool IsLive(uint32_t row, OperationNumber view) const override;
  OperationNumber retired_at(uint32_t row) const override;

  uint64_t value_bytes() const override;
  uint64_t memory_bytes() const override;

  Result<std::vector<RowHit>> Search(const SearchRequest& request, uint32_t rows, SearchStats* stats) const override;
  Status VisitRows(const SearchRequest& request, uint32_t rows, RowVisitor visit) const override;
  // Counts live accepted rows among the first `rows`, and those that hold each of the query's indices.
  Result<DocumentFrequencies> CountDocuments(const SearchRequest& request, uint32_t rows) const;

 private:
  struct Chunk;
  uint64_t first_sequence_;
  uint32_t max_rows_;
  std::atomic<uint32_t> rows_{0};               // release on append, acquire by readers: rows below it are whole
  std::atomic<uint64_t> value_bytes_{0};        // a counter
  std::atomic<uint64_t> element_bytes_{0};      // a counter: memory of rows and inverted indexes
  std::vector<std::unique_ptr<Chunk>> chunks_;  // sized once; entries are set before rows_ passes them
};

}  // namespace sextant::vector_index
