#include "vector_index/segment.h"

#include "base/check.h"
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
