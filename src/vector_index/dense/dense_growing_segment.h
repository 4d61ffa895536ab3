#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/status.h"
#include "vector_index/row_distance.h"
#include "vector_index/segment.h"

namespace sextant::vector_index {

// What: the newest dense vectors of a name, as f32, in chunks of memory.
// Threads, Ownership: see GrowingRows.
class DenseGrowingSegment final : public GrowingRows {
 public:
  static constexpr uint32_t kChunkRows = 1024;

  // `max_rows` bounds the chunk directory.
  DenseGrowingSegment(const SegmentSpec& spec, uint64_t first_sequence, uint32_t max_rows = 4u << 20);
  ~DenseGrowingSegment() override;

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

 private:
  struct Chunk;
  uint32_t dim_;
  RowDistance distance_;
  uint64_t first_sequence_;
  uint32_t max_rows_;
  std::atomic<uint32_t> rows_{0};               // release on append, acquire by readers: rows below it are whole
  std::vector<std::unique_ptr<Chunk>> chunks_;  // sized once; entries are set before rows_ passes them
};

}  // namespace sextant::vector_index
