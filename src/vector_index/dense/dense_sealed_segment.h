#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "storage/file_system.h"
#include "vector_index/graph/graph_links.h"
#include "vector_index/segment.h"

namespace sextant::vector_index {

// Builds codes and graph for `rows` and writes the files of a segment of dense vectors; see WriteSegment.
Status WriteDenseSegment(storage::FileSystem* fs, const std::string& directory, const SegmentSpec& spec,
                         const RowSource& rows, const BuildOptions& options);

// What: a segment of dense vectors with int8 codes and a pruned graph.
// Threads, Ownership: see SealedRows.
// Errors: Open verifies every checksum that SegmentPlacement does not leave for later; kCorruption names the file.
class DenseSealedSegment final : public SealedRows {
 public:
  static Result<std::shared_ptr<DenseSealedSegment>> Open(storage::FileSystem* fs, const std::string& directory,
                                                          const SegmentPlacement& placement);
  ~DenseSealedSegment() override;

  // Lent as long as the segment lives. Precondition: has_graph().
  const GraphLinks& links() const;

  const SegmentSpec& spec() const override;
  uint32_t rows() const override;
  bool has_graph() const override;
  bool weighs_filters() const override { return true; }
  const RecallCurve* recall_curve() const override;
  Result<bool> VerifyMore(uint64_t most_bytes) const override;
  Status TouchRow(uint32_t row) const override;
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

  uint64_t value_bytes() const override;
  uint64_t disk_bytes() const override;
  uint64_t resident_bytes() const override;

 private:
  struct Impl;
  explicit DenseSealedSegment(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::vector_index
