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

struct SparseSegmentSpec {
  SparseDatatype datatype = SparseDatatype::kFloat32;  // of the weights in postings; rows keep f32
};

// Builds the inverted index of `rows` and writes the segment's files into the existing directory `directory`; files
// and directory are synced when it returns. Rows keep their order. On an error the directory holds rubbish that the
// caller removes. Preconditions: rows.size() >= 1, ordinals distinct, values finite.
Status WriteSparseSegment(storage::FileSystem* fs, const std::string& directory, const SparseSegmentSpec& spec,
                          const SparseRowSource& rows, const BuildOptions& options);

// What: an immutable set of sparse rows of one named vector on disk or in memory, with their inverted index, plus the
// (mutable) liveness of its rows.
// Threads: reads from any thread; `liveness()` as documented there.
// Ownership: holds its files open; the files may be unlinked while it lives.
// Errors: Open verifies every checksum; kCorruption names the file.
class SparseSealedSegment {
 public:
  static Result<std::shared_ptr<SparseSealedSegment>> Open(storage::FileSystem* fs, const std::string& directory,
                                                           const SparsePlacement& placement);
  ~SparseSealedSegment();

  const SparseSegmentSpec& spec() const;
  uint32_t rows() const;
  SparseRow row(uint32_t row) const;
  RowIdentity identity(uint32_t row) const;
  Ordinal ordinal(uint32_t row) const;
  // The row of this ordinal, dead or alive.
  std::optional<uint32_t> RowOf(Ordinal ordinal) const;

  Liveness& liveness();
  const Liveness& liveness() const;

  // The k best live accepted rows that share an index with the query, best first. Exact for the weights as stored:
  // quantised ones count as the numbers that they stand for, however the rows are found. kTimeout past the deadline.
  Result<std::vector<RowHit>> SearchExact(const SparseSearchRequest& request, SearchStats* stats) const;
  // Counts live accepted rows, and those that hold each of the indices. kTimeout past the deadline.
  Result<DocumentFrequencies> CountDocuments(const SparseCountRequest& request) const;

  uint64_t disk_bytes() const;
  uint64_t resident_bytes() const;  // pinned memory and tables, without mapped files

 private:
  struct Impl;
  explicit SparseSealedSegment(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::vector_index
