#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sextant::kernels {

// Rows of codes picked by number: row ids[i] starts at base + ids[i] * stride and is `length` bytes long.
// Int8 codes are bytes. Packed codes are unsigned numbers of 1, 2 or 4 bits, 8 / bits in a byte: code s · length + j of
// a row is in byte j from bit s · bits on. Queries are always int8 codes, of packed rows 8 / bits · length in that
// order.
struct CodeBatch {
  const int8_t* base = nullptr;
  size_t stride = 0;
  size_t length = 0;
  const uint32_t* ids = nullptr;
  size_t count = 0;
};
using CodeBatchKernel = void (*)(const int8_t* query, const CodeBatch& batch, int32_t* out);

// Postings of one index of sparse vectors: rows[i], all distinct and within [first_row, first_row + length of the
// scores), holds the weight weights[i].
struct PostingBatch {
  const uint32_t* rows = nullptr;
  const float* weights = nullptr;
  size_t count = 0;
  uint32_t first_row = 0;
};

// Bit v of `words` says whether v is in; no v >= 64 · word_count is.
struct BitSet {
  const uint64_t* words = nullptr;
  size_t word_count = 0;
};

// Query rows side by side, for the rows of a multivector: [groups, dim, kQueryLanes], which is 16 query rows, dimension
// by dimension, and then the next 16. A last group that is not full has zeros.
inline constexpr size_t kQueryLanes = 16;
struct QueryGroups {
  const float* values = nullptr;
  size_t groups = 0;
  size_t dim = 0;
};

// A sparse vector: indices without repeats.
struct SparseRow {
  const uint32_t* indices = nullptr;
  const float* values = nullptr;
  size_t count = 0;
};

// How a byte stands for a weight: min(max, step · byte + min), rounded once by a fused multiply-add.
struct ByteScale {
  float min = 0;
  float max = 0;
  float step = 0;
};

// The score of a row that no posting has touched. Sums that start from it never give it back (see add_postings), so
// that a touched row is known by its score even where that is 0.
inline constexpr double kUntouched = -0.0;

// What: the inner loops of the engine, one table per CPU level. No alignment is required; n may be 0.
// Codes lie in [-127, 127]; -128 is not a code (its absolute value does not fit, see the AVX2 product). Integer
// results are exact and equal at every level for n <= 65536; float results differ between levels by rounding only.
// Threads: pure functions.
struct KernelTable {
  std::string_view name;

  float (*dot)(const float* a, const float* b, size_t n);
  float (*l2_squared)(const float* a, const float* b, size_t n);
  float (*l1)(const float* a, const float* b, size_t n);
  // out = in / |in|; a vector of length zero is copied. Returns |in|. `in` may be `out`.
  float (*normalize)(const float* in, float* out, size_t n);

  int32_t (*code_dot)(const int8_t* a, const int8_t* b, size_t n);
  int32_t (*code_l1)(const int8_t* a, const int8_t* b, size_t n);
  // out[i] = code_dot / code_l1 of `query` with row i of the batch. Rows are prefetched ahead of their use.
  CodeBatchKernel code_dot_batch;
  CodeBatchKernel code_l1_batch;

  // out[q · batch.count + i] = code_dot / code_l1 of queries[q] with row i of the batch, for `count` queries of the
  // batch's length.
  void (*code_dot_queries)(const int8_t* const* queries, size_t count, const CodeBatch& batch, int32_t* out);
  void (*code_l1_queries)(const int8_t* const* queries, size_t count, const CodeBatch& batch, int32_t* out);

  // out[i] = product of `query` with row i of the batch, of packed codes of 1, 2 or 4 bits.
  CodeBatchKernel packed1_dot_batch;
  CodeBatchKernel packed2_dot_batch;
  CodeBatchKernel packed4_dot_batch;

  // best[i] = the largest of best[i] and the similarities of query row i to the `count` stored rows [count, dim]:
  // product, −d², −|d|₁. A similarity that is not a number does not count. `best` is [groups · kQueryLanes].
  void (*max_dot)(const QueryGroups& query, const float* rows, size_t count, float* best);
  void (*max_l2)(const QueryGroups& query, const float* rows, size_t count, float* best);
  void (*max_l1)(const QueryGroups& query, const float* rows, size_t count, float* best);

  // scores[row - first_row] += query_weight · weight of the row, for all of the batch. A product -0 counts as +0.
  // The product of two f32 is exact in f64, and sums are made in order: equal at every level.
  void (*add_postings)(const PostingBatch& batch, float query_weight, double* scores);
  // Writes every i < n whose score is touched and not <= floor to `out` [n], ascending; returns how many.
  size_t (*select_above)(const double* scores, size_t n, double floor, uint32_t* out);
  // The dot product of a few elements with those of a longer vector, summed in f64; nothing when no index is in both.
  // Costs as much as |few| · |row| comparisons of indices, many at once.
  std::optional<double> (*sparse_dot)(const SparseRow& few, const SparseRow& row);
  // Upper bounds of scores, in units: sums[i] grows by bytes[i] · factor / 256, rounded down, and stops at 65535.
  void (*add_bytes)(const uint8_t* bytes, size_t n, uint16_t factor, uint16_t* sums);
  // sums[row - first_row] grows by 1 + max(0, factor · weight of the row), rounded down, and stops at 65535.
  // Precondition: no product is above 65535.
  void (*add_ceilings)(const PostingBatch& batch, double factor, uint16_t* sums);
  // Writes every i < n with sums[i] >= least to `out` [n], ascending; returns how many.
  size_t (*select_at_least)(const uint16_t* sums, size_t n, uint16_t least, uint32_t* out);
  // Writes first + i for every i < n whose value is in the set to `out` [n], ascending; returns how many.
  size_t (*select_members)(const uint32_t* values, size_t n, const BitSet& set, uint32_t first, uint32_t* out);
  // Stored weights (IEEE half precision, bytes) as floats; equal at every level.
  void (*expand_halves)(const uint16_t* halves, float* out, size_t n);
  void (*expand_bytes)(const uint8_t* bytes, const ByteScale& scale, float* out, size_t n);
};

// The table of this process: the best level of the CPU, or the one that the environment variable SEXTANT_KERNELS
// names (scalar, avx2, avx512, avx512vnni, neon; ignored when the CPU lacks it). `avx512` stands for the better of its
// two levels. Chosen on the first call.
const KernelTable& Kernels();

// Every level that this CPU can run, scalar first, best last.
std::vector<const KernelTable*> SupportedKernels();

// The table that `override_name` names among `supported` (best last); the best one when it names none of them.
const KernelTable* ChooseKernels(const std::vector<const KernelTable*>& supported, std::string_view override_name);

}  // namespace sextant::kernels
