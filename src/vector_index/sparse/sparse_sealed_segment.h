#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "storage/file_system.h"
#include "vector_index/liveness.h"
#include "vector_index/sparse/sparse_search.h"
#include "vector_index/sparse/sparse_segment_files.h"
#include "vector_index/sparse/weight_codec.h"

namespace sextant::vector_index {

// Builds the inverted index of `rows` and writes the files of a segment of sparse vectors; see WriteSegment. Rows keep
// their order and f32 values; the weights in the postings are of the datatype. Precondition: values finite.
Status WriteSparseSegment(storage::FileSystem* fs, const std::string& directory, const SegmentSpec& spec,
                          const RowSource& rows, const BuildOptions& options);

// What: a segment of sparse vectors with their inverted index. Every search is exact for the weights as stored:
// quantised ones count as the numbers that they stand for, however the rows are found. Hits share an index with the
// query.
// Threads, Ownership: see SealedRows.
// Errors: Open verifies every checksum; kCorruption names the file.
class SparseSealedSegment final : public SealedRows {
 public:
  static Result<std::shared_ptr<SparseSealedSegment>> Open(storage::FileSystem* fs, const std::string& directory,
                                                           const SegmentPlacement& placement);
  ~SparseSealedSegment() override;

  const SegmentSpec& spec() const override;
  uint32_t rows() const override;
  bool has_graph() const override { return true; }
  VectorRef Row(uint32_t row, RowScratch* scratch) const override;
  RowIdentity identity(uint32_t row) const override;
  Ordinal ordinal(uint32_t row) const override;
  std::optional<uint32_t> RowOf(Ordinal ordinal) const override;

  void Retire(uint32_t row, OperationNumber op) override;
  const Liveness& liveness() const override;

  Result<std::vector<RowHit>> SearchGraph(const SearchRequest& request, SearchStats* stats) const override;
  Result<std::vector<RowHit>> SearchScan(const SearchRequest& request, SearchStats* stats) const override;
  Result<std::vector<RowHit>> SearchExact(const SearchRequest& request, SearchStats* stats) const override;
  Status VisitRows(const SearchRequest& request, RowVisitor visit) const override;
  // Counts live accepted rows, and those that hold each of the query's indices. kTimeout past the deadline.
  Result<DocumentFrequencies> CountDocuments(const SearchRequest& request) const;

  uint64_t value_bytes() const override;
  uint64_t disk_bytes() const override;
  uint64_t resident_bytes() const override;

 private:
  struct Impl;
  explicit SparseSealedSegment(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::vector_index
