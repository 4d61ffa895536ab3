#include "vector_index/segment.h"

#include "base/check.h"
#include "quantizer/int8_codec.h"
#include "vector_index/dense/dense_growing_segment.h"
#include "vector_index/dense/dense_sealed_segment.h"
#include "vector_index/multi/multi_growing_segment.h"
#include "vector_index/multi/multi_sealed_segment.h"
#include "vector_index/sparse/sparse_growing_segment.h"
#include "vector_index/sparse/sparse_sealed_segment.h"

namespace sextant::vector_index {

std::unique_ptr<GrowingRows> MakeGrowingRows(const SegmentSpec& spec, uint64_t first_sequence, uint32_t max_rows) {
  switch (spec.kind) {
    case VectorKind::kDense: return std::make_unique<DenseGrowingSegment>(spec, first_sequence, max_rows);
    case VectorKind::kMulti: return std::make_unique<MultiGrowingSegment>(spec, first_sequence, max_rows);
    case VectorKind::kSparse: return std::make_unique<SparseGrowingSegment>(first_sequence, max_rows);
  }
  SEXTANT_CHECK(false);
}

Status WriteSegment(storage::FileSystem* fs, const std::string& directory, const SegmentSpec& spec,
                    const RowSource& rows, const BuildOptions& options) {
  switch (spec.kind) {
    case VectorKind::kDense: return WriteDenseSegment(fs, directory, spec, rows, options);
    case VectorKind::kMulti: return WriteMultiSegment(fs, directory, spec, rows, options);
    case VectorKind::kSparse: return WriteSparseSegment(fs, directory, spec, rows, options);
  }
  SEXTANT_CHECK(false);
}

uint64_t BuildBytes(const SegmentSpec& spec, uint64_t rows, uint64_t value_bytes) {
  // Sparse rows are turned into lists of an index, the greater part of them at once.
  if (spec.kind == VectorKind::kSparse) return 2 * value_bytes;
  const uint64_t vectors = value_bytes / (uint64_t{spec.dim} * sizeof(float));
  constexpr uint64_t kRowTables = 6 * sizeof(uint32_t);  // orders, places and clusters
  uint64_t bytes = quantizer::Int8Codec::CodeStride(spec.dim) + sizeof(quantizer::RowTerms);
  // Links while the graph grows, half as many again as it keeps, and the finished ones.
  if (spec.build_graph) bytes += 5 * uint64_t{spec.m} * sizeof(uint32_t);
  return vectors * bytes + rows * kRowTables;
}

Result<std::shared_ptr<SealedRows>> OpenSegment(storage::FileSystem* fs, const std::string& directory, VectorKind kind,
                                                const SegmentPlacement& placement) {
  std::shared_ptr<SealedRows> opened;
  switch (kind) {
    case VectorKind::kDense: {
      ASSIGN_OR_RETURN(opened, DenseSealedSegment::Open(fs, directory, placement));
      break;
    }
    case VectorKind::kMulti: {
      ASSIGN_OR_RETURN(opened, MultiSealedSegment::Open(fs, directory, placement));
      break;
    }
    case VectorKind::kSparse: {
      ASSIGN_OR_RETURN(opened, SparseSealedSegment::Open(fs, directory, placement));
      break;
    }
  }
  return opened;
}

}  // namespace sextant::vector_index
