#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/status.h"
#include "runtime/deadline.h"
#include "storage/file_system.h"
#include "types/config.h"
#include "types/ordinal.h"
#include "types/point_id.h"
#include "types/vector_value.h"
#include "vector_index/liveness.h"
#include "vector_index/search_request.h"

// Segments of all kinds of vectors, as the shard and searches know them. A row is one version of one vector of a point:
// a dense vector, a whole multivector, or a sparse vector. Dense vectors: sealed_segment.h, growing_segment.h.
// Multivectors: multi/. Sparse vectors: sparse/.
namespace sextant::vector_index {

class RecallCurve;

// Who a row belongs to, and since which operation.
struct RowIdentity {
  Ordinal ordinal{};
  OperationNumber version = 0;
  PointId id{};
};

// Where a row is put together when it does not lie in memory as f32.
using RowScratch = std::vector<float>;

// What the rows of a segment are. Rows are given, kept and lent as they compare: of kDense and kMulti with kCosine and
// without kUint8 they are normalised already; values are those that the datatype can hold.
struct SegmentSpec {
  VectorKind kind = VectorKind::kDense;
  Datatype datatype = Datatype::kFloat32;
  uint32_t dim = 0;  // of a dense vector, or of each row of a multivector; 0 for sparse ones
  Distance distance = Distance::kCosine;
  uint32_t m = 16;  // graph quality knobs with HNSW's meaning (level 0 has 2m links there)
  uint32_t ef_construct = 100;
  bool build_graph = true;  // false: rows and codes only; searched by scanning
  CodeChoice codes{};       // of dense vectors; others have codes of bytes, or none
};

// Calls of one live row of a search. `row` is lent for the call.
using RowVisitor = absl::FunctionRef<Status(uint32_t row, VectorRef values)>;

// What: the newest rows of one named vector, in append-only memory, scanned by searches. Rows are numbered from
// `first_sequence` on; a row number here is its offset from that.
// Threads: Append, Truncate and Retire by the shard's writer; the rest from any thread over a prefix of `rows` rows
// that a published view names. Rows never move, so a reader needs no lock. Ownership: owns its rows; a view keeps it
// alive.
class GrowingRows {
 public:
  virtual ~GrowingRows() = default;

  // Copies `row`. Returns its row number. Precondition: !full(), a row as SegmentSpec says.
  virtual uint32_t Append(VectorRef row, const RowIdentity& identity) = 0;
  // Takes back the last appended rows (a failed commit); no view names them yet.
  virtual void Truncate(uint32_t rows) = 0;
  virtual uint32_t rows() const = 0;
  virtual bool full() const = 0;
  virtual uint64_t first_sequence() const = 0;

  virtual VectorRef Row(uint32_t row) const = 0;  // lent as long as the segment lives
  virtual RowIdentity identity(uint32_t row) const = 0;
  virtual Ordinal ordinal(uint32_t row) const = 0;
  virtual void Retire(uint32_t row, OperationNumber op) = 0;
  virtual bool IsLive(uint32_t row, OperationNumber view) const = 0;
  virtual OperationNumber retired_at(uint32_t row) const = 0;

  virtual uint64_t value_bytes() const = 0;  // of all rows' values
  virtual uint64_t memory_bytes() const = 0;

  // Exact scan of the first `rows` rows; up to k best, best first.
  virtual Result<std::vector<RowHit>> Search(const SearchRequest& request, uint32_t rows, SearchStats* stats) const = 0;
  // Calls `visit` for every live accepted row of the first `rows`; see SealedRows::VisitRows.
  virtual Status VisitRows(const SearchRequest& request, uint32_t rows, RowVisitor visit) const = 0;
};

// What: an immutable set of rows of one named vector on disk or in memory, plus the (mutable) liveness of its rows.
// Threads: reads from any thread; Retire by the shard's writer, see Liveness.
// Ownership: holds its files open; the files may be unlinked while it lives.
class SealedRows {
 public:
  virtual ~SealedRows() = default;

  virtual const SegmentSpec& spec() const = 0;
  virtual uint32_t rows() const = 0;
  // Whether SearchGraph is more than a scan. True of sparse segments: their index is always there.
  virtual bool has_graph() const = 0;
  // Whether SearchGraph itself finds the cheapest way to the matches of a filter, scans among them.
  virtual bool weighs_filters() const { return false; }
  // What walks find; lent as long as the segment lives. Null where it was not measured.
  virtual const RecallCurve* recall_curve() const { return nullptr; }
  // Reads and verifies about `most_bytes` of what was left to be verified when the segment was opened. True: nothing
  // is left. Searches verify what they read themselves. kCorruption names the file.
  virtual Result<bool> VerifyMore(uint64_t /*most_bytes*/) const { return true; }
  // Makes sure that Row may be called: where not all is verified, reads and verifies that row.
  virtual Status TouchRow(uint32_t /*row*/) const { return OkStatus(); }
  // Lent as long as the segment lives and `scratch` is not used again.
  virtual VectorRef Row(uint32_t row, RowScratch* scratch) const = 0;
  virtual RowIdentity identity(uint32_t row) const = 0;
  virtual Ordinal ordinal(uint32_t row) const = 0;
  // The row of this ordinal, dead or alive.
  virtual std::optional<uint32_t> RowOf(Ordinal ordinal) const = 0;

  virtual void Retire(uint32_t row, OperationNumber op) = 0;
  virtual const Liveness& liveness() const = 0;

  // Up to k best live accepted rows, best first. Of dense vectors and multivectors approximate: walks the graph, then
  // rescores with full rows. Precondition: has_graph(). kTimeout past the deadline.
  virtual Result<std::vector<RowHit>> SearchGraph(const SearchRequest& request, SearchStats* stats) const = 0;
  // The same, by a scan of the codes of every live accepted row; rescores the best max(ef, 4k) with full rows.
  virtual Result<std::vector<RowHit>> SearchScan(const SearchRequest& request, SearchStats* stats) const = 0;
  // The same, exact: scores every live accepted row (of `accept` alone when that is smaller).
  virtual Result<std::vector<RowHit>> SearchExact(const SearchRequest& request, SearchStats* stats) const = 0;

  // Calls `visit` for every live accepted row, in no promised order; stops with its error or past the deadline. Only
  // `view`, `accept` and `deadline` of the request matter.
  virtual Status VisitRows(const SearchRequest& request, RowVisitor visit) const = 0;

  virtual uint64_t value_bytes() const = 0;  // of all rows' values, as they are kept
  virtual uint64_t disk_bytes() const = 0;
  virtual uint64_t resident_bytes() const = 0;  // pinned memory and tables, without mapped files
};

// A row of a sealed segment; segment null: none.
struct SealedPlace {
  const SealedRows* segment = nullptr;
  uint32_t row = 0;
};

// Where the rows of a new segment come from (growing chunks, older segments, a test's array).
// Threads: called from several build threads at once, each with a scratch of its own.
class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual uint32_t size() const = 0;
  virtual VectorRef row(uint32_t i, RowScratch* scratch) const = 0;  // lent as by SealedRows::Row
  virtual RowIdentity identity(uint32_t i) const = 0;
  // Where row i lies if it lies in a sealed segment, whose graph may then be reused. Lent as long as the source lives.
  virtual SealedPlace sealed_place(uint32_t /*i*/) const { return {}; }
  // For each row the number of its group; rows of one group lie side by side in a dense segment. Empty: no groups.
  virtual std::span<const uint32_t> groups() const { return {}; }
};

struct SegmentPlacement {
  storage::Placement rows = storage::Placement::kCached;
  storage::Placement codes = storage::Placement::kPinned;  // sparse: of the postings
  storage::Placement graph = storage::Placement::kPinned;
  // Dense rows of a larger file are verified when they are touched, see SealedRows::VerifyMore.
  uint64_t rows_verified_at_open = UINT64_MAX;
};

struct BuildOptions {
  int threads = 1;
  uint64_t seed = 1;
  const CancelToken* cancel = nullptr;  // polled; a cancelled build returns kUnavailable
};

// Makes the growing part of a named vector. `max_rows` bounds its rows (a full one is sealed and replaced).
std::unique_ptr<GrowingRows> MakeGrowingRows(const SegmentSpec& spec, uint64_t first_sequence,
                                             uint32_t max_rows = 4u << 20);

// Builds a segment of `rows` and writes its files into the existing directory `directory`; files and directory are
// synced when it returns. The order of rows in the segment may differ from the source's. On an error the directory
// holds rubbish that the caller removes. Precondition: rows.size() >= 1, ordinals distinct.
Status WriteSegment(storage::FileSystem* fs, const std::string& directory, const SegmentSpec& spec,
                    const RowSource& rows, const BuildOptions& options);

// About how many bytes WriteSegment takes at its height, beside the source. `value_bytes`: of all rows, as f32.
uint64_t BuildBytes(const SegmentSpec& spec, uint64_t rows, uint64_t value_bytes);

// Opens what WriteSegment wrote for a vector of this kind. Every checksum is verified, now or as `placement` says;
// kCorruption names the file.
Result<std::shared_ptr<SealedRows>> OpenSegment(storage::FileSystem* fs, const std::string& directory, VectorKind kind,
                                                const SegmentPlacement& placement);

}  // namespace sextant::vector_index
