#include "vector_index/dense/dense_growing_segment.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/check.h"
#include "kernels/kernels.h"
#include "vector_index/best_hits.h"
#include "vector_index/row_filter.h"

namespace sextant::vector_index {

struct DenseGrowingSegment::DenseChunk final : Chunk {
  // Memory is not touched before rows are written: an almost empty chunk of long vectors costs what it holds.
  DenseChunk(uint32_t dimensions, size_t code_stride)
      : dim(dimensions),
        stride(code_stride),
        values(std::make_unique_for_overwrite<float[]>(size_t{kChunkRows} * dimensions)),
        codes(std::make_unique_for_overwrite<int8_t[]>(size_t{kChunkRows} * code_stride)) {}
  float* row(uint32_t at) const { return values.get() + size_t{at} * dim; }
  int8_t* code(uint32_t at) const { return codes.get() + size_t{at} * stride; }
  VectorRef Row(uint32_t at) const override { return {{row(at), dim}, {}}; }
  void Forget(uint32_t) override {}

  uint32_t dim;
  size_t stride;  // 0 without codes
  std::unique_ptr<float[]> values;
  std::unique_ptr<int8_t[]> codes;
  BoundedCodes::Terms terms[kChunkRows];
};

DenseGrowingSegment::DenseGrowingSegment(const SegmentSpec& spec, uint64_t first_sequence, uint32_t max_rows)
    : ChunkedRows(first_sequence, max_rows), dim_(spec.dim), distance_(spec.distance, spec.datatype) {
  if (BoundedCodes::Supports(spec)) codes_.emplace(spec);
}

uint32_t DenseGrowingSegment::Append(VectorRef row, const RowIdentity& identity) {
  SEXTANT_CHECK(row.size() == dim_);
  std::unique_ptr<Chunk>& next = NextChunk();
  if (next == nullptr) next = std::make_unique<DenseChunk>(dim_, codes_ ? codes_->stride() : 0);
  auto& chunk = static_cast<DenseChunk&>(*next);
  const uint32_t at = next_place();
  std::memcpy(chunk.row(at), row.values.data(), row.values.size_bytes());
  if (codes_) chunk.terms[at] = codes_->Encode(row.values.data(), chunk.code(at));
  return Publish(identity);
}

uint64_t DenseGrowingSegment::value_bytes() const {
  return uint64_t{rows()} * dim_ * sizeof(float);
}

uint64_t DenseGrowingSegment::memory_bytes() const {
  return value_bytes() + uint64_t{rows()} * (codes_ ? codes_->stride() : 0) + ChunkBytes(sizeof(DenseChunk));
}

// What: one search over the chunks, one after the other.
struct DenseGrowingSegment::Scan {
  Scan(const DenseGrowingSegment& of, const SearchRequest& search, uint32_t k) : segment(of), request(search), best(k) {
    if (segment.codes_) query = segment.codes_->Prepare(request.query.values.data());
  }

  void OfferRow(const DenseChunk& chunk, uint32_t first, uint32_t at) {
    best.Offer(segment.distance_.Similarity(request.query.values.data(), chunk.row(at), segment.dim_), first + at);
  }

  // Of the first `count` rows of the chunk; `first` is the number of its first row.
  void OfferChunk(const DenseChunk& chunk, uint32_t first, uint32_t count) {
    const RowFilter filter(request, chunk.liveness, chunk.ordinals);
    const bool all = filter.AcceptsAll();
    uint32_t accepted = 0;
    for (uint32_t at = 0; at < count; ++at)
      if (all || filter.Accepts(at)) places[accepted++] = at;
    scored += accepted;
    if (!segment.codes_) {
      for (uint32_t i = 0; i < accepted; ++i) OfferRow(chunk, first, places[i]);
      return;
    }
    kernels::Kernels().code_dot_batch(query.code.data(),
                                      {chunk.codes.get(), chunk.stride, chunk.stride, places, accepted}, products);
    for (uint32_t i = 0; i < accepted; ++i) {
      const float bound = segment.codes_->UpperBound(query, chunk.terms[places[i]], products[i]);
      // The floor is a similarity that was rounded to f32, so both compare as they are.
      if (static_cast<double>(bound) < best.floor()) continue;
      OfferRow(chunk, first, places[i]);
      ++rescored;
    }
  }

  const DenseGrowingSegment& segment;
  const SearchRequest& request;
  BoundedCodes::Query query;
  BestHits best;
  uint64_t scored = 0, rescored = 0;
  uint32_t places[kChunkRows];
  int32_t products[kChunkRows];
};

Result<std::vector<RowHit>> DenseGrowingSegment::Search(const SearchRequest& request, uint32_t rows,
                                                        SearchStats* stats) const {
  ++stats->scans;
  if (request.k == 0) return std::vector<RowHit>();
  Scan scan(*this, request, std::min(request.k, rows));
  for (uint32_t first = 0; first < rows; first += kChunkRows) {
    RETURN_IF_ERROR(request.deadline.Check());
    scan.OfferChunk(static_cast<const DenseChunk&>(chunk(first)), first, std::min(kChunkRows, rows - first));
  }
  stats->rows_scored += scan.scored;
  stats->rows_rescored += scan.rescored;
  return scan.best.Take();
}

}  // namespace sextant::vector_index
