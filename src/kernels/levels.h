#pragma once

#include "kernels/kernels.h"

// The tables of the single levels; each returns nullptr when the CPU (or the architecture of this build) lacks it.
namespace sextant::kernels {

// Batches prefetch at most this much of a row by software; the hardware follows longer rows by itself.
inline constexpr size_t kPrefetchBytes = 768;

// Maxima of multivectors add up so many dimensions before they go to the total: a single sum would lose digits.
inline constexpr size_t kDimsPerSum = 512;

// Many queries by one batch after the other, where more at once would gain nothing.
template <auto kBatch>
void OneQueryAtATime(const int8_t* const* queries, size_t count, const CodeBatch& batch, int32_t* out) {
  for (size_t q = 0; q < count; ++q) kBatch(queries[q], batch, out + q * batch.count);
}

// Where sums of units stop.
inline constexpr uint32_t kMostUnits = 65535;

// The sparse loops of the scalar level, for levels that have none of their own.
void ScalarAddPostings(const PostingBatch& batch, float query_weight, double* scores);
size_t ScalarSelectMembers(const uint32_t* values, size_t n, const BitSet& set, uint32_t first, uint32_t* out);
size_t ScalarSelectAbove(const double* scores, size_t n, double floor, uint32_t* out);
std::optional<double> ScalarSparseDot(const SparseRow& few, const SparseRow& row);
void ScalarAddBytes(const uint8_t* bytes, size_t n, uint16_t factor, uint16_t* sums);
void ScalarAddCeilings(const PostingBatch& batch, double factor, uint16_t* sums);
size_t ScalarSelectAtLeast(const uint16_t* sums, size_t n, uint16_t least, uint32_t* out);
void ScalarExpandHalves(const uint16_t* halves, float* out, size_t n);
void ScalarExpandBytes(const uint8_t* bytes, const ByteScale& scale, float* out, size_t n);

const KernelTable* ScalarKernels();
const KernelTable* Avx2Kernels();
const KernelTable* Avx512Kernels();
const KernelTable* Avx512VnniKernels();
const KernelTable* NeonKernels();

}  // namespace sextant::kernels
