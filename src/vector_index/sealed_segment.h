#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/status.h"
#include "runtime/deadline.h"
#include "storage/file_system.h"
#include "types/config.h"
#include "types/ordinal.h"
#include "types/point_id.h"
#include "vector_index/liveness.h"
#include "vector_index/search_request.h"

namespace sextant::vector_index {

// Who a row belongs to, and since which operation.
struct RowIdentity {
  Ordinal ordinal{};
  OperationNumber version = 0;
  PointId id{};
};

// Where the rows of a new segment come from (growing chunks, older segments, a test's array).
// Threads: called from several build threads at once. What it lends lives as long as it does.
class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual uint32_t size() const = 0;
  virtual const float* row(uint32_t i) const = 0;  // [dim] f32, normalised already for cosine
  virtual RowIdentity identity(uint32_t i) const = 0;
};

struct SegmentSpec {
  uint32_t dim = 0;
  Distance distance = Distance::kCosine;
  uint32_t m = 16;  // graph quality knobs with HNSW's meaning (level 0 has 2m links there)
  uint32_t ef_construct = 100;
  bool build_graph = true;  // false: rows and codes only; searched by scanning
};

struct SegmentPlacement {
  storage::Placement rows = storage::Placement::kCached;
  storage::Placement codes = storage::Placement::kPinned;
  storage::Placement graph = storage::Placement::kPinned;
};

struct BuildOptions {
  int threads = 1;
  uint64_t seed = 1;
  const CancelToken* cancel = nullptr;  // polled; a cancelled build returns kUnavailable
};

// Builds codes and graph for `rows` and writes the segment's files into the existing directory `directory`; files
// and directory are synced when it returns. The order of rows in the segment may differ from the source's. On an
// error the directory holds rubbish that the caller removes. Precondition: rows.size() >= 1, ordinals distinct.
Status WriteSegment(storage::FileSystem* fs, const std::string& directory, const SegmentSpec& spec,
                    const RowSource& rows, const BuildOptions& options);

// What: an immutable set of rows of one named vector on disk or in memory, with int8 codes and a pruned graph, plus
// the (mutable) liveness of its rows.
// Threads: reads from any thread; `liveness()` as documented there.
// Ownership: holds its files open; the files may be unlinked while it lives.
// Errors: Open verifies every checksum; kCorruption names the file.
class SealedSegment {
 public:
  static Result<std::shared_ptr<SealedSegment>> Open(storage::FileSystem* fs, const std::string& directory,
                                                     const SegmentPlacement& placement);
  ~SealedSegment();

  const SegmentSpec& spec() const;
  uint32_t rows() const;
  bool has_graph() const;
  const float* row(uint32_t row) const;  // [dim]
  RowIdentity identity(uint32_t row) const;
  Ordinal ordinal(uint32_t row) const;
  // The row of this ordinal, dead or alive.
  std::optional<uint32_t> RowOf(Ordinal ordinal) const;

  Liveness& liveness();
  const Liveness& liveness() const;

  // Up to k best live accepted rows, best first. Approximate; walks the graph on codes, then rescores with f32 rows.
  // Precondition: has_graph(). kTimeout past the deadline.
  Result<std::vector<RowHit>> SearchGraph(const SearchRequest& request, SearchStats* stats) const;
  // The same, exact: scores f32 rows of every live accepted row (of `accept` alone when that is smaller).
  Result<std::vector<RowHit>> SearchExact(const SearchRequest& request, SearchStats* stats) const;
  // Scans codes of every live accepted row, rescores the best max(ef, 4k) with f32 rows.
  Result<std::vector<RowHit>> SearchScan(const SearchRequest& request, SearchStats* stats) const;

  // Calls `visit(row, values)` for every live accepted row, in no promised order; stops with its error or past the
  // deadline. Only `view`, `accept` and `deadline` of the request matter.
  using RowVisitor = absl::FunctionRef<Status(uint32_t row, const float* values)>;
  Status VisitRows(const SearchRequest& request, RowVisitor visit) const;

  uint64_t disk_bytes() const;
  uint64_t resident_bytes() const;  // pinned memory and tables, without mapped files

 private:
  struct Impl;
  explicit SealedSegment(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::vector_index
