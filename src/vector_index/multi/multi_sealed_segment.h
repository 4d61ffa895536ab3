#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "storage/file_system.h"
#include "vector_index/segment.h"

namespace sextant::vector_index {

// Builds codes and graph of the tokens of `rows` and writes the files of a segment of multivectors; see WriteSegment.
// Rows keep their order.
Status WriteMultiSegment(storage::FileSystem* fs, const std::string& directory, const SegmentSpec& spec,
                         const RowSource& rows, const BuildOptions& options);

// What: a segment of multivectors. Its graph is one of tokens: each row of a query finds the tokens nearest to it, and
// the rows that they belong to are scored whole.
// Threads, Ownership: see SealedRows.
// Errors: Open verifies every checksum; kCorruption names the file.
class MultiSealedSegment final : public SealedRows {
 public:
  static Result<std::shared_ptr<MultiSealedSegment>> Open(storage::FileSystem* fs, const std::string& directory,
                                                          const SegmentPlacement& placement);
  ~MultiSealedSegment() override;

  const SegmentSpec& spec() const override;
  uint32_t rows() const override;
  bool has_graph() const override;
  VectorRef Row(uint32_t row, RowScratch* scratch) const override;
  RowIdentity identity(uint32_t row) const override;
  Ordinal ordinal(uint32_t row) const override;
  std::optional<uint32_t> RowOf(Ordinal ordinal) const override;

  void Retire(uint32_t row, OperationNumber op) override;
  const Liveness& liveness() const override;

  Result<std::vector<RowHit>> SearchGraph(const SearchRequest& request, SearchStats* stats) const override;
  // Exact: codes lie in the order of the graph, not row by row.
  Result<std::vector<RowHit>> SearchScan(const SearchRequest& request, SearchStats* stats) const override;
  Result<std::vector<RowHit>> SearchExact(const SearchRequest& request, SearchStats* stats) const override;
  Status VisitRows(const SearchRequest& request, RowVisitor visit) const override;

  uint64_t value_bytes() const override;
  uint64_t disk_bytes() const override;
  uint64_t resident_bytes() const override;

 private:
  struct Impl;
  explicit MultiSealedSegment(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::vector_index
