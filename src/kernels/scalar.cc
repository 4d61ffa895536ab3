// The reference level: plain loops that every other level is tested against.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "kernels/levels.h"

namespace sextant::kernels {
namespace {

// Eight partial sums: a single one would lose digits in long vectors.
template <typename Term>
float Sum(size_t n, Term term) {
  float partial[8] = {};
  for (size_t i = 0; i < n; ++i) partial[i % 8] += term(i);
  float sum = 0;
  for (float p : partial) sum += p;
  return sum;
}

float Dot(const float* a, const float* b, size_t n) {
  return Sum(n, [=](size_t i) { return a[i] * b[i]; });
}

float L2Squared(const float* a, const float* b, size_t n) {
  return Sum(n, [=](size_t i) { return (a[i] - b[i]) * (a[i] - b[i]); });
}

float L1(const float* a, const float* b, size_t n) {
  return Sum(n, [=](size_t i) { return std::fabs(a[i] - b[i]); });
}

float Normalize(const float* in, float* out, size_t n) {
  const float length = std::sqrt(Dot(in, in, n));
  const float divisor = length > 0 ? length : 1;
  for (size_t i = 0; i < n; ++i) out[i] = in[i] / divisor;
  return length;
}

enum class Metric { kDot, kL2, kL1 };

template <Metric kMetric>
float Term(float query, float row) {
  if constexpr (kMetric == Metric::kDot) return query * row;
  if constexpr (kMetric == Metric::kL2) return -((query - row) * (query - row));
  return -std::fabs(query - row);
}

template <Metric kMetric>
void MaxOfGroup(const float* group, size_t dim, const float* row, float* best) {
  float totals[kQueryLanes] = {};
  for (size_t first = 0; first < dim; first += kDimsPerSum) {
    float sums[kQueryLanes] = {};
    for (size_t d = first; d < std::min(dim, first + kDimsPerSum); ++d)
      for (size_t lane = 0; lane < kQueryLanes; ++lane)
        sums[lane] += Term<kMetric>(group[d * kQueryLanes + lane], row[d]);
    for (size_t lane = 0; lane < kQueryLanes; ++lane) totals[lane] += sums[lane];
  }
  for (size_t lane = 0; lane < kQueryLanes; ++lane) best[lane] = totals[lane] > best[lane] ? totals[lane] : best[lane];
}

template <Metric kMetric>
void Max(const QueryGroups& query, const float* rows, size_t count, float* best) {
  for (size_t row = 0; row < count; ++row)
    for (size_t g = 0; g < query.groups; ++g)
      MaxOfGroup<kMetric>(query.values + g * query.dim * kQueryLanes, query.dim, rows + row * query.dim,
                          best + g * kQueryLanes);
}

int32_t CodeDot(const int8_t* a, const int8_t* b, size_t n) {
  int32_t sum = 0;
  for (size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

int32_t CodeL1(const int8_t* a, const int8_t* b, size_t n) {
  int32_t sum = 0;
  for (size_t i = 0; i < n; ++i) sum += std::abs(a[i] - b[i]);
  return sum;
}

void CodeDotBatch(const int8_t* query, const CodeBatch& batch, int32_t* out) {
  for (size_t i = 0; i < batch.count; ++i)
    out[i] = CodeDot(query, batch.base + batch.ids[i] * batch.stride, batch.length);
}

void CodeL1Batch(const int8_t* query, const CodeBatch& batch, int32_t* out) {
  for (size_t i = 0; i < batch.count; ++i)
    out[i] = CodeL1(query, batch.base + batch.ids[i] * batch.stride, batch.length);
}

template <unsigned kBits>
void PackedDotBatch(const int8_t* query, const CodeBatch& batch, int32_t* out) {
  constexpr unsigned kMask = (1U << kBits) - 1;
  for (size_t i = 0; i < batch.count; ++i) {
    const auto* const row = reinterpret_cast<const uint8_t*>(batch.base + batch.ids[i] * batch.stride);
    int32_t sum = 0;
    for (unsigned plane = 0; plane < 8 / kBits; ++plane)
      for (size_t j = 0; j < batch.length; ++j)
        sum += query[plane * batch.length + j] * static_cast<int32_t>(row[j] >> plane * kBits & kMask);
    out[i] = sum;
  }
}

// An exact conversion: every half is a float.
float HalfToFloat(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t exponent = half >> 10 & 0x1F;
  const uint32_t fraction = half & 0x3FF;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign == 0 ? magnitude : -magnitude;
  }
  const uint32_t bits = sign | (exponent == 31 ? 0xFF : exponent + 112) << 23 | fraction << 13;
  return std::bit_cast<float>(bits);
}

constexpr KernelTable kTable = {.name = "scalar",
                                .dot = Dot,
                                .l2_squared = L2Squared,
                                .l1 = L1,
                                .normalize = Normalize,
                                .code_dot = CodeDot,
                                .code_l1 = CodeL1,
                                .code_dot_batch = CodeDotBatch,
                                .code_l1_batch = CodeL1Batch,
                                .code_dot_queries = OneQueryAtATime<CodeDotBatch>,
                                .code_l1_queries = OneQueryAtATime<CodeL1Batch>,
                                .packed1_dot_batch = PackedDotBatch<1>,
                                .packed2_dot_batch = PackedDotBatch<2>,
                                .packed4_dot_batch = PackedDotBatch<4>,
                                .max_dot = Max<Metric::kDot>,
                                .max_l2 = Max<Metric::kL2>,
                                .max_l1 = Max<Metric::kL1>,
                                .add_postings = ScalarAddPostings,
                                .select_above = ScalarSelectAbove,
                                .sparse_dot = ScalarSparseDot,
                                .add_bytes = ScalarAddBytes,
                                .add_ceilings = ScalarAddCeilings,
                                .select_at_least = ScalarSelectAtLeast,
                                .select_members = ScalarSelectMembers,
                                .expand_halves = ScalarExpandHalves,
                                .expand_bytes = ScalarExpandBytes};

}  // namespace

void ScalarAddPostings(const PostingBatch& batch, float query_weight, double* scores) {
  const double weight = query_weight;
  for (size_t i = 0; i < batch.count; ++i)
    scores[batch.rows[i] - batch.first_row] += weight * static_cast<double>(batch.weights[i]) + 0.0;
}

size_t ScalarSelectAbove(const double* scores, size_t n, double floor, uint32_t* out) {
  constexpr auto kUntouchedBits = std::bit_cast<uint64_t>(kUntouched);
  size_t count = 0;
  for (size_t i = 0; i < n; ++i)
    if (!(scores[i] <= floor) && std::bit_cast<uint64_t>(scores[i]) != kUntouchedBits)
      out[count++] = static_cast<uint32_t>(i);
  return count;
}

size_t ScalarSelectMembers(const uint32_t* values, size_t n, const BitSet& set, uint32_t first, uint32_t* out) {
  size_t count = 0;
  for (size_t i = 0; i < n; ++i) {
    const uint32_t value = values[i];
    // Without a branch on the answer, which would be mispredicted; an entry that stays unused is within `out`.
    out[count] = first + static_cast<uint32_t>(i);
    count += value / 64 < set.word_count ? set.words[value / 64] >> (value % 64) & 1 : 0;
  }
  return count;
}

std::optional<double> ScalarSparseDot(const SparseRow& few, const SparseRow& row) {
  double sum = 0;
  bool shared = false;
  for (size_t i = 0; i < few.count; ++i) {
    const uint32_t* const end = row.indices + row.count;
    const uint32_t* const found = std::find(row.indices, end, few.indices[i]);
    if (found == end) continue;
    sum += static_cast<double>(few.values[i]) * static_cast<double>(row.values[found - row.indices]);
    shared = true;
  }
  return shared ? std::optional(sum) : std::nullopt;
}

void ScalarAddBytes(const uint8_t* bytes, size_t n, uint16_t factor, uint16_t* sums) {
  for (size_t i = 0; i < n; ++i) {
    const uint32_t sum = sums[i] + (uint32_t{bytes[i]} * factor >> 8);
    sums[i] = static_cast<uint16_t>(std::min(sum, kMostUnits));
  }
}

void ScalarAddCeilings(const PostingBatch& batch, double factor, uint16_t* sums) {
  for (size_t i = 0; i < batch.count; ++i) {
    uint16_t& sum = sums[batch.rows[i] - batch.first_row];
    const double units = std::max(0.0, factor * static_cast<double>(batch.weights[i]));
    sum = static_cast<uint16_t>(std::min(sum + 1 + static_cast<uint32_t>(units), kMostUnits));
  }
}

size_t ScalarSelectAtLeast(const uint16_t* sums, size_t n, uint16_t least, uint32_t* out) {
  size_t count = 0;
  for (size_t i = 0; i < n; ++i)
    if (sums[i] >= least) out[count++] = static_cast<uint32_t>(i);
  return count;
}

void ScalarExpandHalves(const uint16_t* halves, float* out, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = HalfToFloat(halves[i]);
}

void ScalarExpandBytes(const uint8_t* bytes, const ByteScale& scale, float* out, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const float weight = std::fma(scale.step, static_cast<float>(bytes[i]), scale.min);
    out[i] = weight < scale.max ? weight : scale.max;
  }
}

const KernelTable* ScalarKernels() {
  return &kTable;
}

}  // namespace sextant::kernels
