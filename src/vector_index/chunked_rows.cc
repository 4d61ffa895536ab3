#include "vector_index/chunked_rows.h"

#include <algorithm>

#include "base/check.h"
#include "vector_index/row_filter.h"

namespace sextant::vector_index {

std::unique_ptr<ChunkedRows::Chunk>& ChunkedRows::NextChunk() {
  SEXTANT_CHECK(!full());
  return chunks_[rows_.load(std::memory_order_relaxed) / kChunkRows];
}

uint32_t ChunkedRows::Publish(const RowIdentity& identity) {
  const uint32_t number = rows_.load(std::memory_order_relaxed), at = number % kChunkRows;
  Chunk& chunk = *chunks_[number / kChunkRows];
  chunk.ordinals[at] = Index(identity.ordinal);
  chunk.versions[at] = identity.version;
  chunk.ids[at] = identity.id;
  rows_.store(number + 1, std::memory_order_release);
  return number;
}

void ChunkedRows::Truncate(uint32_t rows) {
  const uint32_t before = rows_.load(std::memory_order_relaxed);
  SEXTANT_CHECK(rows <= before);
  for (uint32_t row = before; row-- > rows;) {
    Chunk& chunk = *chunks_[row / kChunkRows];
    chunk.liveness.Revive(row % kChunkRows);
    chunk.Forget(row % kChunkRows);
  }
  rows_.store(rows, std::memory_order_release);
}

RowIdentity ChunkedRows::identity(uint32_t row) const {
  const Chunk& of_row = chunk(row);
  const uint32_t at = row % kChunkRows;
  return {.ordinal = Ordinal{of_row.ordinals[at]}, .version = of_row.versions[at], .id = of_row.ids[at]};
}

Status ChunkedRows::VisitRows(const SearchRequest& request, uint32_t rows, RowVisitor visit) const {
  for (uint32_t first = 0; first < rows; first += kChunkRows) {
    RETURN_IF_ERROR(request.deadline.Check());
    const Chunk& rows_here = chunk(first);
    const RowFilter filter(request, rows_here.liveness, rows_here.ordinals);
    const bool all = filter.AcceptsAll();
    const uint32_t count = std::min(kChunkRows, rows - first);
    for (uint32_t i = 0; i < count; ++i)
      if (all || filter.Accepts(i)) RETURN_IF_ERROR(visit(first + i, rows_here.Row(i)));
  }
  return OkStatus();
}

uint64_t ChunkedRows::ChunkBytes(size_t chunk_size) const {
  const uint64_t chunks = (uint64_t{rows()} + kChunkRows - 1) / kChunkRows;
  constexpr uint64_t kLivenessBytes = kChunkRows * sizeof(uint64_t) + kChunkRows / 8;
  return chunks * (chunk_size + kLivenessBytes) + chunks_.capacity() * sizeof(chunks_[0]);
}

}  // namespace sextant::vector_index
