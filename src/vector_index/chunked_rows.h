#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "vector_index/segment.h"

namespace sextant::vector_index {

// What: what growing segments of all kinds share: rows in append-only chunks that never move, who each row belongs to,
// and since when it is dead. A kind adds where its chunks keep the values.
// Threads, Ownership: see GrowingRows.
class ChunkedRows : public GrowingRows {
 public:
  static constexpr uint32_t kChunkRows = 1024;

  uint32_t rows() const final { return rows_.load(std::memory_order_acquire); }
  bool full() const final { return rows_.load(std::memory_order_relaxed) == max_rows_; }
  uint64_t first_sequence() const final { return first_sequence_; }
  void Truncate(uint32_t rows) final;

  VectorRef Row(uint32_t row) const final { return chunk(row).Row(row % kChunkRows); }
  RowIdentity identity(uint32_t row) const final;
  Ordinal ordinal(uint32_t row) const final { return Ordinal{chunk(row).ordinals[row % kChunkRows]}; }
  void Retire(uint32_t row, OperationNumber op) final {
    chunks_[row / kChunkRows]->liveness.Retire(row % kChunkRows, op);
  }
  bool IsLive(uint32_t row, OperationNumber view) const final {
    return chunk(row).liveness.IsLive(row % kChunkRows, view);
  }
  OperationNumber retired_at(uint32_t row) const final { return chunk(row).liveness.retired_at(row % kChunkRows); }

  Status VisitRows(const SearchRequest& request, uint32_t rows, RowVisitor visit) const final;

 protected:
  struct Chunk {
    Chunk() : liveness(kChunkRows) {}
    virtual ~Chunk() = default;
    virtual VectorRef Row(uint32_t at) const = 0;
    // Frees what the row that was appended last to the chunk holds.
    virtual void Forget(uint32_t at) = 0;

    uint32_t ordinals[kChunkRows] = {};
    OperationNumber versions[kChunkRows] = {};
    PointId ids[kChunkRows];
    Liveness liveness;
  };

  // `max_rows` bounds the chunk directory.
  ChunkedRows(uint64_t first_sequence, uint32_t max_rows)
      : first_sequence_(first_sequence),
        max_rows_(max_rows),
        chunks_((uint64_t{max_rows} + kChunkRows - 1) / kChunkRows) {}

  // The chunk that takes the next row; null: it has to be made. Precondition: !full().
  std::unique_ptr<Chunk>& NextChunk();
  // Where the next row goes within it.
  uint32_t next_place() const { return rows_.load(std::memory_order_relaxed) % kChunkRows; }
  // Counts the row whose values lie in the next place; returns its number.
  uint32_t Publish(const RowIdentity& identity);

  const Chunk& chunk(uint32_t row) const { return *chunks_[row / kChunkRows]; }
  // Of the chunks that were made, and what lists them, where each is so large.
  uint64_t ChunkBytes(size_t chunk_size) const;

 private:
  uint64_t first_sequence_;
  uint32_t max_rows_;
  std::atomic<uint32_t> rows_{0};               // release on append, acquire by readers: rows below it are whole
  std::vector<std::unique_ptr<Chunk>> chunks_;  // sized once; entries are set before rows_ passes them
};

}  // namespace sextant::vector_index
